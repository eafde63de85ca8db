// The decisions kept in this browser: to look through, to take away as a file, to delete.
import * as words from '../words.js';
import { byId, closable, make } from './dom.js';

export class DecisionList {
  #dialog = byId('decisions', HTMLDialogElement);
  #list = byId('decisions-list', HTMLUListElement);
  #count = byId('decisions-count', HTMLSpanElement);
  #decisions;
  #changed;

  /** @param {import('../decisions.js').Decisions} decisions @param {() => void} changed */
  constructor(decisions, changed) {
    this.#decisions = decisions;
    this.#changed = changed;
    closable(this.#dialog, byId('decisions-close', HTMLButtonElement));
    byId('decisions-open', HTMLButtonElement).addEventListener('click', () => {
      this.draw();
      this.#dialog.showModal();
    });
    byId('decisions-export', HTMLButtonElement).addEventListener('click', () => saveAs(decisions.exported(), 'doppel-decisions.json'));
    byId('decisions-clear', HTMLButtonElement).addEventListener('click', () => {
      decisions.clear();
      changed();
    });
  }

  draw() {
    const all = this.#decisions.all;
    this.#count.hidden = !all.length;
    this.#count.textContent = words.count(all.length);
    byId('decisions-text', HTMLParagraphElement).textContent = all.length ? words.decisions.some : words.decisions.none;
    for (const id of ['decisions-export', 'decisions-clear']) byId(id, HTMLButtonElement).hidden = !all.length;
    this.#list.replaceChildren(...all.map((decision) => this.#item(decision)));
  }

  /** @param {import('../types.js').Decision} decision */
  #item(decision) {
    const remove = make('button', { type: 'button', class: 'plain', 'aria-label': `Delete the decision on ${decision.name}` }, 'Delete');
    remove.addEventListener('click', () => {
      this.#decisions.remove(decision);
      this.#changed();
      byId('decisions-close', HTMLButtonElement).focus();
    });
    return make('li', { 'data-verdict': decision.verdict },
      make('div', {},
        make('strong', {}, decision.name),
        make('span', {}, `${words.verdictSaid[decision.verdict]} · ${decision.photo_name} · ${decision.gallery}`)),
      remove);
  }
}

/** @param {Blob} file @param {string} name */
function saveAs(file, name) {
  const link = make('a', { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
