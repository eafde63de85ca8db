// "Keep for offline use": fetches every file that the lists name into what this browser keeps, then has the service
// worker copy the page and the lists themselves into a cache with the version in its name. For this nothing is registered
// before the visitor asks for it.
import { cachePrefix, cachesHere } from './cache-names.js';
import { Tally } from './download.js';
import { moduleFile } from './module-file.js';
import { networkFile } from './networks.js';
import { workerFile } from './own-files.js';
import { hex } from './photo-file.js';

/** @typedef {import('./types.js').NetworkCatalogue} NetworkCatalogue */
/** @typedef {import('./gallery.js').Gallery} Gallery */
/** @typedef {import('./files.js').Files} Files */

/** Besides the page's own scripts, its style and the module. */
const otherFiles = ['./', 'index.html', 'icon.svg', workerFile, 'models/models.json', 'gallery/gallery.json'];

/** How long the service worker may take for the page's own files, a few hundred kilobytes. */
const patience = 60_000;

export const canKeep = () => 'serviceWorker' in navigator && window.isSecureContext && cachesHere() !== null;

/** All that the lists name. @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
export const filesOf = (catalogue, gallery) => [...catalogue.networks.map(networkFile), ...gallery.shards, ...gallery.shown, ...gallery.columns];

/** The page itself is small beside them. @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
export const bytesToKeep = (catalogue, gallery) => filesOf(catalogue, gallery).reduce((sum, { bytes }) => sum + bytes, 0);

/** Whether a copy is kept, and whether it is of what is served now, and whole. @param {NetworkCatalogue} catalogue @param {Gallery} gallery @returns {Promise<'none' | 'old' | 'current'>} */
export async function keptState(catalogue, gallery) {
  const names = canKeep() ? await copies().catch(() => []) : [];
  if (!names.length) return 'none';
  const version = await versionOf(catalogue, gallery);
  const current = names.filter((name) => name.startsWith(`${copyPrefix()}${version} `));
  const complete = await Promise.all(current.map((cacheName) => caches.match(completeMark(), { cacheName })));
  return complete.some(Boolean) ? 'current' : 'old';
}

/** What sw.js puts into a copy last of all: it may be ended in the middle of one. */
const completeMark = () => new URL('kept/complete', document.baseURI).href;

const copyPrefix = () => `${cachePrefix()}copy `;

const copies = async () => (await caches.keys()).filter((name) => name.startsWith(copyPrefix()));

/**
 * @param {NetworkCatalogue} catalogue @param {Gallery} gallery @param {Files} files
 * @param {(progress: import('./types.js').Progress) => void} progress
 * @returns {Promise<void>} rejects where a file could not be kept; the copy before it then stays, and what has arrived too
 */
export async function keep(catalogue, gallery, files, progress) {
  const listed = filesOf(catalogue, gallery);
  await files.keepAll(listed, new Tally(({ loaded, total }) => progress({ loaded, total })));
  await keepPage(await versionOf(catalogue, gallery));
  await files.dropOthers(listed);
}

/** Addresses of all that the page is made of: what it has loaded itself, be that one file or many modules, and the rest. */
function pageFiles() {
  const folder = new URL('./', document.baseURI).href;
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
  const own = loaded.filter((url) => url.startsWith(folder) && /\.(js|css)$/.test(url));
  return [...new Set([...own, ...[...otherFiles, moduleFile()].map((path) => new URL(path, folder).href)])];
}

/** Once more where it fails: a browser may end a service worker in the middle of its work, without a word. @param {string} version */
const keepPage = (version) => copyPage(version).catch(() => copyPage(version));

/** @param {string} version */
async function copyPage(version) {
  const registration = await navigator.serviceWorker.register(new URL('sw.js', document.baseURI));
  await navigator.serviceWorker.ready;
  const worker = registration.active;
  if (!worker) throw new Error('The service worker did not start.');
  const channel = new MessageChannel();
  const done = new Promise((resolve, reject) => {
    channel.port1.onmessage = ({ data }) => (data.failed ? reject(new Error(data.failed)) : resolve(undefined));
    setTimeout(() => reject(new Error('The service worker does not answer.')), patience);
  });
  worker.postMessage({ keep: { prefix: copyPrefix(), version, urls: pageFiles() } }, [channel.port2]);
  await done.finally(() => channel.port1.close());
}

/** What the caches of this page hold: files that the lists name, and the copy for offline use. @returns {Promise<Record<'files' | 'copy', {count: number, bytes: number}>>} */
export async function sizesKept() {
  const sizes = { files: { count: 0, bytes: 0 }, copy: { count: 0, bytes: 0 } };
  const caches = cachesHere();
  const names = (await caches?.keys().catch(() => [])) ?? [];
  for (const name of names.filter((each) => each.startsWith(cachePrefix()))) {
    const size = name.startsWith(copyPrefix()) ? sizes.copy : sizes.files;
    for (const response of (await (await caches?.open(name))?.matchAll()) ?? []) {
      size.count++;
      size.bytes += (await response.blob()).size;
    }
  }
  return sizes;
}

/** Everything that this page keeps, except decisions. @param {Files} files */
export async function forget(files) {
  await files.forget();
  for (const name of await copies().catch(() => [])) await cachesHere()?.delete(name);
  if (!canKeep()) return;
  const registration = await navigator.serviceWorker.getRegistration(document.baseURI);
  await registration?.unregister();
}

/** A new version for every keeping of other contents. @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
async function versionOf(catalogue, gallery) {
  const text = JSON.stringify(catalogue) + (await gallery.manifestFile.text());
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).slice(0, 12);
}
