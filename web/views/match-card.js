// One result: <match-card>. Draws itself from a Result and says what was pressed through events of its own.
import * as words from '../words.js';
import { make, paintBitmap } from './dom.js';

/** @typedef {import('../types.js').Result} Result */
/** @typedef {import('../types.js').Verdict} Verdict */

export class MatchCard extends HTMLElement {
  /** @type {Result | null} */
  result = null;
  #canvas = make('canvas', { role: 'img' });

  /** @param {Result} result @param {number} pairs @param {import('../types.js').Field[]} fields @param {Promise<ImageBitmap>} portrait */
  show(result, pairs, fields, portrait) {
    this.result = result;
    Object.assign(this.dataset, {
      rank: result.rank,
      person: result.person,
      photo: result.photo,
      similarity: result.similarity,
      lessAlike: result.lessAlike,
    });
    this.#canvas.setAttribute('aria-label', words.card.portrait(result.name));
    portrait.then((bitmap) => paintBitmap(this.#canvas, bitmap)).catch(() => this.classList.add('no-portrait'));
    const place = words.place(result.lessAlike, pairs);
    this.replaceChildren(
      make('p', { class: 'match-rank' }, make('span', { class: 'visually-hidden' }, 'Rank '), String(result.rank)),
      make('button', { type: 'button', class: 'match-portrait', 'data-action': 'compare', tabindex: '-1', 'aria-hidden': 'true' }, this.#canvas),
      make(
        'div',
        { class: 'match-body' },
        make('h3', { class: 'match-name' }, result.name || words.card.nameless),
        fieldList(result, fields),
        make('p', { class: result.lessAlike >= words.remarkable ? 'match-place stands-out' : 'match-place' }, place.before, make('strong', {}, place.figure), place.after),
        make('p', { class: 'match-similarity' }, 'Similarity ', make('span', { class: 'figure' }, words.similarity(result.similarity))),
        make(
          'div',
          { class: 'match-actions' },
          make('button', { type: 'button', 'data-action': 'compare', 'aria-label': words.card.compareWith(result.name) }, words.card.compare),
          make('div', { class: 'verdicts', role: 'group', 'aria-label': words.card.decision(result.name) }, ...verdictButtons()),
        ),
      ),
    );
    this.onclick = (event) => this.#pressed(/** @type {Element} */ (event.target));
  }

  /** @param {Verdict | null} verdict */
  set verdict(verdict) {
    showVerdict(this, verdict);
    if (verdict) this.dataset.verdict = verdict;
    else delete this.dataset.verdict;
  }

  /** @param {Element} target */
  #pressed(target) {
    if (target.closest('[data-action=compare]')) this.dispatchEvent(new CustomEvent('compare', { bubbles: true }));
    const verdict = target.closest('[data-decision]')?.getAttribute('data-decision');
    if (verdict) this.dispatchEvent(new CustomEvent('decide', { bubbles: true, detail: verdict }));
  }
}

customElements.define('match-card', MatchCard);

export const verdictButtons = () =>
  Object.entries(words.verdicts).map(([verdict, text]) =>
    make('button', { type: 'button', 'data-decision': verdict, 'aria-pressed': 'false' }, text),
  );

/** @param {Element} within @param {Verdict | null} verdict */
export function showVerdict(within, verdict) {
  for (const button of within.querySelectorAll('[data-decision]'))
    button.setAttribute('aria-pressed', String(button.getAttribute('data-decision') === verdict));
}

/** The roster's own fields; an address becomes a link. @param {Result} result @param {import('../types.js').Field[]} fields */
function fieldList(result, fields) {
  const rows = fields
    .map(({ key, label }) => ({ label, value: result.fields[key] }))
    .filter(({ value }) => value !== undefined && value !== null && value !== '');
  return make('dl', { class: 'match-fields' }, ...rows.map(({ label, value }) => make('div', {}, make('dt', {}, label), make('dd', {}, shown(value)))));
}

/** @param {unknown} value */
function shown(value) {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  if (!/^https?:\/\/\S+$/.test(text)) return text;
  return make('a', { href: text, rel: 'noopener noreferrer', target: '_blank' }, text.replace(/^https?:\/\/(www\.)?/, ''));
}
