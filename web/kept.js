// What this browser keeps of networks and galleries: one cache, each file under its sha256. Where there are no caches or
// they are closed to the page (plain http, private windows, no room left) nothing is kept, and the page works without.
// Never holds a photo or a result.
import { cacheName, cachesHere, keyOf } from './cache-names.js';
import { canHash } from './download.js';

export class Kept {
  /** What is being written. @type {Set<Promise<boolean>>} */
  #writing = new Set();
  #closed = false;
  /** @type {Promise<Cache> | null} */
  #cache = null;

  constructor() {
    this.open();
  }

  /** After `forget`. */
  open() {
    this.#closed = !canHash() || !cachesHere();
  }

  /** @param {string} sha256 @returns {Promise<Uint8Array<ArrayBuffer> | null>} not yet checked */
  async read(sha256) {
    return this.#quietly(null, async (cache) => {
      const kept = await cache.match(keyOf(sha256));
      return kept ? new Uint8Array(await kept.arrayBuffer()) : null;
    });
  }

  /** @param {string} sha256 @param {Uint8Array<ArrayBuffer>} bytes that have been checked @returns {Promise<boolean>} whether it is kept */
  write(sha256, bytes) {
    const writing = this.#quietly(false, async (cache) => {
      await cache.put(keyOf(sha256), new Response(bytes, { headers: { 'Content-Type': 'application/octet-stream' } }));
      return true;
    });
    this.#writing.add(writing);
    writing.then(() => this.#writing.delete(writing));
    return writing;
  }

  /** @param {string} sha256 */
  drop(sha256) {
    return this.#quietly(false, (cache) => cache.delete(keyOf(sha256)));
  }

  /** @returns {Promise<Set<string>>} the sha256s of all that is kept */
  async sha256s() {
    await Promise.all(this.#writing);
    return this.#quietly(new Set(), async (cache) => new Set((await cache.keys()).map(({ url }) => url.slice(-64))));
  }

  /** Deletes everything, and keeps nothing more. */
  async forget() {
    const writing = Promise.all(this.#writing);
    this.#closed = true;
    await writing;
    this.#cache = null;
    await cachesHere()?.delete(cacheName()).catch(() => false);
  }

  /** @template T @param {T} otherwise @param {(cache: Cache) => Promise<T>} act @returns {Promise<T>} */
  async #quietly(otherwise, act) {
    if (this.#closed) return otherwise;
    try {
      return await act(await (this.#cache ??= caches.open(cacheName())));
    } catch {
      this.#cache = null;
      return otherwise;
    }
  }
}
