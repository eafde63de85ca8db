// Which portraits are fetched, and when: the host sees every request, so none may tell who a visitor looks like. Small
// portraits of up to 4 MB come in a fixed order after the gallery, larger sheets in idle time up to 12 MB in all. Of
// what is not fetched this way, a match asks only for files that hold its first result, at least 64 people each. The
// rest comes when the visitor asks, or where the host has chosen so.
/** @typedef {import('./types.js').GalleryManifest} GalleryManifest */
/** @typedef {import('./files.js').Listed} Listed */
/** @typedef {'small' | 'sheet' | 'large'} Size 64, 144 and 384 pixels */
/** @typedef {{size: Size, files: Listed[], perFile: number, crop: (file: Blob, cell: number) => Promise<ImageBitmap>}} Kind */

const mostEarly = 4_000_000;
const mostInAll = 12_000_000;
const atOnce = 2;
/** Pixels of decoded sheets that are kept: ten small ones or two of 144 pixels. */
const mostDecoded = 12_000_000;

/** A portrait that comes only when the visitor asks for it. */
export class NotFetched extends Error {
  code = 'NOT_FETCHED';
}

/** Files that are fetched in their order, whichever of them is wanted. After a failure the next wish goes on where it stopped. */
class Queue {
  #get;
  #pause;
  #arrived = 0;
  /** @type {{index: number, resolve: (value: void) => void, reject: (error: unknown) => void}[]} */
  #waiting = [];
  #runs = false;

  /** @param {Listed[]} files @param {(file: Listed) => Promise<Blob>} get @param {() => Promise<unknown>} [pause] before each */
  constructor(files, get, pause = async () => {}) {
    this.files = files;
    this.#get = get;
    this.#pause = pause;
  }

