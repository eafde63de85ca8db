// The photos that stand for the person searched for, where there are several: as chips that can be taken away; and, of a
// photo just added with several faces, the question which of them is meant.
import { pickPhoto } from '../photo-file.js';
import { mostPhotos } from '../comparison.js';
import * as words from '../words.js';
import { byId, changes, make, paint } from './dom.js';

/** @typedef {import('../types.js').Picture} Picture */

/**
 * @typedef {object} Ways
 * @property {(file: File) => void} add
 * @property {(choice: number | null) => void} use
 * @property {(index: number) => void} remove
 * @property {(code: string) => void} notAPhoto
 */

export class LooksView {
  #photos = byId('looks-photos', HTMLUListElement);
  #text = byId('looks-text', HTMLParagraphElement);
  #add = byId('looks-add', HTMLButtonElement);
  #choices = byId('looks-choices', HTMLDivElement);
  #photosChanged = changes();
  #choicesChanged = changes();

  /** @param {Ways} ways */
  constructor(ways) {
    const input = byId('looks-input', HTMLInputElement);
    this.#add.addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const file = pickPhoto([...(input.files ?? [])]);
      if (file?.size) ways.add(file);
      else if (input.files?.length) ways.notAPhoto(file ? 'EMPTY_FILE' : 'NOT_A_PHOTO');
      input.value = '';
    });
    this.#photos.addEventListener('click', ({ target }) => {
      const index = /** @type {Element} */ (target).closest('[data-remove]')?.getAttribute('data-remove');
      if (!index) return;
      this.#add.focus();
      ways.remove(Number(index));
    });
    byId('looks-faces', HTMLDivElement).addEventListener('click', ({ target }) => {
      const choice = /** @type {Element} */ (target).closest('[data-choice]')?.getAttribute('data-choice');
      if (choice) this.#answer(() => ways.use(Number(choice)));
    });
    byId('looks-none', HTMLButtonElement).addEventListener('click', () => this.#answer(() => ways.use(null)));
  }

  /** @param {import('../types.js').State} state */
  draw({ looks: { photos, strangers, choices, adding }, photo, portraits, chosen, results }) {
    const several = photos.length > 1;
    this.#photos.hidden = !several;
    this.#text.hidden = !several;
    this.#text.textContent = [words.looks.averaged(photos.length), ...(strangers ? [words.looks.strangers] : [])].join(' ');
    this.#text.classList.toggle('strangers', strangers);
    this.#add.hidden = photos.length >= mostPhotos || !results.length;
    if (this.#photosChanged(photos, portraits[chosen]))
      this.#photos.replaceChildren(
        ...(several ? photos : []).map(({ name, portrait }, i) => chip(i, name || (photo?.name ?? ''), portrait ?? portraits[chosen])),
      );
    this.#choices.hidden = choices.length < 2;
    if (this.#choicesChanged(choices) && choices.length > 1) this.#ask(choices, adding);
  }

  /** @param {import('../types.js').FaceSeen[]} choices @param {string} name */
  #ask(choices, name) {
    const question = byId('looks-question', HTMLParagraphElement);
    question.textContent = words.looks.choose(name, choices.length);
    byId('looks-faces', HTMLDivElement).replaceChildren(
      ...choices.map(({ portrait }, i) => {
        const label = words.looks.choice(i, choices.length);
        return make('button', { type: 'button', 'data-choice': String(i), 'aria-label': label }, painted(portrait));
      }),
    );
    question.focus();
  }

  /** What was pressed goes away, so the focus goes on. @param {() => void} answer */
  #answer(answer) {
    this.#add.focus();
    answer();
  }
}

/** @param {number} index @param {string} name @param {Picture | null} portrait */
function chip(index, name, portrait) {
  const remove = make('button', { type: 'button', 'data-remove': String(index), 'aria-label': words.looks.remove(index, name) }, '×');
  return make('li', { title: name }, painted(portrait), make('span', { class: 'visually-hidden' }, words.looks.added(index, name)), remove);
}

/** @param {Picture | null} picture */
function painted(picture) {
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  if (picture) paint(canvas, picture);
  return canvas;
}
