// The decisions kept in this browser: to look through, to take away as a file, to delete. Deleting can be undone until the
// dialog is closed.
import * as words from '../words.js';
import { byId, closable, make, original } from './dom.js';

/** @typedef {import('../types.js').Decision} Decision */

export class DecisionList {
  #dialog = byId('decisions', HTMLDialogElement);
  #list = byId('decisions-list', HTMLUListElement);
  #count = byId('decisions-count', HTMLSpanElement);
  #clear = byId('decisions-clear', HTMLButtonElement);
  #decisions;
  #changed;
  /** What "Undo" brings back. @type {Decision[]} */
  #deleted = [];
  #gallery = '';
  /** @type {Set<string> | null} */
  #ids = null;

  #ask = make('div', { class: 'buttons', id: 'decisions-ask', role: 'group', hidden: '' });
  #question = make('p');
  #undo = make('p', { id: 'decisions-deleted', hidden: '' });

  /** @param {import('../decisions.js').Decisions} decisions @param {() => void} changed */
  constructor(decisions, changed) {
    this.#decisions = decisions;
    this.#changed = changed;
    closable(this.#dialog, byId('decisions-close', HTMLButtonElement));
    this.#dialog.addEventListener('close', () => this.#settle());
    byId('decisions-open', HTMLButtonElement).addEventListener('click', () => {
      this.draw();
      this.#dialog.showModal();
    });
    byId('decisions-export', HTMLButtonElement).addEventListener('click', () => saveAs(decisions.exported(), 'doppel-decisions.json'));
    this.#clear.addEventListener('click', () => this.#askFirst());
    this.#ask.append(this.#question, this.#button('decisions-sure', words.decisions.sure, () => this.#deleteAll()),
      this.#button('decisions-keep', words.decisions.keep, () => this.#leave()));
    this.#dialog.append(this.#ask, this.#undo);
    decisions.follow(changed);
  }

  draw() {
    const { all, kept } = this.#decisions;
    this.#count.hidden = !all.length;
    this.#count.textContent = words.count(all.length);
    byId('decisions-text', HTMLParagraphElement).textContent = words.decisionsKept(all.length, kept);
    const isAsking = !this.#ask.hidden && all.length > 0;
    this.#ask.hidden = !isAsking;
    this.#question.textContent = words.decisions.ask(all.length);
    for (const button of [byId('decisions-export', HTMLButtonElement), this.#clear]) button.hidden = !all.length || isAsking;
    this.#undo.hidden = !this.#deleted.length;
    this.#list.replaceChildren(...all.map((decision) => this.#item(decision)));
  }

  #askFirst() {
    this.#ask.hidden = false;
    this.draw();
    byId('decisions-keep', HTMLButtonElement).focus();
  }

  #leave() {
    this.#ask.hidden = true;
    this.draw();
    this.#clear.focus();
  }

  #deleteAll() {
    this.#ask.hidden = true;
    this.#offerUndo(this.#decisions.clear());
  }

  /** @param {Decision[]} deleted */
  #offerUndo(deleted) {
    this.#deleted = deleted;
    const undo = this.#button('decisions-undo', words.decisions.undo, () => {
      this.#decisions.restore(this.#deleted);
      this.#deleted = [];
      this.#changed();
      byId('decisions-close', HTMLButtonElement).focus();
    });
    this.#undo.replaceChildren(make('span', { role: 'status' }, words.decisions.deleted(deleted.length)), ' ', undo);
    this.#changed();
    undo.focus();
  }

  /** With the dialog closed nothing is left to undo. */
  #settle() {
    this.#deleted = [];
    this.#ask.hidden = true;
    this.draw();
  }

  /** @param {string} id @param {string} text @param {() => void} act */
  #button(id, text, act) {
    const button = make('button', { type: 'button', id, class: 'plain' }, text);
    button.addEventListener('click', act);
    return button;
  }

  /** What the page has loaded; people who are no longer in it are named as such. @param {string} gallery its identifier @param {Set<string> | null} ids null: not known */
  galleryKnown(gallery, ids) {
    this.#gallery = gallery;
    this.#ids = ids;
    this.draw();
  }

  /** @param {Decision} decision */
  #isGone({ gallery_id: gallery, person_id: person }) {
    return Boolean(this.#ids && gallery && person) && gallery === this.#gallery && !this.#ids?.has(String(person));
  }

  /** @param {Decision} decision */
  #item(decision) {
    const remove = make('button', { type: 'button', class: 'plain', 'aria-label': `Delete the decision on ${decision.name}` }, 'Delete');
    remove.addEventListener('click', () => {
      this.#decisions.remove(decision);
      this.#offerUndo([decision]);
    });
    return make('li', { 'data-verdict': decision.verdict },
      make('div', {},
        make('strong', original(decision.lang), decision.name),
        make('span', {}, `${words.verdictSaid[decision.verdict]} · `, make('bdi', { translate: 'no' }, decision.photo_name), ' · ', make('bdi', {}, decision.gallery), ...(this.#isGone(decision) ? [' · ', make('span', { class: 'decision-gone' }, words.decisions.gone)] : []))),
      remove);
  }
}

/** @param {Blob} file @param {string} name */
function saveAs(file, name) {
  const link = make('a', { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
