// Two portraits side by side, cut by the same rule, to look at before deciding.
import * as words from '../words.js';
import { byId, closable, paint, paintBitmap } from './dom.js';
import { showVerdict, verdictButtons } from './match-card.js';

/** @typedef {import('../types.js').Result} Result */
/** @typedef {import('../types.js').Verdict} Verdict */
/** @typedef {import('../types.js').Picture} Picture */

export class CompareDialog {
  #dialog = byId('compare', HTMLDialogElement);
  #blend = byId('compare-blend', HTMLInputElement);
  #verdicts = byId('compare-verdicts', HTMLDivElement);
  /** @type {Result | null} */
  #result = null;
  #ways;

  /** @param {{decide: (result: Result, verdict: Verdict) => void, verdictOn: (result: Result) => Verdict | null}} ways */
  constructor(ways) {
    this.#ways = ways;
    closable(this.#dialog, byId('compare-close', HTMLButtonElement));
    this.#verdicts.append(...verdictButtons());
    this.#verdicts.addEventListener('click', (event) => {
      const verdict = /** @type {Element} */ (event.target).closest('[data-decision]')?.getAttribute('data-decision');
      if (verdict && this.#result) ways.decide(this.#result, /** @type {Verdict} */ (verdict));
      this.draw();
    });
    this.#blend.addEventListener('input', () => this.#lay());
  }

  /** @param {Result} result @param {number} pairs @param {Promise<Picture>} probe @param {Promise<ImageBitmap>} match @param {Promise<Picture>} chip */
  open(result, pairs, probe, match, chip) {
    this.#result = result;
    byId('compare-name', HTMLElement).textContent = result.name;
    byId('compare-place', HTMLParagraphElement).textContent =
      `${words.placeSentence(result.lessAlike, pairs)} Similarity ${words.similarity(result.similarity)}, rank ${result.rank}.`;
    const [left, right, crop] = ['compare-probe', 'compare-match', 'compare-chip'].map((id) => byId(id, HTMLCanvasElement));
    right.setAttribute('aria-label', words.card.portrait(result.name));
    const stillThis = () => this.#result === result;
    probe.then((picture) => stillThis() && paint(left, picture)).catch(() => {});
    match.then((bitmap) => stillThis() && paintBitmap(right, bitmap)).catch(() => {});
    chip.then((picture) => stillThis() && paint(crop, picture)).catch(() => {});
    this.#blend.value = '0';
    this.#lay();
    this.draw();
    this.#dialog.showModal();
  }

  draw() {
    if (this.#result) showVerdict(this.#verdicts, this.#ways.verdictOn(this.#result));
  }

  /** The left portrait moves onto the right one and becomes transparent in between. */
  #lay() {
    const laid = Number(this.#blend.value) / 100;
    this.#dialog.style.setProperty('--laid', String(laid));
    this.#dialog.classList.toggle('laid', laid > 0);
  }
}