  /** @param {number} index @returns {Promise<void>} when all files up to this one are here */
  arrival(index) {
    if (index < this.#arrived) return Promise.resolve();
    const arrival = new Promise((resolve, reject) => this.#waiting.push({ index, resolve, reject }));
    if (!this.#runs) this.#run();
    return /** @type {Promise<void>} */ (arrival);
  }

  async #run() {
    this.#runs = true;
    try {
      while (this.#arrived < this.files.length) {
        await this.#pause();
        const some = this.files.slice(this.#arrived, this.#arrived + atOnce);
        await Promise.all(some.map((file) => this.#get(file)));
        this.#arrived += some.length;
        this.#settle(({ index }) => index < this.#arrived, ({ resolve }) => resolve());
      }
    } catch (error) {
      this.#settle(() => true, ({ reject }) => reject(error));
    } finally {
      this.#runs = false;
    }
  }

  /** @param {(one: {index: number}) => boolean} which @param {(one: any) => void} act */
  #settle(which, act) {
    const settled = this.#waiting.filter(which);
    this.#waiting = this.#waiting.filter((one) => !which(one));
    settled.forEach(act);
  }
}

export class Portraits {
  /** From small to large; galleries of version 1 have only sheets. @type {Kind[]} */
  #kinds = [];
  #get;
  #all;
  #early;
  #idle;
  /** What may be asked for besides, by sha256. @type {Set<string>} */
  #allowed = new Set();
  /** Decoded sheets, the one used last at the end. @type {Map<Blob, Promise<ImageBitmap>>} */
  #decoded = new Map();

  /**
   * @param {GalleryManifest} manifest @param {Record<Size, Listed[]>} files of the manifest
   * @param {(file: Listed) => Promise<Blob>} get
   */
  constructor(manifest, files, get) {
    this.#get = get;
    this.#all = manifest.portraits === 'all';
    const { small, sheet, large } = manifest;
    const sheets = (/** @type {Size} */ size, /** @type {{columns: number, rows: number, size: number}} */ form) =>
      this.#kinds.push({ size, files: files[size], perFile: form.columns * form.rows, crop: (file, cell) => this.#cropSheet(file, form, cell) });
    if (small && files.small.length) sheets('small', small);
    sheets('sheet', sheet);
    if (large && files.large.length) this.#kinds.push({ size: 'large', files: files.large, perFile: large.per_file, crop: (file, cell) => cropPack(file, cell, large.type) });
    const { early, idle } = plan(this.#kinds, savesData());
    this.#early = new Queue(early, get);
    this.#idle = new Queue(idle, get, quietMoment);
  }

  /** Sizes that this gallery has, in rising order. */
  get sizes() {
    return this.#kinds.map(({ size }) => size);
  }

  /** Whether portraits of everybody are fetched, so that results show faces without asking. */
  get comeWithGallery() {
    return this.#early.files.length === this.#kinds[0].files.length;
  }

  /** Of which results a match asks for portraits: of none, where all are planned. @returns {'none' | 'first' | 'all'} */
  get askedByMatch() {
    const planned = this.#early.files.length + this.#idle.files.length;
    if (planned === this.#kinds.reduce((sum, { files }) => sum + files.length, 0)) return 'none';
    return this.#all ? 'all' : 'first';
  }

  /** Portraits in the smallest file that a match asks for. */
  get fewestPerFile() {
    return Math.min(...this.#kinds.map(({ perFile }) => perFile));
  }

  /** Fetches what is planned, in its order; portraits that are wanted go on after a failure. */
  async begin() {
    await this.#arrivalOf(this.#early, this.#early.files.length - 1);
    await this.#arrivalOf(this.#idle, this.#idle.files.length - 1);
  }

  /** Whether there is, or will be, a portrait without asking the visitor. @param {number} photo @param {Size} [size] */
  isAllowed(photo, size) {
    const file = fileOf(this.#kind(size), photo);
    return Boolean(file && (this.#queueOf(file) || this.#allowed.has(file.sha256)));
  }

  /**
   * A match asks for the files that its first result is in, and for no others unless the host has chosen so. Once for
   * each face: files of several first results would together name the person. @param {number[]} photos of the results
   */
  allowFirst(photos) {
    if (this.#all) this.allow(photos);
    if (!photos.length || savesData()) return this.#allowIn(this.#kinds.slice(0, 1), photos[0] ?? -1);
    this.#allowIn(this.#kinds, photos[0]);
  }

  /** The visitor wants to see these, knowing what the host can tell from it. @param {number[]} photos */
  allow(photos) {
    for (const photo of photos) this.#allowIn(this.#kinds.slice(0, 2), photo);
  }

  /**
   * The bitmap is the caller's to close. Without a size the smallest that there is. Rejects with NotFetched where the
   * visitor has to be asked first. @param {number} photo @param {Size} [size] @returns {Promise<ImageBitmap>}
   */
  async portrait(photo, size) {
    const kind = this.#kind(size);
    const file = fileOf(kind, photo);
    if (!file) throw new RangeError('There is no such portrait.');
    if (!this.isAllowed(photo, kind.size)) throw new NotFetched();
    const queue = this.#queueOf(file);
    if (queue) await this.#arrivalOf(queue, queue.files.indexOf(file));
    return kind.crop(await this.#get(file), photo % kind.perFile);
  }

  /** @param {Queue} queue @param {number} index */
  async #arrivalOf(queue, index) {
    if (queue === this.#idle) await this.#early.arrival(this.#early.files.length - 1);
    await queue.arrival(index);
  }

  /** @param {Listed} file */
  #queueOf(file) {
    return [this.#early, this.#idle].find(({ files }) => files.includes(file));
  }

  /** @param {Size} [size] */
  #kind(size) {
    return this.#kinds.find((kind) => kind.size === size) ?? this.#kinds[0];
  }

  /** @param {Kind[]} kinds @param {number} photo */
  #allowIn(kinds, photo) {
    for (const kind of kinds) {
      const file = fileOf(kind, photo);
      if (file) this.#allowed.add(file.sha256);
    }
  }

  /** @param {Blob} file @param {{columns: number, size: number}} form @param {number} cell */
  async #cropSheet(file, { columns, size }, cell) {
    const sheet = await this.#decode(file);
    const [x, y] = [(cell % columns) * size, Math.floor(cell / columns) * size];
    if (x + size > sheet.width || y + size > sheet.height) throw new RangeError('The sheet has no such portrait.'); // browsers cut different things there
    return createImageBitmap(sheet, x, y, size, size);
  }

  /** Once for all portraits of a sheet; the sheets used least recently go. @param {Blob} file */
  async #decode(file) {
    const decoded = this.#decoded.get(file) ?? createImageBitmap(file);
    this.#decoded.delete(file);
    this.#decoded.set(file, decoded);
    decoded.catch(() => this.#decoded.delete(file));
    const sheet = await decoded;
    this.#dropDecoded();
    return sheet;
  }

  /** Bitmaps that a crop is still made of stay valid: they are let go, not closed. */
  async #dropDecoded() {
    let pixels = 0;
    for (const [file, decoded] of [...this.#decoded].reverse()) {
      const { width, height } = await decoded.catch(() => ({ width: 0, height: 0 }));
      pixels += width * height;
      if (pixels > mostDecoded) this.#decoded.delete(file);
    }
  }
}

/** @param {Kind[]} kinds @param {boolean} sparingly @returns {{early: Listed[], idle: Listed[]}} */
function plan([first, ...others], sparingly) {
  let bytes = bytesOf(first.files);
  if (bytes > mostEarly) return { early: [], idle: [] };
  const idle = [];
  for (const { size, files } of sparingly ? [] : others) {
    if (size === 'large' && bytes + bytesOf(files) > mostInAll) continue; // a part of them would seldom be of use
    for (const file of files) {
      if (bytes + file.bytes > mostInAll) break;
      bytes += file.bytes;
      idle.push(file);
    }
  }
  return { early: first.files, idle };
}

/** @param {Kind} kind @param {number} photo @returns {Listed | undefined} */
const fileOf = ({ files, perFile }, photo) => files[Math.floor(photo / perFile)];

/** Pictures one behind the other, after where each begins and where the last one ends: u32, little endian. @param {Blob} file @param {number} cell @param {string} [type] */
async function cropPack(file, cell, type = 'image/jpeg') {
  const places = new DataView(await file.slice(4 * cell, 4 * cell + 8).arrayBuffer());
  return createImageBitmap(file.slice(places.getUint32(0, true), places.getUint32(4, true), type));
}

/** @param {Listed[]} files */
const bytesOf = (files) => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** Whether the visitor or a slow connection asks for few bytes. */
function savesData() {
  const { saveData = false, effectiveType = '4g' } = /** @type {any} */ (globalThis.navigator)?.connection ?? {};
  return saveData || effectiveType !== '4g';
}

const quietMoment = () =>
  new Promise((resolve) => ('requestIdleCallback' in globalThis ? requestIdleCallback(resolve, { timeout: 2000 }) : setTimeout(resolve, 200)));
