// The service worker: exists only after "Keep for offline use". Copies the
// page and its lists into one cache, deletes the copies before it, and answers from it when there is no connection. The
// files that the lists name the page itself keeps (kept.js). It never sees a photo: photos are never requested.

/** @typedef {{prefix: string, version: string, urls: string[]}} Order */

const worker = /** @type {any} */ (self);

/** Lies in a copy that has everything; offline.js looks for the same. No such address is ever asked for. */
const completeMark = new URL('kept/complete', worker.location).href;

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('message', (/** @type {any} */ event) => {
  const port = event.ports[0];
  event.waitUntil(
    keep(event.data.keep).then(
      () => port.postMessage({ finished: true }),
      (error) => port.postMessage({ failed: String(error) }),
    ),
  );
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== worker.location.origin) return;
  event.respondWith(answer(request));
});

/** Asked for first, so that what is new is seen; the copy where nobody answers. @param {Request} request */
async function answer(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

/** All files or none: the new copy takes the old one's place only when it is complete. @param {Order} order */
async function keep({ prefix, version, urls }) {
  const name = `${prefix}${version} ${Date.now()}`;
  const cache = await caches.open(name);
  const before = (await caches.keys()).filter((other) => other.startsWith(prefix) && other !== name);
  try {
    await cache.addAll(urls.map((url) => new Request(url, { cache: 'no-cache' })));
    await cache.put(completeMark, new Response()); // a browser may end this worker anywhere before
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
  await Promise.all(before.map((other) => caches.delete(other)));
}
