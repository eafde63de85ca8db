// The service worker: exists only after "Keep for offline use". Copies the page, the networks and the gallery into one
// cache, deletes the copies before it, and answers from it when there is no connection. It never sees a photo: photos
// are never requested.

/** @typedef {{prefix: string, version: string, urls: string[]}} Order */

const worker = /** @type {any} */ (self);
const contentNamed = /\.[0-9a-f]{8}\.(safetensors|safetensors\.gz|json|jpg)$/;
const atOnce = 4;

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('message', (/** @type {any} */ event) => {
  const port = event.ports[0];
  /** @type {Order} */
  const order = event.data.keep;
  event.waitUntil(
    keep(order, (done) => port.postMessage({ done })).then(
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

/** A file whose name carries its hash never changes: the copy will do. All else is asked for first. @param {Request} request */
async function answer(request) {
  const kept = await caches.match(request, { ignoreSearch: true });
  if (kept && contentNamed.test(new URL(request.url).pathname)) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** All files or none: the new copy takes the old one's place only when it is complete. @param {Order} order @param {(done: number) => void} progress */
async function keep({ prefix, version, urls }, progress) {
  const name = `${prefix}${version} ${Date.now()}`;
  const cache = await caches.open(name);
  const before = (await caches.keys()).filter((other) => other.startsWith(prefix) && other !== name);
  const left = [...urls];
  let done = 0;
  try {
    await Promise.all(Array.from({ length: atOnce }, async () => {
      for (let url = left.shift(); url; url = left.shift()) {
        await copy(cache, url);
        progress(++done);
      }
    }));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
  await Promise.all(before.map((other) => caches.delete(other)));
}

/** @param {Cache} cache @param {string} url */
async function copy(cache, url) {
  const kept = contentNamed.test(new URL(url).pathname) ? await caches.match(url) : undefined;
  const response = kept ?? (await fetch(url, { cache: 'no-cache' }));
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  await cache.put(url, response);
}
