// One result in the strip: <match-card>, a button with portrait, rank and name. Pressing it brings the result on the stage.
import * as words from '../words.js';
import { make, original, paintBitmap } from './dom.js';

/** @typedef {import('../types.js').Result} Result */
/** @typedef {import('../types.js').Verdict} Verdict */

export class MatchCard extends HTMLElement {
  /** @type {Result | null} */
  result = null;
  #canvas = make('canvas', { 'aria-hidden': 'true' });
  #button = make('button', { type: 'button', class: 'match-show', 'data-action': 'show' });

  /** @param {Result} result @param {Promise<ImageBitmap>} portrait */
  show(result, portrait) {
    this.result = result;
    const { rank, person, photo, similarity, lessAlike, chance, bestShare } = result;
    Object.assign(this.dataset, { rank, person, photo, similarity, lessAlike, chance, bestShare });
    this.showPortrait(portrait);
    this.#button.append(
      make('span', { class: 'match-portrait' }, this.#canvas),
      make('span', { class: 'match-rank' }, make('span', { class: 'visually-hidden' }, 'Rank '), String(rank)),
      make('span', { class: 'match-name', ...original(result.lang) }, result.name || words.card.nameless),
      make('span', { class: 'visually-hidden match-verdict' }),
    );
    this.replaceChildren(this.#button);
  }

  /** @param {Promise<ImageBitmap>} coming */
  async showPortrait(coming) {
    this.classList.remove('no-portrait', 'not-fetched');
    this.classList.add('waiting');
    try {
      paintBitmap(this.#canvas, await coming);
    } catch (error) {
      this.classList.add('no-portrait');
      this.classList.toggle('not-fetched', /** @type {any} */ (error).code === 'NOT_FETCHED');
    }
    this.classList.remove('waiting');
  }

  /** Whether the portrait comes only when the visitor asks for it. */
  get isNotFetched() {
    return this.classList.contains('not-fetched');
  }

  /** @param {Verdict | null} verdict @param {boolean} isShown on the stage */
  mark(verdict, isShown) {
    if (verdict) this.dataset.verdict = verdict;
    else delete this.dataset.verdict;
    this.#button.setAttribute('aria-current', String(isShown));
    /** @type {Element} */ (this.querySelector('.match-verdict')).textContent = verdict ? `, ${words.verdictSaid[verdict]}` : '';
  }

  focus() {
    this.#button.focus();
  }
}

customElements.define('match-card', MatchCard);

/** The roster's own fields; an address becomes a link. @param {Result} result @param {import('../types.js').Field[]} fields */
export function fieldList(result, fields) {
  const rows = fields
    .map(({ key, label }) => ({ label, value: result.fields[key] }))
    .filter(({ value }) => value !== undefined && value !== null && value !== '');
  return make('dl', { class: 'match-fields' }, ...rows.map(({ label, value }) => make('div', {}, make('dt', {}, label), make('dd', original(result.lang), shown(value)))));
}

/** @param {unknown} value */
function shown(value) {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  if (!/^https?:\/\/\S+$/.test(text)) return text;
  return make('a', { href: text, rel: 'noopener noreferrer', target: '_blank' }, text.replace(/^https?:\/\/(www\.)?/, ''));
}
