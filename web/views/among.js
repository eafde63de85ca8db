// Only among some people: the fields that people can be chosen by, each with its values as check boxes. What is chosen
// counts at once; of one field any of the values will do, and people must meet every field.
import * as words from '../words.js';
import { byId, changes, make, original } from './dom.js';

/** @typedef {import('../types.js').Column} Column */
/** @typedef {import('../types.js').Condition} Condition */

/** From so many values on there is a field to find one by. */
const manyValues = 12;

const inOrder = new Intl.Collator('en', { numeric: true });

export class AmongView {
  #panel = byId('among', HTMLDivElement);
  #open = byId('among-open', HTMLButtonElement);
  #clear = byId('among-clear', HTMLButtonElement);
  #text = byId('among-text', HTMLParagraphElement);
  #columnsChanged = changes();
  #conditionsChanged = changes();
  #isOpen = false;
  #ways;

  /** @param {{open: () => void, limit: (conditions: Condition[]) => void}} ways */
  constructor(ways) {
    this.#ways = ways;
    this.#open.addEventListener('click', () => this.#turn(!this.#isOpen));
    this.#clear.addEventListener('click', () => {
      this.#open.focus();
      ways.limit([]);
    });
    this.#panel.addEventListener('change', ({ target }) => {
      if (/** @type {Element} */ (target).matches('[type=checkbox]')) ways.limit(this.#chosen());
    });
    this.#panel.addEventListener('input', ({ target }) => {
      if (/** @type {Element} */ (target).matches('[type=search]')) find(/** @type {HTMLInputElement} */ (target));
    });
  }

  /** @param {import('../types.js').State} state @param {import('../gallery.js').Gallery | null} gallery */
  draw({ among, results, phase }, gallery) {
    if (!gallery) return;
    const { columns, conditions } = among;
    const limited = conditions.length > 0 && phase === 'matched';
    if (this.#columnsChanged(columns)) this.#panel.replaceChildren(...columns.map((column, i) => field(column, i, gallery)));
    if (this.#conditionsChanged(conditions)) this.#tick(conditions);
    this.#open.hidden = !gallery.columns.length;
    this.#panel.hidden = !this.#isOpen || !columns.length;
    this.#clear.hidden = this.#text.hidden = !limited;
    if (limited) this.#text.textContent = results.length ? words.amongWhom(among, gallery.manifest) : words.amongNobody(among, gallery.manifest);
  }

  /** @param {boolean} open */
  #turn(open) {
    this.#isOpen = open;
    this.#open.setAttribute('aria-expanded', String(open));
    this.#panel.hidden = !open || !this.#panel.children.length;
    if (open) this.#ways.open();
  }

  /** @returns {Condition[]} */
  #chosen() {
    return [...this.#panel.querySelectorAll('details')].flatMap((details, column) => {
      const values = [...details.querySelectorAll('input:checked')].map((input) => Number(/** @type {HTMLInputElement} */ (input).value));
      return values.length ? [{ column, values }] : [];
    });
  }

  /** @param {Condition[]} conditions */
  #tick(conditions) {
    for (const [column, details] of this.#panel.querySelectorAll('details').entries()) {
      const values = conditions.find((condition) => condition.column === column)?.values ?? [];
      for (const input of details.querySelectorAll('input')) if (input.type === 'checkbox') input.checked = values.includes(Number(input.value));
      const count = details.querySelector('.among-chosen');
      if (count) count.textContent = values.length ? words.among.chosen(values.length) : '';
    }
  }
}

/** A field's values in their order; those of whom nothing is said come last. @param {Column} column @param {number} index @param {import('../gallery.js').Gallery} gallery */
function field({ key, values }, index, { manifest, lang }) {
  const label = words.labelOf(key, manifest);
  const ordered = values
    .map((value, number) => ({ ...value, number }))
    .sort((a, b) => Number(!a.text) - Number(!b.text) || inOrder.compare(a.text, b.text));
  const list = make('ul', { class: 'among-values', 'aria-label': label }, ...ordered.map(({ text, people, number }) => choice(text, people, number, lang)));
  const finding = values.length > manyValues ? [make('input', { type: 'search', 'aria-label': words.among.find(label), placeholder: words.among.find(label) })] : [];
  const summary = make('summary', {}, label, ' ', make('span', { class: 'among-chosen' }));
  return make('details', { 'data-key': key, ...(index === 0 ? { open: '' } : {}) }, summary, ...finding, list);
}

/** @param {string} text @param {number} people @param {number} number @param {string} lang */
function choice(text, people, number, lang) {
  const input = make('input', { type: 'checkbox', value: String(number) });
  return make('li', {}, make('label', {}, input, make('span', { class: 'among-value', ...original(text && lang) }, text || words.among.unsaid), ' ', make('span', { class: 'among-people' }, words.count(people))));
}

/** @param {HTMLInputElement} search */
function find(search) {
  const wanted = search.value.trim().toLowerCase();
  for (const item of search.parentElement?.querySelectorAll('li') ?? [])
    item.hidden = !item.querySelector('.among-value')?.textContent?.toLowerCase().includes(wanted);
}
