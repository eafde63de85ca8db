// The strip of results under the stage, and the gallery's notice before them.
import * as words from '../words.js';
import { byId, changes, make } from './dom.js';
import { MatchCard } from './match-card.js';

/** @typedef {import('../types.js').Result} Result */
/** @typedef {import('../types.js').Verdict} Verdict */

/**
 * @typedef {object} Ways
 * @property {() => void} accept
 * @property {() => void} more
 * @property {() => void} faces  the visitor asks for the faces of all results
 * @property {(index: number) => void} show
 * @property {(result: Result) => Verdict | null} verdictOn
 */

export class ResultsView {
  #section = byId('results', HTMLElement);
  #list = byId('matches', HTMLOListElement);
  #notice = byId('notice', HTMLElement);
  #more = byId('more', HTMLButtonElement);
  #others = byId('others', HTMLDivElement);
  #resultsChanged = changes();
  #shownChanged = changes();
  #ways;

  /** @param {Ways} ways */
  constructor(ways) {
    this.#ways = ways;
    byId('notice-accept', HTMLButtonElement).addEventListener('click', () => ways.accept());
    this.#more.addEventListener('click', () => ways.more());
    byId('others-show', HTMLButtonElement).addEventListener('click', () => ways.faces());
    this.#list.addEventListener('click', ({ target }) => {
      const item = /** @type {Element} */ (target).closest('li');
      if (item) ways.show([...this.#list.children].indexOf(item));
    });
    this.#list.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {import('../types.js').State} state @param {import('../gallery.js').Gallery | null} gallery */
  draw({ phase, results, shown, among, hasMore, times }, gallery) {
    const noticeOpens = phase === 'notice' && this.#notice.hidden;
    this.#notice.hidden = phase !== 'notice';
    if (noticeOpens) this.#notice.focus();
    this.#section.hidden = (!results.length && phase !== 'matched') || phase === 'drawing' || phase === 'notice';
    if (!gallery) return;
    if (this.#resultsChanged(results)) {
      const more = results.length > this.#list.children.length && this.#list.children.length > 0;
      byId('results-summary', HTMLParagraphElement).textContent = results.length ? words.summary(results[0], gallery, among) : '';
      this.#fill(results, gallery);
      if (results.length && !more) this.#bringIntoView();
    }
    this.#section.dataset.times = JSON.stringify(times);
    this.#more.hidden = !hasMore;
    this.#others.hidden = gallery.facesOf(results.map(({ photo }) => photo)) === 'come';
    const cards = this.#cards();
    for (const card of cards) if (card.isNotFetched && card.result) this.#fetchFace(card, card.result, gallery);
    cards.forEach((card, i) => card.result && card.mark(this.#ways.verdictOn(card.result), i === shown));
    if (this.#shownChanged(shown, results) && cards[shown]) this.#scrollTo(cards[shown]);
  }

  /** Where it comes by now: the visitor has asked for it, or another face of the photo has brought its file. @param {MatchCard} card @param {Result} result @param {import('../gallery.js').Gallery} gallery */
  #fetchFace(card, { photo }, gallery) {
    if (gallery.facesOf([photo]) === 'come') card.showPortrait(gallery.portrait(photo));
  }

  /** @param {number} index */
  focusCard(index) {
    this.#cards()[index]?.focus();
  }

  #cards() {
    return /** @type {MatchCard[]} */ ([...this.#list.querySelectorAll('match-card')]);
  }

  /** Along the strip, the arrow keys move the focus and with it what is on the stage. @param {KeyboardEvent} event */
  #key(event) {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const cards = this.#cards();
    const at = cards.findIndex((card) => card.contains(document.activeElement));
    if (!by || at < 0 || !cards[at + by]) return;
    event.preventDefault();
    this.#ways.show(at + by);
    cards[at + by].focus();
  }

  /** The strip scrolls, the page does not. @param {HTMLElement} card */
  #scrollTo(card) {
    const item = /** @type {HTMLElement} */ (card.parentElement);
    this.#list.scrollTo({ left: item.offsetLeft - (this.#list.clientWidth - item.offsetWidth) / 2 });
  }

  /** Where the results begin below the window or have gone out of it above, the faces and the stage come into view. */
  #bringIntoView() {
    const { top } = this.#section.getBoundingClientRect();
    if (top >= 0 && top < 0.55 * window.innerHeight) return;
    const faces = byId('faces', HTMLFieldSetElement);
    (faces.offsetHeight ? faces : this.#section).scrollIntoView({ block: 'start' });
  }

  /** Cards that are there already stay, so that showing more does not move the focus. @param {Result[]} results @param {import('../gallery.js').Gallery} gallery */
  #fill(results, gallery) {
    const there = this.#cards();
    const kept = there.findIndex((card, i) => card.result !== results[i]);
    for (const card of there.slice(kept < 0 ? there.length : kept)) card.parentElement?.remove();
    for (const result of results.slice(this.#list.children.length)) {
      const card = /** @type {MatchCard} */ (document.createElement('match-card'));
      card.show(result, gallery.portrait(result.photo));
      this.#list.append(make('li', {}, card));
    }
  }
}
