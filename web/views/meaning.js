// What the number means: how alike different people of this gallery are, as a small chart, with the results marked.
// Counts pairs from the manifest's calibration; the places of the results themselves come from the engine.
import * as words from '../words.js';
import { byId, changes, clear, make, paint } from './dom.js';

/** @typedef {import('../types.js').GalleryManifest} GalleryManifest */

const columns = 48;

export class MeaningView {
  #section = byId('meaning', HTMLDetailsElement);
  #chip = byId('chip', HTMLCanvasElement);
  #place = byId('meaning-place', HTMLParagraphElement);
  #chart = byId('meaning-chart', HTMLDivElement);
  #text = byId('meaning-text', HTMLElement);
  #changed = changes();
  #faceChanged = changes();
  #chipOf;

  /** @param {() => Promise<import('../types.js').Picture>} chipOf the chosen face's crop */
  constructor(chipOf) {
    this.#chipOf = chipOf;
    this.#section.addEventListener('toggle', () => this.#showChip());
  }

  /** Shows where the result on the stage is. @param {number} shown */
  #point(shown) {
    const marks = [...this.#chart.querySelectorAll('.chart-mark')];
    marks.forEach((mark, i) => mark.classList.toggle('pointed', i === shown));
  }

  /** Only for those who open it: the crop is made when it is looked at. */
  async #showChip() {
    if (!this.#section.open || this.#chip.width > 1) return;
    const picture = await this.#chipOf().catch(() => null);
    if (picture && this.#chip.width === 1) paint(this.#chip, picture);
  }

  /** @param {import('../types.js').State} state @param {import('../gallery.js').Gallery | null} gallery */
  draw({ results, shown, looks }, gallery) {
    this.#section.hidden = !results.length || !gallery;
    const result = results[shown];
    if (!gallery || !result) return;
    if (this.#faceChanged(looks.photos[0])) {
      clear(this.#chip);
      this.#showChip();
    }
    this.#place.textContent = words.behind(result, gallery);
    if (this.#changed(results)) this.#drawAll(results, gallery);
    this.#point(shown);
  }

  /** @param {import('../types.js').Result[]} results @param {import('../gallery.js').Gallery} gallery */
  #drawAll(results, gallery) {
    const calibration = gallery.manifest.calibration;
    this.#chart.hidden = gallery.pairs === 0;
    if (!calibration || gallery.pairs === 0) {
      this.#text.textContent = words.meaning.none;
      return;
    }
    const histogram = readHistogram(calibration, results.map(({ similarity }) => similarity));
    this.#chart.replaceChildren(...drawChart(histogram, results));
    const sentences = [
      words.meaning.chart(gallery.pairs, `${words.similarity(histogram.from5)} and ${words.similarity(histogram.to95)}`),
      words.meaning.mark,
    ];
    if (gallery.pairs < 2000) sentences.push(words.meaning.few(gallery.pairs));
    this.#text.textContent = sentences.join(' ');
  }
}

/** @param {NonNullable<GalleryManifest['calibration']>} calibration @param {number[]} marks */
function readHistogram({ bins, range, impostor }, marks) {
  const [low, high] = range;
  const step = (high - low) / bins;
  const cosine = (/** @type {number} */ i) => low + (impostor.first + i) * step;
  const total = impostor.counts.reduce((sum, count) => sum + count, 0);
  const quantile = (/** @type {number} */ share) => {
    let seen = 0;
    return cosine(impostor.counts.findIndex((count) => (seen += count) >= share * total) + 0.5);
  };
  const left = Math.min(quantile(0.002), ...marks);
  const right = Math.max(cosine(impostor.counts.length), ...marks);
  const margin = Math.max((right - left) * 0.04, 2 * step);
  const from = Math.max(low, left - margin);
  const to = Math.min(high, right + margin);
  const heights = new Array(columns).fill(0);
  impostor.counts.forEach((count, i) => {
    const column = Math.floor(((cosine(i + 0.5) - from) / (to - from)) * columns);
    if (column >= 0 && column < columns) heights[column] += count;
  });
  return { heights, from, to, from5: quantile(0.05), to95: quantile(0.95) };
}

/** @param {ReturnType<typeof readHistogram>} histogram @param {import('../types.js').Result[]} results */
function drawChart({ heights, from, to }, results) {
  const tallest = Math.max(1, ...heights);
  const bars = svg('svg', { viewBox: `0 0 ${columns} 100`, preserveAspectRatio: 'none', role: 'img', 'aria-labelledby': 'meaning-text', class: 'bars' });
  heights.forEach((count, i) => {
    const height = (100 * count) / tallest;
    if (count) bars.append(svg('rect', { x: String(i + 0.08), width: '0.84', y: String(100 - height), height: String(height) }));
  });
  const share = (/** @type {number} */ similarity) => `${(100 * (similarity - from)) / (to - from)}%`;
  const marks = results.map(({ similarity, rank }) => {
    const mark = make('span', { class: 'chart-mark', 'data-rank': String(rank), 'aria-hidden': 'true' });
    mark.classList.toggle('leftmost', similarity - from < 0.25 * (to - from));
    mark.style.left = share(similarity);
    mark.append(make('span', { class: 'chart-flag' }, words.similarity(similarity)));
    return mark;
  });
  const plot = make('div', { class: 'chart-plot' }, bars, ...marks);
  const axis = make('div', { class: 'chart-axis', 'aria-hidden': 'true' },
    make('span', {}, words.similarity(from)), make('span', {}, words.meaning.axis), make('span', {}, words.similarity(to)));
  return [plot, axis];
}

/** @param {string} tag @param {Record<string, string>} attributes */
function svg(tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
