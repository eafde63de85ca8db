// The way in: the contact sheet with its empty frame, dropping, pasting, choosing, and what loads meanwhile.
import { photoAmong, pickPhoto } from '../photo-file.js';
import * as words from '../words.js';
import { byId, make } from './dom.js';

/**
 * @typedef {object} Ways
 * @property {(file: File, files: number) => void} photo
 * @property {(code: string) => void} notAPhoto
 * @property {(sample: {file: () => Promise<File>}) => void} sample  one of the host's photos
 */

/** @typedef {import('../gallery.js').Gallery['samples'][number]} Sample */

export class StartView {
  #loadText = byId('load-text', HTMLParagraphElement);
  #progress = byId('load-progress', HTMLProgressElement);
  #load = byId('load', HTMLDivElement);
  #input = byId('file-input', HTMLInputElement);
  #invitation = matchMedia('(hover: none)').matches ? words.invitation.touch : words.invitation.drop;
  #samples = byId('samples-list', HTMLDivElement);
  #cover = byId('cover', HTMLDivElement);
  #ways;

  /** @param {Ways} ways */
  constructor(ways) {
    this.#ways = ways;
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
    const { title, publisher, count, lead } = words.start(gallery.manifest);
    byId('lead', HTMLParagraphElement).replaceChildren(...lead.map((part) => part ?? make('cite', {}, title)));
    byId('gallery-title', HTMLParagraphElement).textContent = title;
    byId('edge-title', HTMLParagraphElement).textContent = title;
    byId('edge-publisher', HTMLParagraphElement).textContent = publisher;
    byId('edge-count', HTMLParagraphElement).textContent = count;
    this.#showCover(gallery).catch(() => {}); // without it the page works as well
  }

  /** When everything else is here. @param {import('../gallery.js').Gallery} gallery */
  offerSamples({ samples }) {
    this.#samples.replaceChildren(...samples.map((sample, i) => {
      const button = make('button', { type: 'button', 'aria-label': words.sample(i + 1) }, String(i + 1));
      button.addEventListener('click', () => this.#ways.sample(sample));
      if (sample.thumb) showPicture(button, sample.thumb, '').catch(() => {}); // its number stays
      return button;
    }));
  }

  /** `npm run build` has put it into index.html, so that it is asked for first; what that names is gone where the host has another gallery by now. @param {import('../gallery.js').Gallery} gallery */
  async #showCover({ cover }) {
    const image = this.#cover.querySelector('img');
    if (cover && image?.src === cover.url.href && (await image.decode().then(() => true, () => false))) return;
    this.#cover.replaceChildren();
    this.#cover.dataset.columns = String(cover?.columns ?? '');
    if (!cover) return;
    await showPicture(this.#cover, cover, words.cover);
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

/** In place of what is inside. @param {Element} inside @param {{width: number, height: number, file: () => Promise<Blob>}} picture @param {string} alt */
async function showPicture(inside, { width, height, file }, alt) {
  const image = make('img', { alt, width: String(width), height: String(height), src: URL.createObjectURL(await file()) });
  await image.decode().finally(() => URL.revokeObjectURL(image.src));
  inside.replaceChildren(image);
}
