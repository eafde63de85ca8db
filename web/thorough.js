// The heavy detector, fetched only when a photo wants it. A download that the visitor did not wait for goes on for the
// next photo.
import { DownloadError, Tally } from './download.js';
import { thoroughOf } from './networks.js';

/** @typedef {import('./types.js').Progress} Progress */

export class Thorough {
  #engine;
  #loader;
  #catalogue;
  /** @type {Promise<boolean> | null} */
  #coming = null;
  /** Told how far the download is. @type {(progress: Progress) => void} */
  #watching = () => {};

  /** @param {import('./engine.js').Engine} engine @param {import('./loader.js').Loader} loader @param {import('./types.js').NetworkCatalogue} catalogue */
  constructor(engine, loader, catalogue) {
    this.#engine = engine;
    this.#loader = loader;
    this.#catalogue = catalogue;
  }

  /** Whether this gallery's networks have one. */
  get exists() {
    return Boolean(thoroughOf(this.#catalogue));
  }

  /** False where it cannot be had: the page goes on with what was found. @param {(progress: Progress) => void} watching @returns {Promise<boolean>} */
  add(watching) {
    this.#watching = watching;
    this.#coming ??= this.#fetch().catch((error) => {
      this.#coming = null;
      if (error instanceof DownloadError) return false;
      throw error;
    });
    return this.#coming;
  }

  async #fetch() {
    const entry = thoroughOf(this.#catalogue);
    if (!entry) return false;
    const tally = new Tally(({ loaded, total }) => this.#watching({ loaded, total }));
    await this.#engine.addNetwork(await this.#loader.network(entry, tally));
    return true;
  }
}
