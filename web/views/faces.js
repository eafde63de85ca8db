// The faces found, as radio buttons with their portraits.
import * as words from '../words.js';
import { byId, changes, make, paint } from './dom.js';

export class FacesView {
  #set = byId('faces', HTMLFieldSetElement);
  #list = byId('faces-list', HTMLDivElement);
  #legend = byId('faces-legend', HTMLElement);
  #facesChanged = changes();
  #portraitsChanged = changes();
  #bestsChanged = changes();
  #chosenChanged = changes();

  /** @param {(face: number) => void} choose */
  constructor(choose) {
    this.#list.addEventListener('change', (event) => choose(Number(/** @type {HTMLInputElement} */ (event.target).value)));
  }

  /** @param {import('../types.js').State} state */
  draw({ photo, faces, found, portraits, bests, chosen, phase }) {
    this.#set.hidden = !photo || !faces.length || phase === 'drawing';
    if (!photo) return;
    if (this.#facesChanged(faces)) this.#list.replaceChildren(...faces.map((face, i) => choice(face, i, faces.length, photo)));
    if (this.#portraitsChanged(portraits, faces))
      portraits.forEach((portrait, i) => {
        const canvas = this.#list.children[i]?.querySelector('canvas');
        if (portrait && canvas) paint(canvas, portrait);
      });
    if (this.#bestsChanged(bests, faces))
      faces.forEach((_, i) => {
        const line = this.#list.children[i]?.querySelector('.face-best');
        if (line) tellBest(line, bests[i]);
      });
    this.#set.dataset.count = String(faces.length);
    this.#legend.textContent = legend(faces.length, found, chosen);
    for (const input of this.#list.querySelectorAll('input')) input.checked = input.value === String(chosen);
    if (this.#chosenChanged(chosen, phase) && chosen >= 0) this.#show(chosen);
  }

  /** On a phone the faces are a strip: it scrolls, the page does not. @param {number} face */
  #show(face) {
    const item = /** @type {HTMLElement | undefined} */ (this.#list.children[face]);
    if (item) this.#list.scrollTo({ left: item.offsetLeft - (this.#list.clientWidth - item.offsetWidth) / 2 });
  }

  /** For the keyboard: the list is where one goes on. */
  focus() {
    this.#list.querySelector('input')?.focus({ preventScroll: true });
  }
}

/** @param {number} faces @param {number} found @param {number} chosen */
function legend(faces, found, chosen) {
  if (faces === 1) return words.status.oneFace;
  return chosen < 0 ? words.status.faces(faces, found) : words.status.comparing(chosen, faces, found);
}

/** @param {import('../types.js').Face} face @param {number} i @param {number} total @param {import('../types.js').Photo} photo */
function choice(face, i, total, photo) {
  const label = words.faceLabel(i, total, words.whereabouts(face.box, photo.width, photo.height));
  const said = face.byHand ? `${label}, drawn by hand` : label;
  const input = make('input', { type: 'radio', name: 'face', value: String(i), id: `face-${i}`, 'aria-label': said, 'aria-describedby': `face-best-${i}` });
  const portrait = make('label', { for: `face-${i}` }, make('canvas', { 'aria-hidden': 'true' }), make('span', { 'aria-hidden': 'true' }, String(i + 1)));
  return make('div', { class: 'face-choice' }, input, portrait, make('p', { class: 'face-best', id: `face-best-${i}` }));
}

/** Who is most alike, where that has been looked for. @param {Element} line @param {import('../types.js').Best | null | undefined} best */
function tellBest(line, best) {
  if (!best) return line.replaceChildren();
  const { before, name, after } = words.best(best);
  line.replaceChildren(make('span', {}, `${before} `), make('strong', {}, name), make('span', {}, ` ${after}`));
}
