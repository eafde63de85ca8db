// The head start of a visit: the lists, the module, the worker's script and, as soon as their list is here, the networks
// are sent for while the page's own scripts are still on their way. A script of its own, so small that it is here first.
// Nothing here checks what comes; download.js takes it up, each thing once.
import { cacheName, cachesHere, keyOf } from './cache-names.js';
import { moduleFile, whyNot } from './module-file.js';
import { integrityOfOwn, workerFile } from './own-files.js';

const lists = ['gallery/gallery.json', 'models/models.json'];

/** By cache mode and address. @type {Map<string, {response: Promise<Response>, end: AbortController}>} */
const sent = new Map();
/** What the page asked for before it could be sent for. @type {Set<string>} */
const askedFor = new Set();

/** A request that was sent already, if it was, and what ends it. @param {URL | string} url @param {RequestCache} cache */
export function takeRequest(url, cache) {
  const key = `${cache} ${url}`;
  const request = sent.get(key);
  sent.delete(key);
  askedFor.add(key);
  return request;
}

/** @param {string} path @param {RequestCache} cache */
const keyFor = (path, cache) => `${cache} ${new URL(path, document.baseURI)}`;

/** @param {string} path @param {RequestCache} cache @returns {Promise<Response>} */
function send(path, cache) {
  const end = new AbortController();
  const response = fetch(new URL(path, document.baseURI), { cache, integrity: integrityOfOwn(path), credentials: 'same-origin', signal: end.signal });
  response.catch(() => {}); // said by whoever takes it
  sent.set(keyFor(path, cache), { response, end });
  return response;
}

/** Those that every visit needs and that this browser does not keep. What is wrong with the list, networks.js says. @param {Promise<Response>} coming */
async function sendNetworks(coming) {
  /** @type {import('./types.js').NetworkCatalogue} */
  const { networks } = await (await coming).clone().json();
  const needed = networks.filter(({ role, path }) => role !== 'thorough' && /^[\w-]+(\.[\w-]+)*$/.test(path));
  const kept = await Promise.all(needed.map(({ sha256 }) => isKept(sha256)));
  for (const [i, { path }] of needed.entries()) if (!kept[i] && !askedFor.has(keyFor(`models/${path}`, 'default'))) send(`models/${path}`, 'default');
}

/** @param {string} sha256 */
const isKept = (sha256) => cachesHere()?.match(keyOf(sha256), { cacheName: cacheName() }).catch(() => undefined);

if (!whyNot()) {
  for (const list of lists) {
    const coming = send(list, 'no-cache');
    if (list.startsWith('models/')) sendNetworks(coming).catch(() => {});
  }
  for (const file of [moduleFile(), workerFile]) send(file, 'default');
}
