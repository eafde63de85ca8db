// The files that the page is made of and that its scripts ask for. `npm run build` notes their sha256 in index.html, so that
// only what was built together runs together; where none is noted (`npm start` serves web/ as it is) nothing is compared.

/** web/worker.js with all that it imports, as one classic script. */
export const workerFile = 'engine-worker.js';

/** What `fetch` and the browser compare a file with. @param {string} path @returns {string} */
export function integrityOfOwn(path) {
  const noted = document.querySelector('meta[name="doppel-integrity"]')?.getAttribute('content');
  return noted ? (JSON.parse(noted)[path] ?? '') : '';
}
