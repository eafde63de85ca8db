// Files that a list names with their sha256: networks, shards, pages of people, sheets of portraits. Each is fetched
// once, checked, and kept in this browser, so that the next try and the next visit ask only for what is missing.
import { DownloadError, check, download, integrityOf, isMissing, unpack } from './download.js';
import { Kept } from './kept.js';
import { missingFile } from './words.js';

/** @typedef {import('./download.js').Tally} Tally */
/** @typedef {{name: string, url: URL, bytes: number, sha256: string, packed?: boolean, type?: string}} Listed packed: with gzip; the sha256 is that of what is inside */

const atOnce = 4;

export class Files {
  /** By sha256. @type {Map<string, Promise<Blob>>} */
  #here = new Map();
  #kept = new Kept();

  /** @param {Listed} file @param {Tally} [tally] @returns {Promise<Blob>} unpacked */
  get(file, tally) {
    let here = this.#here.get(file.sha256);
    if (!here) {
      here = this.#bring(file, tally).then((bytes) => new Blob([bytes], { type: file.type ?? '' }));
      this.#here.set(file.sha256, here);
      here.catch(() => this.#here.delete(file.sha256));
    }
    return here;
  }

  /** Each of them as it comes; a few at a time are fetched, the first ones first. @param {Listed[]} files @param {Tally} tally @returns {Promise<Blob>[]} */
  each(files, tally) {
    for (const { name, bytes } of files) tally.expect(name, bytes);
    return aFewAtATime(files, (file) => this.get(file, tally));
  }

  /** Fetches what is not kept yet, without holding it in memory. Fails where it cannot be kept. @param {Listed[]} files @param {Tally} tally */
  async keepAll(files, tally) {
    this.#kept.open();
    const kept = await this.#kept.sha256s();
    for (const { name, bytes } of files) tally.expect(name, bytes);
    const keep = async (/** @type {Listed} */ file) => {
      if (!kept.has(file.sha256)) {
        const { arrived } = await fetchFile(file, tally);
        if (!(await this.#kept.write(file.sha256, arrived))) throw new Error(`${file.name} could not be kept.`);
      }
      tally.at(file.name, file.bytes);
    };
    await Promise.all(aFewAtATime(files, keep));
  }

  /** Which of these are kept in this browser. @param {Listed[]} files */
  async keptOf(files) {
    const kept = await this.#kept.sha256s();
    return files.filter(({ sha256 }) => kept.has(sha256));
  }

  /** Lets go, here and in the browser, what no list names any more. @param {Listed[]} files */
  async dropOthers(files) {
    const listed = new Set(files.map(({ sha256 }) => sha256));
    for (const sha256 of this.#here.keys()) if (!listed.has(sha256)) this.#here.delete(sha256);
    for (const sha256 of await this.#kept.sha256s()) if (!listed.has(sha256)) await this.#kept.drop(sha256);
  }

  /** Nothing more is kept until the page is opened again, or `keepAll` is asked for. */
  forget() {
    return this.#kept.forget();
  }

  /** @param {Listed} file @param {Tally} [tally] */
  async #bring(file, tally) {
    tally?.expect(file.name, file.bytes);
    const kept = await this.#readKept(file);
    if (kept) {
      tally?.at(file.name, file.bytes);
      return kept;
    }
    const { arrived, bytes } = await fetchFile(file, tally);
    this.#kept.write(file.sha256, arrived);
    return bytes;
  }

  /** What the browser gives back is checked like what the host sends. @param {Listed} file */
  async #readKept(file) {
    const kept = await this.#kept.read(file.sha256);
    if (!kept) return null;
    return contentsOf(kept, file).catch(() => this.#kept.drop(file.sha256).then(() => null));
  }
}

/** A file that arrived changed is asked for once more, past the caches on the way. @param {Listed} file @param {Tally} [tally] */
async function fetchFile(file, tally) {
  try {
    return await fetchOnce(file, 'default', tally);
  } catch (error) {
    if (!(error instanceof DownloadError) || error.code !== 'DAMAGED_FILE') throw error;
    return fetchOnce(file, 'reload', tally);
  }
}

/** @param {Listed} file @param {RequestCache} cache @param {Tally} [tally] @returns {Promise<{arrived: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>}>} as it came, and what is inside */
async function fetchOnce(file, cache, tally) {
  const { name, url, sha256, packed } = file;
  try {
    const arrived = await download(url, { name, tally, cache, integrity: packed ? '' : integrityOf(sha256) });
    return { arrived, bytes: await contentsOf(arrived, file) };
  } catch (error) {
    if (isMissing(error)) throw new DownloadError('UPDATING', missingFile(name));
    throw error;
  }
}

/** @param {Uint8Array<ArrayBuffer>} arrived @param {Listed} file */
async function contentsOf(arrived, { name, sha256, packed }) {
  const bytes = packed ? await unpack(arrived, name) : arrived;
  await check(bytes, sha256, name);
  return bytes;
}

/** Each begins as soon as a place is free; after a failure none does. @template T, R @param {T[]} things @param {(thing: T) => Promise<R>} work @returns {Promise<R>[]} */
function aFewAtATime(things, work) {
  /** @type {((turn: unknown) => void)[]} */
  const waiting = [];
  let places = atOnce;
  /** @type {unknown} */
  let failure = null;
  return things.map(async (thing) => {
    if (places > 0) places--;
    else await new Promise((turn) => waiting.push(turn));
    try {
      if (failure) throw failure;
      return await work(thing);
    } catch (error) {
      throw (failure ??= error);
    } finally {
      const next = waiting.shift();
      if (next) next(undefined);
      else places++;
    }
  });
}
