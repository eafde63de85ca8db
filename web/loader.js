// Everything that must be here before the first photo: the module, the networks, the gallery; all at once, with one
// count of bytes, and each handed to the engine as it comes. What has arrived stays when something else fails, so that
// trying again goes on where it stopped. The lists come first and fresh; where a file does not fit them, the host may be
// putting new ones in place, and all starts over from those: two versions are never mixed.
import { DownloadError, Tally, ownFile } from './download.js';
import { Files } from './files.js';
import { openGallery } from './gallery.js';
import { moduleFile } from './module-file.js';
import { neededAtOnce, networkCatalogue, networkFile, networksOf } from './networks.js';
import { filesOf, keptState } from './offline.js';
import { brokeOff, damaged, problems } from './words.js';

/** @typedef {import('./types.js').NetworkCatalogue} NetworkCatalogue */
/** @typedef {import('./gallery.js').Gallery} Gallery */
/** @typedef {{gallery: Gallery, served: NetworkCatalogue}} Lists */
/**
 * @typedef {object} Listener
 * @property {(progress: import('./types.js').Progress) => void} changed
 * @property {(gallery: Gallery) => void} galleryKnown  as soon as the manifest is here, and once more where it was replaced
 * @property {(ingredients: import('./types.js').Ingredients) => Promise<void>} begin  takes each ingredient as it comes; once
 *   more where the lists were replaced
 */

const mostUpdates = 2;

export class Loader {
  files = new Files();
  #tally = new Tally(({ loaded, total }) => this.#changed({ loaded, total }));
  /** @type {(progress: import('./types.js').Progress) => void} */
  #changed = () => {};
  /** @type {Promise<WebAssembly.Module> | null} */
  #module = null;
  /** @type {Promise<Lists> | null} */
  #lists = null;

  /** @param {Listener} listener @returns {Promise<{catalogue: NetworkCatalogue, gallery: Gallery}>} when all is here and the engine has it */
  async load(listener) {
    this.#changed = listener.changed;
    for (let updates = 0; ; updates++) {
      try {
        return await this.#loadOnce(listener);
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

  /** @param {Listener} listener */
  async #loadOnce({ galleryKnown, begin }) {
    const lists = this.#listed();
    const module = this.#compiled();
    module.catch(() => {}); // said when the engine asks for it
    const { gallery, served } = await lists;
    galleryKnown(gallery);
    const catalogue = networksOf(served, gallery.manifest);
    const needed = neededAtOnce(catalogue).map(networkFile);
    const files = this.files.each([...needed, ...gallery.neededAtOnce], this.#tally);
    const columns = gallery.isSmall ? this.files.each(gallery.columns, this.#tally) : [];
    const networks = files.slice(0, needed.length);
    const shards = files.slice(needed.length, needed.length + gallery.shards.length);
    const embedderSha256 = gallery.manifest.embedder.sha256;
    await Promise.all([begin({ module, networks, manifest: gallery.manifestFile, shards, columns: [], embedderSha256 }), ...files]);
    await Promise.allSettled(columns); // whoever filters hears what is wrong with them
    this.#tidy(catalogue, gallery);
    return { catalogue, gallery };
  }

  #compiled() {
    this.#module ??= compile(moduleFile(), this.#tally).catch((error) => {
      this.#module = null;
      throw error;
    });
    return this.#module;
  }

  #listed() {
    this.#lists ??= fetchLists(this.files, 'no-cache').catch((error) => {
      this.#lists = null;
      throw error;
    });
    return this.#lists;
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

/** From the answer as it is: only then do browsers keep the compiled code for the next visit. @param {string} path @param {Tally} tally */
async function compile(path, tally) {
  const response = await ownFile(path);
  const { headers } = response;
  const bytes = headers.get('Content-Encoding') ? 0 : Number(headers.get('Content-Length'));
  tally.expect(path, bytes);
  try {
    const streamed = (headers.get('Content-Type') ?? '').startsWith('application/wasm');
    const module = streamed ? await WebAssembly.compileStreaming(response) : await WebAssembly.compile(await response.arrayBuffer());
    tally.at(path, bytes);
    return module;
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw new DownloadError('DAMAGED_FILE', damaged(path));
    throw new DownloadError('OFFLINE', brokeOff(path));
  }
}
