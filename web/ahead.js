// The head start of a visit: the lists, the module and the worker's script are sent for while the page's own scripts are
// still on their way. A script of its own, so small that it is here first. Nothing here looks at what comes; download.js
// takes it up, each thing once.
import { moduleFile, whyNot } from './module-file.js';
import { integrityOfOwn, workerFile } from './own-files.js';

const lists = ['gallery/gallery.json', 'models/models.json'];

/** By cache mode and address. @type {Map<string, {response: Promise<Response>, end: AbortController}>} */
const sent = new Map();

/** A request that was sent already, if it was, and what ends it. @param {URL | string} url @param {RequestCache} cache */
export function takeRequest(url, cache) {
  const key = `${cache} ${url}`;
  const request = sent.get(key);
  sent.delete(key);
  return request;
}

/** @param {string} path @param {RequestCache} cache */
function send(path, cache) {
  const url = new URL(path, document.baseURI).href;
  const end = new AbortController();
  const response = fetch(url, { cache, integrity: integrityOfOwn(path), credentials: 'same-origin', signal: end.signal });
  response.catch(() => {}); // said by whoever takes it
  sent.set(`${cache} ${url}`, { response, end });
}

if (!whyNot()) {
  for (const list of lists) send(list, 'no-cache');
  for (const file of [moduleFile(), workerFile]) send(file, 'default');
}
