// models/models.json: which networks are served; of these, the ones that the gallery was made with; and their bytes.
import { DownloadError, download, isMissing, parse } from './download.js';
import { isNetworkCatalogue } from './shapes.js';
import { networkNotServed, problems } from './words.js';

/** @typedef {import('./types.js').NetworkCatalogue} NetworkCatalogue */
/** @typedef {import('./types.js').NetworkEntry} NetworkEntry */
/** @typedef {import('./files.js').Listed} Listed */

const folder = new URL('models/', document.baseURI);

/** @param {RequestCache} [cache] @returns {Promise<NetworkCatalogue>} */
export async function networkCatalogue(cache = 'no-cache') {
  try {
    const bytes = await download(new URL('models.json', folder), { name: 'models/models.json', cache });
    const catalogue = parse(bytes, 'models/models.json');
    if (!isNetworkCatalogue(catalogue)) throw new DownloadError('DAMAGED_LIST', `models/models.json: ${problems.DAMAGED_LIST}`);
    return catalogue;
  } catch (error) {
    if (isMissing(error)) throw new DownloadError('NO_NETWORKS', problems.NO_NETWORKS);
    throw error;
  }
}

/**
 * The list with only what belongs to a gallery: vectors of other networks cannot be compared with it, and faces that
 * another detector found are cut out a little differently.
 * @param {NetworkCatalogue} catalogue @param {import('./types.js').GalleryManifest} manifest @returns {NetworkCatalogue}
 */
export function networksOf(catalogue, { embedder, detector = [] }) {
  const served = (/** @type {{name: string, sha256: string}} */ { name, sha256 }) => {
    const entry = catalogue.networks.find((each) => each.sha256 === sha256);
    if (!entry) throw new DownloadError('WRONG_NETWORK', networkNotServed(name));
    return entry;
  };
  const found = detector.length ? detector.map(served) : catalogue.networks.filter(({ role }) => role !== 'embedder');
  const networks = [...found, served(embedder)];
  return { set: networks.length === catalogue.networks.length ? catalogue.set : 'own', networks };
}

/** What is loaded before the first photo; the thorough detector only when it is wanted. @param {NetworkCatalogue} catalogue */
export const neededAtOnce = (catalogue) => catalogue.networks.filter(({ role }) => role !== 'thorough');

/** @param {NetworkCatalogue} catalogue */
export const thoroughOf = (catalogue) => catalogue.networks.find(({ role }) => role === 'thorough') ?? null;

/** @param {NetworkEntry} entry @returns {Listed} */
export const networkFile = ({ path, name, bytes, sha256 }) => ({ name, url: new URL(path, folder), bytes, sha256, packed: true });
