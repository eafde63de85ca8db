// Starts the engine's worker where no script can reach anything, this page's own host included. A worker that is loaded from
// an address does not inherit the policy of the page; one that is made from a Blob inherits the policy of the document that
// makes it. That document is an empty frame whose policy allows no request of any kind. SECURITY.md says what follows.

const policy = "default-src 'none'; script-src 'wasm-unsafe-eval'; worker-src blob:";
/** The script is here already, so this is far more than a slow device needs. */
const patience = 30_000;

/** @type {Promise<any> | null} */
let realm = null;

/** @returns {Promise<any>} the frame's window */
function emptyFrame() {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'Nothing to see: the engine starts here';
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">`;
  const loaded = new Promise((resolve) => frame.addEventListener('load', () => resolve(frame.contentWindow), { once: true }));
  document.documentElement.append(frame);
  return loaded;
}

/**
 * A worker whose script has run. Rejects where the script ends with an error, or says nothing.
 * @param {Blob} script a classic script
 * @returns {Promise<Worker>}
 */
export async function startWorker(script) {
  realm ??= emptyFrame();
  const { Worker, URL, Blob } = await realm;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  /** @type {globalThis.Worker} */
  const worker = new Worker(url, { name: 'doppel' });
  let timer = 0;
  try {
    await new Promise((resolve, reject) => {
      timer = window.setTimeout(reject, patience, new Error('The worker does not answer.'));
      worker.onmessage = resolve;
      worker.onerror = (event) => {
        event.preventDefault(); // the page says what is wrong
        reject(new Error(event.message));
      };
    });
    return worker;
  } catch (error) {
    worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
    URL.revokeObjectURL(url);
  }
}
