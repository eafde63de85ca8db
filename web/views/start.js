// The way in: the contact sheet with its empty frame, dropping, pasting, choosing, and what loads meanwhile.
import { photoAmong, pickPhoto } from '../photo-file.js';
import * as words from '../words.js';
import { byId, make, paintBitmap } from './dom.js';

/** Around the drop; style.css has the sheet's size. */
const frames = 42;

/**
 * @typedef {object} Ways
 * @property {(file: File, files: number) => void} photo
 * @property {(code: string) => void} notAPhoto
 * @property {(sample: {file: () => Promise<File>}) => void} sample  one of the host's photos
 */

export class StartView {
  #frames = byId('frames', HTMLDivElement);
  #loadText = byId('load-text', HTMLParagraphElement);
  #progress = byId('load-progress', HTMLProgressElement);
  #load = byId('load', HTMLDivElement);
  #input = byId('file-input', HTMLInputElement);
  #invitation = matchMedia('(hover: none)').matches ? words.invitation.touch : words.invitation.drop;
  #samples = byId('samples-list', HTMLDivElement);
  /** @type {HTMLImageElement | null} */
  #cover = null;
  #ways;

  /** @param {Ways} ways */
  constructor(ways) {
    this.#ways = ways;
    this.#frames.append(...Array.from({ length: frames }, () => make('div', { class: 'frame', 'aria-hidden': 'true' })));
    byId('choose', HTMLButtonElement).addEventListener('click', () => this.choose());
    for (const input of [this.#input, byId('capture-input', HTMLInputElement)]) input.addEventListener('change', () => this.#empty(input));
    this.#listenToDrops();
    document.addEventListener('paste', (event) => {
      const { file, files } = photoAmong(event.clipboardData);
      if (files) this.#take(file, files);
    });
  }

  /** What was chosen before this script ran. */
  begin() {
    this.#empty(this.#input);
  }

  choose() {
    this.#input.click();
  }

  /** The picture is taken by the phone's own camera program where the page may not use the camera. */
  capture() {
    byId('capture-input', HTMLInputElement).click();
  }

  /** @param {import('../types.js').State} state */
  draw({ engine, loading, phase }) {
    this.#load.hidden = engine !== 'loading';
    byId('samples', HTMLDivElement).hidden = engine !== 'ready' || !this.#samples.children.length;
    this.#loadText.textContent = words.loading(loading);
    if (loading.total) {
      this.#progress.max = Math.max(loading.total, loading.loaded);
      this.#progress.value = loading.loaded;
    }
    byId('drop-invitation', HTMLParagraphElement).textContent =
      engine === 'failed' ? words.invitation.failed : phase === 'none' ? this.#invitation : words.invitation.again;
  }

  /** @param {import('../gallery.js').Gallery} gallery */
  galleryKnown(gallery) {
    const { people, photos } = gallery.manifest;
    byId('lead', HTMLParagraphElement).replaceChildren(...words.lead(photos).map((part) => part ?? make('cite', {}, gallery.title)));
    byId('gallery-title', HTMLParagraphElement).textContent = gallery.title;
    byId('edge-title', HTMLSpanElement).textContent = gallery.title;
    byId('edge-count', HTMLSpanElement).textContent =
      people === photos ? words.plural(photos, 'portrait') : `${words.plural(photos, 'portrait')} of ${words.plural(people, 'person', 'people')}`;
    this.#samples.replaceChildren(...gallery.samples.map((sample, i) => {
      const button = make('button', { type: 'button' }, words.sample(i + 1));
      button.addEventListener('click', () => this.#ways.sample(sample));
      return button;
    }));
    this.#showCover(gallery).catch(() => {}); // without it the page works as well
  }

  /** Over the frames, whose size does not depend on it. @param {import('../gallery.js').Gallery} gallery */
  async #showCover({ cover }) {
    this.#cover?.remove();
    if (!cover) return;
    const { width, height } = cover;
    const image = make('img', { class: 'cover', alt: words.cover, width: String(width), height: String(height) });
    this.#cover = image;
    image.src = URL.createObjectURL(await cover.file());
    await image.decode().finally(() => URL.revokeObjectURL(image.src));
    if (this.#cover === image) this.#frames.append(image);
  }

  /** The first portraits of the gallery come up in the frames. @param {import('../gallery.js').Gallery} gallery */
  async showPortraits(gallery) {
    const frames = [...this.#frames.querySelectorAll('.frame')];
    const bitmaps = await gallery.firstPortraits(frames.length);
    bitmaps.forEach((bitmap, i) => {
      const canvas = make('canvas');
      paintBitmap(canvas, bitmap);
      bitmap.close();
      frames[i].replaceChildren(canvas);
    });
  }

  /** @param {HTMLInputElement} input */
  #empty(input) {
    this.#take(pickPhoto([...(input.files ?? [])]), input.files?.length ?? 0);
    input.value = '';
  }

  #listenToDrops() {
    const root = document.documentElement;
    let depth = 0;
    const over = (/** @type {boolean} */ is) => root.toggleAttribute('data-dragging', is);
    document.addEventListener('dragenter', () => over(++depth > 0));
    document.addEventListener('dragleave', () => over(--depth > 0));
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      depth = 0;
      over(false);
      const { file, files, link, folder } = photoAmong(event.dataTransfer);
      if (files) this.#take(file, files);
      else if (folder) this.#ways.notAPhoto('FOLDER');
      else if (link) this.#ways.notAPhoto('LINK');
    });
  }

  /** @param {File | null} file @param {number} files */
  #take(file, files) {
    if (!file && !files) return;
    if (!file) this.#ways.notAPhoto('NOT_A_PHOTO');
    else if (!file.size) this.#ways.notAPhoto('EMPTY_FILE');
    else this.#ways.photo(file, files);
  }
}
