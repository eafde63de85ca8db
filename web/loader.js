// Everything that must be here before the first photo: the module, the networks, the gallery; all at once, with one
// count of bytes. What has arrived stays when something else fails, so that trying again goes on where it stopped. The
// lists come first and fresh; where a file does not fit them, the host may be putting new ones in place, and all starts
// over from those: two versions are never mixed.
import { DownloadError, Tally, request } from './download.js';
import { Files } from './files.js';
import { openGallery } from './gallery.js';
import { hasSimd, moduleFile } from './module-file.js';
import { neededAtOnce, networkCatalogue, networkFile, networksOf } from './networks.js';
import { filesOf, keptState } from './offline.js';
import { problems } from './words.js';

/** @typedef {import('./types.js').NetworkCatalogue} NetworkCatalogue */
/** @typedef {import('./gallery.js').Gallery} Gallery */
/** @typedef {{gallery: Gallery, served: NetworkCatalogue}} Lists */

const mostUpdates = 2;

/** Why this browser cannot run the engine: a code of words.js, or an empty string. */
export function whyNot() {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.validate !== 'function') return 'NO_WASM';
  if (!hasSimd()) return 'NO_SIMD';
  if (typeof DecompressionStream !== 'function') return 'NO_SIMD';
  return '';
}

export class Loader {
  files = new Files();
  #tally = new Tally(({ loaded, total }) => this.#changed({ loaded, total }));
  /** @type {(progress: import('./types.js').Progress) => void} */
  #changed = () => {};
  /** @type {Promise<WebAssembly.Module> | null} */
  #module = null;
  /** @type {Promise<Lists> | null} */
  #lists = null;

  /**
   * @param {(progress: import('./types.js').Progress) => void} changed
   * @param {(gallery: Gallery) => void} galleryKnown as soon as the manifest is here, and once more where it was replaced
   */
  async load(changed, galleryKnown) {
    this.#changed = changed;
    for (let updates = 0; ; updates++) {
      try {
        return await this.#loadOnce(galleryKnown);
      } catch (error) {
        if (!mayBeAnUpdate(error)) throw error;
        if (updates === mostUpdates) throw new DownloadError('UPDATING', problems.UPDATING);
        if (!(await this.#listsChanged())) throw error;
      }
    }
  }

  /** A network that is not needed at once. @param {import('./types.js').NetworkEntry} entry @param {Tally} tally */
  network(entry, tally) {
    return this.files.get(networkFile(entry), tally);
  }

  /** @param {(gallery: Gallery) => void} galleryKnown */
  async #loadOnce(galleryKnown) {
    const [module, { catalogue, gallery, networks, shards }] = await Promise.all([this.#compiled(), this.#listed(galleryKnown)]);
    this.#tidy(catalogue, gallery);
    const embedderSha256 = gallery.manifest.embedder.sha256;
    return { catalogue, gallery, ingredients: { module, networks, manifest: gallery.manifestFile, shards, columns: [], embedderSha256 } };
  }

  #compiled() {
    this.#module ??= compile(this.#tally).catch((error) => {
      this.#module = null;
      throw error;
    });
    return this.#module;
  }

  /** @param {(gallery: Gallery) => void} galleryKnown */
  async #listed(galleryKnown) {
    this.#lists ??= fetchLists(this.files, 'no-cache').catch((error) => {
      this.#lists = null;
      throw error;
    });
    const { gallery, served } = await this.#lists;
    galleryKnown(gallery);
    const catalogue = networksOf(served, gallery.manifest);
    const [networks, files] = await Promise.all([
      this.files.all(neededAtOnce(catalogue).map(networkFile), this.#tally),
      this.files.all(gallery.neededAtOnce, this.#tally),
    ]);
    return { catalogue, gallery, networks, shards: files.slice(0, gallery.shards.length) };
  }

  /** Asks for the lists past all caches. What only the old ones name is no longer expected. */
  async #listsChanged() {
    const before = await this.#lists;
    const now = await fetchLists(this.files, 'reload');
    if (before && (await textOf(before)) === (await textOf(now))) return false;
    this.#lists = Promise.resolve(now);
    const wanted = new Set(namesOf(now));
    for (const name of before ? namesOf(before) : []) if (!wanted.has(name)) this.#tally.drop(name);
    return true;
  }

  /** An older copy for offline use still needs its files; when it is renewed, they go. @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
  async #tidy(catalogue, gallery) {
    if ((await keptState(catalogue, gallery)) !== 'old') await this.files.dropOthers(filesOf(catalogue, gallery));
  }
}

/** @param {unknown} error */
const mayBeAnUpdate = (error) => error instanceof DownloadError && ['UPDATING', 'DAMAGED_FILE', 'WRONG_NETWORK'].includes(error.code);

/** @param {Files} files @param {RequestCache} cache @returns {Promise<Lists>} */
async function fetchLists(files, cache) {
  const [gallery, served] = await Promise.all([openGallery(files, cache), networkCatalogue(cache)]);
  return { gallery, served };
}

/** @param {Lists} lists */
const textOf = async ({ gallery, served }) => (await gallery.manifestFile.text()) + JSON.stringify(served);

/** @param {Lists} lists */
const namesOf = ({ gallery, served }) => filesOf(served, gallery).map(({ name }) => name);

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
