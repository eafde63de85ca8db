// "Keep for offline use": hands the list of everything that the page needs to the service worker, which copies it into
// one cache with the version in its name. Nothing is registered before the visitor asks for it.
import { moduleFile } from './module-file.js';
import { networkUrl } from './networks.js';
import { hex } from './photo-file.js';

/** @typedef {import('./types.js').NetworkCatalogue} NetworkCatalogue */
/** @typedef {import('./gallery.js').Gallery} Gallery */

const pageFiles = [
  './', 'index.html', 'style.css', 'icon.svg', 'boot.js', 'app.js', 'words.js', 'loader.js', 'download.js', 'networks.js',
  'gallery.js', 'engine.js', 'engine-worker.js', 'guard.js', 'heap.js', 'photo-file.js', 'problems.js', 'decisions.js', 'offline.js',
  'views/dom.js', 'views/start.js', 'views/photo.js', 'views/faces.js', 'views/hand-box.js', 'views/results.js',
  'views/match-card.js', 'views/meaning.js', 'views/compare.js', 'views/camera.js', 'views/decision-list.js',
  'views/about.js', 'views/alert.js', 'views/work.js', 'doppel.mjs', 'module-file.js', 'models/models.json',
];

export const canKeep = () => 'serviceWorker' in navigator && window.isSecureContext && 'caches' in window;

/** @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
function everything(catalogue, gallery) {
  return [
    ...[...pageFiles, moduleFile()].map((path) => ({ url: new URL(path, document.baseURI), bytes: 0 })),
    ...catalogue.networks.map((entry) => ({ url: networkUrl(entry), bytes: entry.bytes })),
    ...gallery.addresses,
  ];
}

/** Bytes of networks and gallery; the page itself is small beside them. @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
export const bytesToKeep = (catalogue, gallery) => everything(catalogue, gallery).reduce((sum, { bytes }) => sum + bytes, 0);

/** Whether a copy is kept, and whether it is of what is served now. @param {NetworkCatalogue} catalogue @param {Gallery} gallery @returns {Promise<'none' | 'old' | 'current'>} */
export async function keptState(catalogue, gallery) {
  const names = (await caches.keys()).filter((name) => name.startsWith(cachePrefix()));
  if (!names.length) return 'none';
  const version = await versionOf(catalogue, gallery);
  return names.some((name) => name.startsWith(`${cachePrefix()}${version}`)) ? 'current' : 'old';
}

/** Galleries under other paths of the same host keep their own. */
const cachePrefix = () => `doppel ${new URL('./', document.baseURI).pathname} `;

/**
 * @param {NetworkCatalogue} catalogue @param {Gallery} gallery @param {(done: number, all: number) => void} progress
 * @returns {Promise<void>} rejects where a file could not be kept; the copy before it then stays
 */
export async function keep(catalogue, gallery, progress) {
  const urls = everything(catalogue, gallery).map(({ url }) => url.href);
  const registration = await navigator.serviceWorker.register(new URL('sw.js', document.baseURI));
  await navigator.serviceWorker.ready;
  const worker = registration.active;
  if (!worker) throw new Error('The service worker did not start.');
  const version = await versionOf(catalogue, gallery);
  const channel = new MessageChannel();
  const done = new Promise((resolve, reject) => {
    channel.port1.onmessage = ({ data }) => {
      if (data.failed) reject(new Error(data.failed));
      else if (data.finished) resolve(undefined);
      else progress(data.done, urls.length);
    };
  });
  worker.postMessage({ keep: { prefix: cachePrefix(), version, urls } }, [channel.port2]);
  await done;
  channel.port1.close();
}

export async function forget() {
  for (const name of await caches.keys()) if (name.startsWith(cachePrefix())) await caches.delete(name);
  const registration = await navigator.serviceWorker.getRegistration(document.baseURI);
  await registration?.unregister();
}

/** A new version for every keeping of other contents. @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
async function versionOf(catalogue, gallery) {
  const text = JSON.stringify(catalogue) + (await gallery.manifestFile.text());
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).slice(0, 12);
}
