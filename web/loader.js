// Everything that must be here before the first photo: the module, the networks, the gallery; all at once, with one
// count of bytes. What has arrived stays when something else fails, so that trying again goes on where it stopped.
import { DownloadError, Tally, request } from './download.js';
import { openGallery } from './gallery.js';
import { hasSimd, moduleFile } from './module-file.js';
import { neededAtOnce, network, networkCatalogue, networksOf } from './networks.js';
import { problems } from './words.js';

/** Why this browser cannot run the engine: a code of words.js, or an empty string. */
export function whyNot() {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.validate !== 'function') return 'NO_WASM';
  if (!hasSimd()) return 'NO_SIMD';
  if (typeof DecompressionStream !== 'function') return 'NO_SIMD';
  return '';
}

/** Runs each piece once; a piece that failed runs again when it is next asked for. */
class Pieces {
  /** @type {Map<string, Promise<any>>} */
  #made = new Map();

  /** @template T @param {string} name @param {() => Promise<T>} make @returns {Promise<T>} */
  get(name, make) {
    let piece = this.#made.get(name);
    if (!piece) {
      piece = make();
      this.#made.set(name, piece);
      piece.catch(() => this.#made.delete(name));
    }
    return piece;
  }
}

export class Loader {
  #pieces = new Pieces();

  /**
   * @param {(progress: import('./types.js').Progress) => void} changed
   * @param {(gallery: import('./gallery.js').Gallery) => void} galleryKnown as soon as the manifest is here
   */
  async load(changed, galleryKnown) {
    const tally = new Tally(({ loaded, total }) => changed({ loaded, total }));
    const [module, { catalogue, networks }, { gallery, shards }] = await Promise.all([
      this.#pieces.get('module', () => compile(tally)),
      this.#networks(tally),
      this.#gallery(tally, galleryKnown),
    ]);
    const embedderSha256 = gallery.manifest.embedder.sha256;
    return { catalogue, gallery, ingredients: { module, networks, manifest: gallery.manifestFile, shards, embedderSha256 } };
  }

  /** @param {Tally} tally */
  async #networks(tally) {
    const [served, { manifest }] = await Promise.all([
      this.#pieces.get('models.json', networkCatalogue),
      this.#pieces.get('gallery.json', openGallery),
    ]);
    const catalogue = networksOf(served, manifest);
    const networks = await Promise.all(
      neededAtOnce(catalogue).map((entry) => this.#pieces.get(entry.path, () => network(entry, tally))),
    );
    return { catalogue, networks };
  }

  /** @param {Tally} tally @param {(gallery: import('./gallery.js').Gallery) => void} known */
  async #gallery(tally, known) {
    const gallery = await this.#pieces.get('gallery.json', openGallery);
    known(gallery);
    const [shards] = await Promise.all([this.#pieces.get('shards', () => gallery.shards(tally)), gallery.prefetch(tally)]);
    return { gallery, shards };
  }
}

/** @param {Tally} tally */
async function compile(tally) {
  const response = await request(new URL(moduleFile(), document.baseURI), { name: 'doppel.wasm', tally, sizeUnknown: true });
  const type = response.headers.get('Content-Type') ?? '';
  try {
    if (type.startsWith('application/wasm')) return await WebAssembly.compileStreaming(response);
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw new DownloadError('DAMAGED_FILE', `doppel.wasm: ${error.message}`);
    throw new DownloadError('OFFLINE', problems.OFFLINE);
  }
}
