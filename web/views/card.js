// The picture to keep: both faces as on the stage, the sentence, the gallery's title. Drawn here when it is asked for; the
// name and the visitor's own face are on it only if ticked.
import * as words from '../words.js';
import { byId, closable, make } from './dom.js';

/** @typedef {import('../types.js').Result} Result */
/** @typedef {{result: Result, among: import('../types.js').Among, gallery: import('../gallery.js').Gallery, probe: HTMLCanvasElement, match: HTMLCanvasElement}} Shown */

const width = 1080;
const heights = { square: 1080, tall: 1350 };
const margin = 64;
const colours = { paper: '#0c0c0d', ink: '#f4f4f1', soft: '#a9a9a4', mark: '#ffd800' };
const family = '"Helvetica Neue", Helvetica, "Liberation Sans", Arial, sans-serif';

export class CardDialog {
  #dialog = byId('card', HTMLDialogElement);
  #canvas = byId('card-canvas', HTMLCanvasElement);
  #face = byId('card-face', HTMLInputElement);
  #name = byId('card-name', HTMLInputElement);
  #said = byId('card-said', HTMLParagraphElement);
  #share = byId('card-share', HTMLButtonElement);
  /** @type {Shown | null} */
  #shown = null;

  constructor() {
    closable(this.#dialog, byId('card-close', HTMLButtonElement));
    this.#dialog.addEventListener('change', () => this.#draw());
    this.#dialog.addEventListener('close', () => this.#forget());
    byId('card-save', HTMLButtonElement).addEventListener('click', () => this.#do(save, words.keepsake.saved));
    byId('card-copy', HTMLButtonElement).addEventListener('click', () => this.#do(copy, words.keepsake.copied));
    this.#share.addEventListener('click', () => this.#do(share, ''));
    this.#share.hidden = !canShare();
  }

  /** Nothing is ticked to begin with. @param {Shown} shown */
  open(shown) {
    this.#shown = shown;
    this.#face.checked = this.#name.checked = false;
    this.#said.textContent = '';
    this.#draw();
    this.#dialog.showModal();
  }

  #forget() {
    this.#shown = null;
    this.#canvas.width = this.#canvas.height = 1;
  }

  /** @param {(coming: Promise<File>) => Promise<unknown>} way @param {string} said */
  async #do(way, said) {
    this.#said.textContent = '';
    try {
      await way(fileOf(this.#canvas));
      this.#said.textContent = said;
    } catch (error) {
      const cancelled = error instanceof DOMException && error.name === 'AbortError';
      this.#said.textContent = cancelled ? '' : words.keepsake.failed;
    }
  }

  #draw() {
    if (!this.#shown) return;
    const shape = this.#dialog.querySelector('[name=card-shape]:checked')?.getAttribute('value') === 'tall' ? 'tall' : 'square';
    const { result, among, gallery, probe, match } = this.#shown;
    this.#canvas.width = width;
    this.#canvas.height = heights[shape];
    const pen = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    pen.fillStyle = colours.paper;
    pen.fillRect(0, 0, width, heights[shape]);
    pen.textBaseline = 'top';
    const faces = this.#face.checked ? [probe, match] : [match];
    const side = drawFaces(pen, faces, shape);
    const said = words.resemblance(result, among, gallery);
    let y = margin + side + 32;
    if (this.#name.checked) y = write(pen, result.name || words.card.nameless, y, { size: 68, weight: 700, lines: shape === 'tall' ? 2 : 1 });
    const size = shape === 'tall' ? 48 : 36;
    write(pen, `${said.chance} ${said.place}`.trim(), y + 8, { size, colour: said.marked ? colours.mark : colours.ink, lines: shape === 'tall' ? 6 : 5 });
    write(pen, words.keepsake.foot(gallery.title), heights[shape] - margin - 34, { size: 30, colour: colours.soft, lines: 1 });
  }
}

/** Both at the same size beside each other, or the portrait alone. @param {CanvasRenderingContext2D} pen @param {HTMLCanvasElement[]} faces @param {'square' | 'tall'} shape @returns {number} the height that they take */
function drawFaces(pen, faces, shape) {
  const gap = 8;
  const room = width - 2 * margin;
  const side = faces.length === 2 ? (room - gap) / 2 : shape === 'tall' ? 760 : 560;
  pen.imageSmoothingQuality = 'high';
  faces.forEach((face, i) => pen.drawImage(face, margin + i * (side + gap), margin, side, side));
  return side;
}

/**
 * Text over several lines; what does not fit ends in an ellipsis.
 * @param {CanvasRenderingContext2D} pen @param {string} text @param {number} y
 * @param {{size: number, weight?: number, colour?: string, lines: number}} style @returns {number} where the next text begins
 */
function write(pen, text, y, { size, weight = 400, colour = colours.ink, lines }) {
  pen.font = `${weight} ${size}px ${family}`;
  pen.fillStyle = colour;
  const fits = (/** @type {string} */ line) => pen.measureText(line).width <= width - 2 * margin;
  const all = [''];
  for (const word of text.split(/\s+/)) {
    const line = `${all.at(-1)} ${word}`.trim();
    if (fits(line)) all[all.length - 1] = line;
    else all.push(word);
  }
  const shown = all.filter(Boolean).slice(0, lines);
  if (all.length > lines || !fits(shown[shown.length - 1])) shown[shown.length - 1] = shortened(shown[shown.length - 1], fits);
  shown.forEach((line, i) => pen.fillText(line, margin, y + i * size * 1.25));
  return y + shown.length * size * 1.25;
}

/** @param {string} line @param {(line: string) => boolean} fits */
function shortened(line, fits) {
  const letters = [...line];
  while (letters.length && !fits(`${letters.join('')}…`)) letters.pop();
  return `${letters.join('')}…`;
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<File>} */
const fileOf = (canvas) =>
  new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(new File([blob], 'doppel.png', { type: 'image/png' })) : reject(new Error('no picture'))), 'image/png'),
  );

/** @param {Promise<File>} coming */
async function save(coming) {
  const picture = await coming;
  const link = make('a', { href: URL.createObjectURL(picture), download: picture.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Safari lets a page write only while it handles the press, so the picture is promised. @param {Promise<File>} coming */
const copy = async (coming) => navigator.clipboard.write([new ClipboardItem({ 'image/png': coming })]);

const canShare = () => Boolean(navigator.canShare?.({ files: [new File([], 'doppel.png', { type: 'image/png' })] }));

/** @param {Promise<File>} coming */
const share = async (coming) => navigator.share({ files: [await coming] });
