/**
 * A first visit: milliseconds from navigation to the first match, with empty caches, and the bytes on the way; our page with
 * both sets beside face-api's smallest one, from the same host, on this machine and behind a line. The photo lies in the
 * page's own field for one as soon as that is there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dist, faceApi, root, sets } from '../tests/places.mjs';
import { open } from '../tests/web/engines.mjs';
import { openSite } from '../tests/web/site.mjs';
import { PACKERS } from '../tools/setup/precompress.mjs';
import { builds } from './builds.mjs';
import { openLine } from './line.mjs';
import { interleaved } from './rounds.mjs';

const LINE = { bitsPerSecond: 20e6, roundTrip: 40 };
const WAIT = 60_000;

/** @typedef {{requests: number, bytes: number, gallery: number, thorough: number, paths: {path: string, bytes: number}[]}} Wire bytes of bodies, gzip where it helps; without gallery and thorough detector, and theirs */

/** @typedef {{raw: number, gzip: number, brotli: number}} Packed bytes */

/** @param {{photo: string, rounds: number}} options */
export async function startTimes({ photo, rounds }) {
  const visits = sites();
  const jpeg = readFileSync(photo).toString('base64');
  const page = await open('chromium');
  const browser = page.native.context().browser();
  /** @type {Record<string, () => Promise<number>>} */
  const what = {};
  /** @type {Record<string, Wire>} */
  const wire = {};
  /** @type {Record<string, string>} */
  const faults = {};
  const closing = [];
  try {
    for (const [name, { mounts, change, path }] of Object.entries(visits)) {
      const site = await openSite(mounts, { change });
      closing.push(site);
      for (const [where, speed] of /** @type {const} */ ([['local', {}], ['line', LINE]])) {
        const line = await openLine(site.origin, speed);
        closing.push(line);
        what[`${name}: ${where}`] = async () => {
          line.forget();
          const ms = await visit(browser, `${line.origin}/${path}`, jpeg);
          wire[name] = weighed(line.sent(), mounts['/']);
          return ms;
        };
      }
    }
    return { browser: `Chromium ${browser.version()}`, rounds, line: LINE, measured: await interleaved({ rounds, warmUp: 1, what, faults }), wire, modules: modules(), faults };
  } finally {
    for (const each of closing.reverse()) await each.close();
    await page.close();
  }
}

/** Bytes of each build's module. @returns {Record<string, Packed>} */
function modules() {
  return Object.fromEntries(
    builds().map(({ name, wasm }) => {
      const bytes = readFileSync(join(dist, wasm.replace('./wasm/', '')));
      return [name, { raw: bytes.length, gzip: PACKERS['.gz'](bytes).length, brotli: PACKERS['.br'](bytes).length }];
    }),
  );
}

/** @returns {Record<string, {path: string, mounts: Record<string, string>, change?: Record<string, import('../tests/web/site.mjs').Change>}>} */
function sites() {
  const ours = sets().filter(({ skip }) => !skip).map(({ name, dist }) => {
    return /** @type {const} */ ([name, { path: '', mounts: { '/': dist }, change: { 'gallery/gallery.json': withoutNotice } }]);
  });
  const theirs = {
    path: 'cold.html',
    mounts: { '/': join(root, 'bench'), '/face-api/': faceApi, '/tfjs-backend-wasm/': join(root, 'node_modules/@tensorflow/tfjs-backend-wasm') },
  };
  return { ...Object.fromEntries(ours), 'face-api': theirs };
}

/** Nobody reads while the clock runs. @param {Buffer} manifest */
export const withoutNotice = (manifest) => JSON.stringify({ ...JSON.parse(manifest.toString()), notice: '' });

/** A visit with empty caches: milliseconds to the match. @param {any} browser @param {string} url @param {string} jpeg base64 */
async function visit(browser, url, jpeg) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(givePhoto, jpeg);
    await page.goto(url, { waitUntil: 'commit' });
    const ms = await page.waitForFunction(() => /** @type {any} */ (window).benchMatched, undefined, { timeout: WAIT, polling: 50 });
    return Number(await ms.jsonValue());
  } finally {
    await context.close();
  }
}

/** Runs in the page before its own scripts. */
export function givePhoto(/** @type {string} */ jpeg) {
  const bench = /** @type {any} */ (window);
  const input = () => /** @type {HTMLInputElement} */ (document.querySelector('#file-input'));
  document.addEventListener('readystatechange', () => {
    if (document.readyState !== 'interactive') return;
    const chosen = new DataTransfer();
    chosen.items.add(new File([/** @type {any} */ (Uint8Array).fromBase64(jpeg)], 'photo.jpg', { type: 'image/jpeg' }));
    input().files = chosen.files;
  });
  document.addEventListener('DOMContentLoaded', () => {
    if (input().files?.length) input().dispatchEvent(new Event('change')); // a page that did not look into it by itself
  });
  new MutationObserver(() => {
    if (document.documentElement?.dataset.photo === 'matched') bench.benchMatched ??= performance.now();
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-photo'] });
}

/** @param {{path: string, bytes: number}[]} sent @param {string} folder of a site of ours @returns {Wire} */
function weighed(sent, folder) {
  const heavy = thoroughOf(folder);
  const sum = (/** @type {(path: string) => boolean} */ which) => sent.filter(({ path }) => which(path)).reduce((all, { bytes }) => all + bytes, 0);
  const isGallery = (/** @type {string} */ path) => path.startsWith('/gallery/');
  const isThorough = (/** @type {string} */ path) => heavy !== '' && path.endsWith(heavy);
  return {
    requests: sent.length,
    bytes: sum((path) => !isGallery(path) && !isThorough(path)),
    gallery: sum(isGallery),
    thorough: sum(isThorough),
    paths: sent,
  };
}

/** @param {string} folder */
function thoroughOf(folder) {
  try {
    const { networks } = JSON.parse(readFileSync(join(folder, 'models/models.json'), 'utf8'));
    return networks.find((/** @type {{role: string}} */ { role }) => role === 'thorough')?.path ?? '';
  } catch {
    return ''; // a peer's
  }
}
