// What is being done with the photo, how far it is, and the way to end it.
import * as words from '../words.js';
import { byId } from './dom.js';

export class WorkView {
  #work = byId('work', HTMLDivElement);
  #text = byId('work-text', HTMLParagraphElement);
  #progress = byId('work-progress', HTMLProgressElement);
  #note = byId('note', HTMLParagraphElement);

  /** @param {() => void} cancel */
  constructor(cancel) {
    byId('cancel', HTMLButtonElement).addEventListener('click', cancel);
  }

  /** @param {import('../types.js').State} state */
  draw({ work, note, photo, phase }) {
    this.#work.hidden = !work;
    if (work) this.#text.textContent = words.working(work);
    if (work?.progress?.total) {
      this.#progress.max = work.progress.total;
      this.#progress.value = work.progress.loaded;
    } else this.#progress.removeAttribute('value');
    this.#note.hidden = !note;
    this.#note.textContent = note;
    byId('probe-more', HTMLParagraphElement).hidden = !photo || Boolean(work) || phase === 'drawing';
  }
}
