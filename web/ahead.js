// The head start of a visit: the lists, the module and the worker are sent for while the page's own scripts are still on
// their way. A script of its own, so small that it is here first. Nothing here looks at what comes; loader.js and engine.js
// take it up, each thing once.
import { moduleFile, whyNot } from './module-file.js';

/** @typedef {{worker: Worker, heard: Event[]}} Hired a worker, and what came from it already: messages, or that it failed */

const lists = ['gallery/gallery.json', 'models/models.json'];

/** By cache mode and address. @type {Map<string, Promise<Response>>} */
const sent = new Map();

/** @type {Hired | null} */
let waiting = null;

/** The answer to a request that was sent already, if it was. @param {URL | string} url @param {RequestCache} cache */
export function takeResponse(url, cache) {
  const key = `${cache} ${url}`;
  const response = sent.get(key);
  sent.delete(key);
  return response;
}

/** The worker that has begun already, the first time. @returns {Hired} */
export function takeWorker() {
  const early = waiting;
  waiting = null;
  return early ?? hire();
}

/** @returns {Hired} */
function hire() {
  const worker = new Worker(new URL('engine-worker.js', import.meta.url), { type: 'module', name: 'doppel' });
  /** @type {Event[]} */
  const heard = [];
  worker.onmessage = worker.onerror = (/** @type {Event} */ event) => void heard.push(event);
  return { worker, heard };
}

/** @param {string} path @param {RequestCache} cache */
function send(path, cache) {
  const url = new URL(path, document.baseURI).href;
  const response = fetch(url, { cache, credentials: 'same-origin' });
  response.catch(() => {}); // said by whoever takes it
  sent.set(`${cache} ${url}`, response);
}

if (!whyNot()) {
  for (const list of lists) send(list, 'no-cache');
  send(moduleFile(), 'default');
  waiting = hire();
}
