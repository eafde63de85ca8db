// The head start of a visit: the lists, the module and the worker's script are sent for while the page's own scripts are
// still on their way. A script of its own, so small that it is here first. Nothing here looks at what comes; download.js
// takes it up, each thing once.
import { moduleFile, whyNot } from './module-file.js';
import { integrityOfOwn, workerFile } from './own-files.js';

const lists = ['gallery/gallery.json', 'models/models.json'];

/** By cache mode and address. @type {Map<string, Promise<Response>>} */
const sent = new Map();

/** The answer to a request that was sent already, if it was. @param {URL | string} url @param {RequestCache} cache */
export function takeResponse(url, cache) {
  const key = `${cache} ${url}`;
  const response = sent.get(key);
  sent.delete(key);
  return response;
}

/** @param {string} path @param {RequestCache} cache */
function send(path, cache) {
  const url = new URL(path, document.baseURI).href;
  const response = fetch(url, { cache, integrity: integrityOfOwn(path), credentials: 'same-origin' });
  response.catch(() => {}); // said by whoever takes it
  sent.set(`${cache} ${url}`, response);
}

if (!whyNot()) {
  for (const list of lists) send(list, 'no-cache');
  for (const file of [moduleFile(), workerFile]) send(file, 'default');
}
