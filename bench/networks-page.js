/** The page that networks.mjs drives: it only passes calls on to the worker in which both sides run. */
const worker = new Worker(new URL('./networks-worker.js', import.meta.url), { type: 'module' });

/** One call at a time. @returns {Promise<any>} */
const call = (/** @type {string} */ name, /** @type {any[]} */ ...list) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { result, error } }) => (error ? reject(new Error(error)) : resolve(result));
    worker.onerror = ({ message }) => reject(new Error(`the worker of the bench: ${message}`));
    worker.postMessage({ name, list });
  });

/** @type {any} */ (window).networks = {
  load: (/** @type {any[]} */ ...list) => call('load', ...list),
  moduleFile: () => call('moduleFile'),
  time: (/** @type {any[]} */ ...list) => call('time', ...list),
};
