/** A page for a bench that runs in one worker, which its address names (?networks-worker.js): it passes calls on to it. */
const worker = new Worker(new URL(`./${location.search.slice(1)}`, import.meta.url), { type: 'module' });

/** One call at a time. @returns {Promise<any>} */
/** @type {any} */ (window).call = (/** @type {string} */ name, /** @type {any[]} */ ...list) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { result, error } }) => (error ? reject(new Error(error)) : resolve(result));
    worker.onerror = ({ message }) => reject(new Error(`the worker of the bench: ${message}`));
    worker.postMessage({ name, list });
  });
