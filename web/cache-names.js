// Names in the Cache API: ahead.js looks there before kept.js is here.

/** Null where there are no caches, or they are closed to the page as in a frame of another site. @returns {CacheStorage | null} */
export function cachesHere() {
  try {
    return globalThis.caches ?? null;
  } catch {
    return null;
  }
}

/** Pages under other paths of the same host keep their own. */
export const cachePrefix = () => `doppel ${new URL('./', document.baseURI).pathname} `;

/** Of networks and galleries. */
export const cacheName = () => `${cachePrefix()}files`;

/** No such address is ever asked for: the cache wants one as a key. @param {string} sha256 */
export const keyOf = (sha256) => new URL(`kept/${sha256}`, document.baseURI).href;
