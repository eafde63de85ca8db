// The head start of a visit: the lists, the module and the worker are sent for while the page's own scripts are still on
// their way. A script of its own, so small that it is here first. Nothing here looks at what comes; loader.js and engine.js
// take it up, each thing once.
import { mayIsolate } from './isolation.js';
import { helpersHere, moduleFile, whyNot } from './module-file.js';

/** @typedef {{worker: Worker, heard: Event[]}} Hired a worker, and what came from it already: messages, or that it failed */

const lists = ['gallery/gallery.json', 'models/models.json'];

/** By cache mode and address. @type {Map<string, Promise<Response>>} */
const sent = new Map();

/** @type {{helpers: number, hired: Hired} | null} */
let waiting = null;

/** The answer to a request that was sent already, if it was. @param {URL | string} url @param {RequestCache} cache */
export function takeResponse(url, cache) {
  const key = `${cache} ${url}`;
  const response = sent.get(key);
  sent.delete(key);
  return response;
}

/** A worker that hires so many helpers: the one that has begun already, the first time. @param {number} helpers @returns {Hired} */
export function takeWorker(helpers) {
  const early = waiting;
  waiting = null;
  if (early?.helpers === helpers) return early.hired;
  early?.hired.worker.terminate();
  return hire(helpers);
}

/** @param {number} helpers @returns {Hired} */
function hire(helpers) {
  const name = helpers ? `doppel with ${helpers} helpers` : 'doppel';
  const worker = new Worker(new URL('engine-worker.js', import.meta.url), { type: 'module', name });
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

if (!whyNot() && !mayIsolate()) {
  const helpers = helpersHere();
  for (const list of lists) send(list, 'no-cache');
  send(moduleFile(helpers), 'default');
  waiting = { helpers, hired: hire(helpers) };
}
