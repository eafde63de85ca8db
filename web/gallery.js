// gallery/gallery.json and what it lists: shards for the engine, names and portraits for the page. A small gallery is
// fetched whole before the first photo, so that nothing is asked afterwards; of a large one a page or sheet at a time.
import { DownloadError, download, isMissing, parse } from './download.js';
import { galleryVersion, problems } from './words.js';

/** @typedef {import('./types.js').GalleryManifest} GalleryManifest */
/** @typedef {import('./types.js').GalleryFile} GalleryFile */
/** @typedef {import('./types.js').Person} Person */
/** @typedef {import('./files.js').Files} Files */
/** @typedef {import('./files.js').Listed} Listed */

const folder = new URL('gallery/', document.baseURI);
const smallGallery = 4 * 1024 * 1024;
const knownVersion = 2;

/** @param {Files} files @param {RequestCache} [cache] @returns {Promise<Gallery>} */
export async function openGallery(files, cache = 'no-cache') {
  const bytes = await manifestBytes(cache);
  const manifest = parse(bytes, 'gallery/gallery.json');
  refuseUnknown(manifest);
  return new Gallery(manifest, new Blob([bytes]), files);
}

/** @param {RequestCache} cache */
async function manifestBytes(cache) {
  try {
    return await download(new URL('gallery.json', folder), { name: 'gallery/gallery.json', cache });
  } catch (error) {
    if (isMissing(error)) throw new DownloadError('NO_GALLERY', problems.NO_GALLERY);
    throw error;
  }
}

/** A list of something else, or of a gallery that another version of this page reads. @param {any} manifest */
function refuseUnknown(manifest) {
  const { format, version, files, embedder } = manifest ?? {};
  if (format === 'doppel-gallery' && !(version >= 1 && version <= knownVersion) && Number.isInteger(version))
    throw new DownloadError(version > knownVersion ? 'NEWER_GALLERY' : 'OLDER_GALLERY', galleryVersion(version, knownVersion));
  const listed = [files?.embeddings, files?.people, files?.photos, files?.columns ?? []];
  const isFile = (/** @type {any} */ file) => typeof file?.path === 'string' && /^[0-9a-f]{64}$/.test(file.sha256) && file.bytes >= 0;
  if (format !== 'doppel-gallery' || !embedder?.sha256 || !listed.every((list) => Array.isArray(list) && list.every(isFile)))
    throw new DownloadError('DAMAGED_LIST', `gallery/gallery.json: ${problems.DAMAGED_LIST}`);
}

export class Gallery {
  /** @type {Map<string, Promise<Person[]>>} */
  #pages = new Map();
  #files;
  /** Called where a portrait cannot be had. @type {(error: unknown) => void} */
  onTrouble = () => {};

  /** @param {GalleryManifest} manifest @param {Blob} manifestFile @param {Files} files */
  constructor(manifest, manifestFile, files) {
    this.manifest = manifest;
    this.manifestFile = manifestFile;
    this.#files = files;
    const { embeddings, people, photos, columns = [] } = manifest.files;
    /** For the engine. */
    this.shards = embeddings.map(listed);
    /** Names and portraits. */
    this.shown = [...people, ...photos].map(listed);
    /** Fields of the roster to filter by. */
    this.columns = columns.map(listed);
  }

  /** Pairs of different people that stand behind a result's place; 0 where nobody measured. */
  get pairs() {
    return this.manifest.calibration?.impostor?.pairs ?? 0;
  }

  get title() {
    return this.manifest.title || 'Gallery';
  }

  get isSmall() {
    return this.shown.reduce((sum, { bytes }) => sum + bytes, 0) <= smallGallery;
  }

  /** What has to be here before the first photo. */
  get neededAtOnce() {
    return this.isSmall ? [...this.shards, ...this.shown] : this.shards;
  }

  /** Whether the host has another gallery by now. */
  async isOutdated() {
    const now = await manifestBytes('reload').catch(() => null);
    return now !== null && new TextDecoder().decode(now) !== (await this.manifestFile.text());
  }

  /** @param {number} index @returns {Promise<Person>} */
  async person(index) {
    const size = this.manifest.people_per_page;
    const file = this.manifest.files.people[Math.floor(index / size)];
    if (!file) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    let page = this.#pages.get(file.path);
    if (!page) {
      page = this.#file(listed(file)).then(async (blob) => parse(new Uint8Array(await blob.arrayBuffer()), file.path));
      this.#pages.set(file.path, page);
      page.catch(() => this.#pages.delete(file.path));
    }
    const person = (await page)[index % size];
    if (!person) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    return { id: String(person.id ?? ''), name: String(person.name ?? ''), photos: person.photos ?? [], fields: person.fields ?? {} };
  }

  /** All columns, so that the host does not learn which field was filtered by. @returns {Promise<Blob[]>} */
  columnFiles() {
    return Promise.all(this.columns.map((file) => this.#file(file)));
  }

  /** One portrait, cut out of its sheet by the browser. @param {number} photo @returns {Promise<ImageBitmap>} */
  async portrait(photo) {
    const { columns, rows, size } = this.manifest.sheet;
    const file = this.manifest.files.photos[Math.floor(photo / (columns * rows))];
    if (!file) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    const cell = photo % (columns * rows);
    const sheet = await this.#file(listed(file)).catch((error) => {
      this.onTrouble(error);
      throw error;
    });
    return createImageBitmap(sheet, (cell % columns) * size, Math.floor(cell / columns) * size, size, size);
  }

  /** The first portraits as they lie on the sheet, for the contact sheet. @param {number} most @returns {Promise<ImageBitmap[]>} */
  async firstPortraits(most) {
    if (!this.isSmall) return [];
    const { columns, rows, size } = this.manifest.sheet;
    const shown = Math.min(most, this.manifest.photos, columns * rows);
    if (!shown) return [];
    const sheet = await createImageBitmap(await this.#file(listed(this.manifest.files.photos[0])));
    const cells = Array.from({ length: shown }, (_, i) =>
      createImageBitmap(sheet, (i % columns) * size, Math.floor(i / columns) * size, size, size),
    );
    return Promise.all(cells).finally(() => sheet.close());
  }

  /** What another gallery has taken the place of is refused with a sentence: its names and these portraits would not fit. @param {Listed} file */
  async #file(file) {
    try {
      return await this.#files.get(file);
    } catch (error) {
      const gone = error instanceof DownloadError && ['UPDATING', 'DAMAGED_FILE'].includes(error.code);
      if (gone && (await this.isOutdated())) throw new DownloadError('OUTDATED', problems.OUTDATED);
      throw error;
    }
  }
}

/** A file of the manifest with its address; only what lies inside the gallery's folder. @param {GalleryFile} file @returns {Listed} */
function listed({ path, bytes, sha256 }) {
  const url = new URL(path, folder);
  if (!url.href.startsWith(folder.href)) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
  return { name: path, url, bytes, sha256, type: path.endsWith('.jpg') ? 'image/jpeg' : '' };
}
