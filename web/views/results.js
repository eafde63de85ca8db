// The results and the gallery's notice before them.
import * as words from '../words.js';
import { byId, changes } from './dom.js';
import { MatchCard } from './match-card.js';

/** @typedef {import('../types.js').Result} Result */
/** @typedef {import('../types.js').Verdict} Verdict */

/**
 * @typedef {object} Ways
 * @property {() => void} accept
 * @property {() => void} more
 * @property {(result: Result) => void} compare
 * @property {(result: Result, verdict: Verdict) => void} decide
 * @property {(result: Result) => Verdict | null} verdictOn
 * @property {(rank: number | null) => void} point
 */

export class ResultsView {
  #section = byId('results', HTMLElement);
  #list = byId('matches', HTMLOListElement);
  #notice = byId('notice', HTMLElement);
  #more = byId('more', HTMLButtonElement);
  #resultsChanged = changes();
  #ways;

  /** @param {Ways} ways */
  constructor(ways) {
    this.#ways = ways;
    byId('notice-accept', HTMLButtonElement).addEventListener('click', () => ways.accept());
    this.#more.addEventListener('click', () => ways.more());
    this.#list.addEventListener('compare', (event) => ways.compare(resultOf(event)));
    for (const event of ['pointerover', 'focusin']) this.#list.addEventListener(event, ({ target }) => ways.point(rankAt(target)));
    for (const event of ['pointerleave', 'focusout']) this.#list.addEventListener(event, () => ways.point(null));
    this.#list.addEventListener('decide', (event) => ways.decide(resultOf(event), /** @type {CustomEvent} */ (event).detail));
  }

  /** @param {import('../types.js').State} state @param {import('../gallery.js').Gallery | null} gallery */
  draw({ phase, results, among, hasMore, times }, gallery) {
    const noticeOpens = phase === 'notice' && this.#notice.hidden;
    this.#notice.hidden = phase !== 'notice';
    if (noticeOpens) this.#notice.focus();
    this.#section.hidden = (!results.length && phase !== 'matched') || phase === 'drawing' || phase === 'notice';
    if (!gallery) return;
    if (this.#resultsChanged(results)) {
      const more = results.length > this.#list.children.length && this.#list.children.length > 0;
      this.#fill(results, gallery, among);
      if (results.length && !more) this.#bringIntoView();
    }
    this.#section.dataset.times = JSON.stringify(times);
    this.#more.hidden = !hasMore;
    for (const card of this.#list.querySelectorAll('match-card'))
      if (card instanceof MatchCard && card.result) card.verdict = this.#ways.verdictOn(card.result);
  }

  /** @param {number} index */
  focusCard(index) {
    /** @type {HTMLElement | null | undefined} */ (this.#list.children[index]?.querySelector('.match-actions button'))?.focus();
  }

  /** On a phone the results begin below the window: then the faces and the first result are moved up, nothing else. */
  #bringIntoView() {
    const { top } = this.#section.getBoundingClientRect();
    if (top < 0.55 * window.innerHeight) return;
    const faces = byId('faces', HTMLFieldSetElement);
    (faces.offsetHeight ? faces : this.#section).scrollIntoView({ block: 'start' });
  }

  /** Cards that are there already stay, so that showing more does not move the focus. @param {Result[]} results @param {import('../gallery.js').Gallery} gallery @param {import('../types.js').Among} among */
  #fill(results, gallery, among) {
    const first = results[0];
    byId('results-summary', HTMLParagraphElement).textContent = first ? words.summary(first, gallery, among) : '';
    const there = [...this.#list.children];
    const kept = there.findIndex((item, i) => /** @type {MatchCard} */ (item.firstElementChild).result !== results[i]);
    for (const item of there.slice(kept < 0 ? there.length : kept)) item.remove();
    for (const result of results.slice(this.#list.children.length)) {
      const card = /** @type {MatchCard} */ (document.createElement('match-card'));
      card.show(result, gallery.pairs, gallery.manifest.fields ?? [], gallery.portrait(result.photo));
      const item = document.createElement('li');
      item.append(card);
      this.#list.append(item);
    }
  }
}

/** @param {EventTarget | null} target */
function rankAt(target) {
  const card = /** @type {Element} */ (target).closest('match-card');
  return card instanceof MatchCard && card.result ? card.result.rank : null;
}

/** @param {Event} event @returns {Result} */
function resultOf(event) {
  return /** @type {Result} */ (/** @type {MatchCard} */ (event.target).result);
}
