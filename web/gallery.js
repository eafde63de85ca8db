// gallery/gallery.json and what it lists: shards for the engine, names and portraits for the page. A small gallery is
// fetched whole before the first photo, so that nothing is asked afterwards; of a large one a page or sheet at a time.
import { DownloadError, check, download, integrityOf, parse } from './download.js';
import { problems } from './words.js';

/** @typedef {import('./types.js').GalleryManifest} GalleryManifest */
/** @typedef {import('./types.js').GalleryFile} GalleryFile */
/** @typedef {import('./types.js').Person} Person */
/** @typedef {import('./download.js').Tally} Tally */

const folder = new URL('gallery/', document.baseURI);
const smallGallery = 4 * 1024 * 1024;

/** @returns {Promise<Gallery>} */
export async function openGallery() {
  try {
    const bytes = await download(new URL('gallery.json', folder), { name: 'gallery/gallery.json', fresh: true });
    return new Gallery(parse(bytes, 'gallery/gallery.json'), new Blob([bytes]));
  } catch (error) {
    if (error instanceof DownloadError && error.code === 'NOT_SERVED') throw new DownloadError('NO_GALLERY', problems.NO_GALLERY);
    throw error;
  }
}

export class Gallery {
  /** @type {Map<string, Promise<Blob>>} */
  #files = new Map();
  /** @type {Map<string, Promise<Person[]>>} */
  #pages = new Map();

  /** @param {GalleryManifest} manifest @param {Blob} manifestFile */
  constructor(manifest, manifestFile) {
    const { embeddings, people, photos } = manifest.files ?? {};
    if (!Array.isArray(embeddings) || !Array.isArray(people) || !Array.isArray(photos) || !manifest.embedder?.sha256)
      throw new DownloadError('DAMAGED_LIST', `gallery/gallery.json: ${problems.DAMAGED_LIST}`);
    this.manifest = manifest;
    this.manifestFile = manifestFile;
  }

  /** Pairs of different people that stand behind a result's place; 0 where nobody measured. */
  get pairs() {
    return this.manifest.calibration?.impostor?.pairs ?? 0;
  }

  get title() {
    return this.manifest.title || 'Gallery';
  }

  /** Names and portraits, without the shards. */
  get #shown() {
    return [...this.manifest.files.people, ...this.manifest.files.photos];
  }

  get isSmall() {
    return this.#shown.reduce((sum, { bytes }) => sum + bytes, 0) <= smallGallery;
  }

  /** Every file of the gallery with its address, for the copy for offline use. */
  get addresses() {
    const files = [...this.manifest.files.embeddings, ...this.#shown];
    return [
      { url: new URL('gallery.json', folder), bytes: this.manifestFile.size },
      ...files.map((file) => ({ url: this.#address(file), bytes: file.bytes })),
    ];
  }

  /** @param {Tally} tally @returns {Promise<Blob[]>} the shards, in order */
  shards(tally) {
    return Promise.all(this.manifest.files.embeddings.map((file) => this.#fetch(file, tally)));
  }

  /** All names and portraits, where the gallery is small. @param {Tally} tally */
  async prefetch(tally) {
    if (this.isSmall) await Promise.all(this.#shown.map((file) => this.#file(file, tally)));
  }

  /** @param {number} index @returns {Promise<Person>} */
  async person(index) {
    const size = this.manifest.people_per_page;
    const file = this.manifest.files.people[Math.floor(index / size)];
    if (!file) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    let page = this.#pages.get(file.path);
    if (!page) {
      page = this.#file(file).then(async (blob) => parse(new Uint8Array(await blob.arrayBuffer()), file.path));
      this.#pages.set(file.path, page);
      page.catch(() => this.#pages.delete(file.path));
    }
    const person = (await page)[index % size];
    if (!person) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    return { name: String(person.name ?? ''), photos: person.photos ?? [], fields: person.fields ?? {} };
  }

  /** One portrait, cut out of its sheet by the browser. @param {number} photo @returns {Promise<ImageBitmap>} */
  async portrait(photo) {
    const { columns, rows, size } = this.manifest.sheet;
    const file = this.manifest.files.photos[Math.floor(photo / (columns * rows))];
    if (!file) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    const cell = photo % (columns * rows);
    const sheet = await this.#file(file);
    return createImageBitmap(sheet, (cell % columns) * size, Math.floor(cell / columns) * size, size, size);
  }

  /** The first portraits as they lie on the sheet, for the contact sheet. @param {number} most @returns {Promise<ImageBitmap[]>} */
  async firstPortraits(most) {
    if (!this.isSmall) return [];
    const { columns, rows, size } = this.manifest.sheet;
    const shown = Math.min(most, this.manifest.photos, columns * rows);
    if (!shown) return [];
    const sheet = await createImageBitmap(await this.#file(this.manifest.files.photos[0]));
    const cells = Array.from({ length: shown }, (_, i) =>
      createImageBitmap(sheet, (i % columns) * size, Math.floor(i / columns) * size, size, size),
    );
    return Promise.all(cells).finally(() => sheet.close());
  }

  /** @param {GalleryFile} file @param {Tally} [tally] @returns {Promise<Blob>} fetched once, then kept */
  #file(file, tally) {
    let kept = this.#files.get(file.path);
    if (!kept) {
      kept = this.#fetch(file, tally);
      this.#files.set(file.path, kept);
      kept.catch(() => this.#files.delete(file.path));
    }
    return kept;
  }

  /** @param {GalleryFile} file @param {Tally} [tally] */
  async #fetch(file, tally) {
    tally?.expect(file.bytes);
    const bytes = await download(this.#address(file), { name: file.path, tally, integrity: integrityOf(file.sha256) });
    await check(bytes, file.sha256, file.path);
    return new Blob([bytes], { type: file.path.endsWith('.jpg') ? 'image/jpeg' : '' });
  }

  /** Only what lies inside the gallery's folder. @param {GalleryFile} file */
  #address(file) {
    const url = new URL(file.path, folder);
    if (!url.href.startsWith(folder.href)) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    return url;
  }
}
