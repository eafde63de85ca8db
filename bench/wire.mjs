/**
 * Bytes on the wire before the first match: what a visitor's browser really asks our host for, from the address to the
 * first result, as a host sends it (gzip for what is not packed already); beside what face-api's smallest chain needs.
 */
import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open, until } from '../tests/web/engines.mjs';
import { dist, faceApi, root } from '../tests/places.mjs';
import { openSite } from '../tests/web/site.mjs';

const PACKED = /\.(gz|jpg|png|woff2)$/;

const FACE_API_TINY = [
  join(faceApi, 'dist/face-api.esm.js'),
  join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'),
  ...['tiny_face_detector', 'face_landmark_68', 'face_recognition'].flatMap((name) => [
    join(faceApi, `model/${name}_model-weights_manifest.json`),
    join(faceApi, `model/${name}_model.bin`),
  ]),
];

async function sent(/** @type {string} */ file) {
  const bytes = await readFile(file);
  return PACKED.test(file) ? bytes.length : gzipSync(bytes, { level: 6 }).length;
}

const sum = (/** @type {number[]} */ numbers) => numbers.reduce((a, b) => a + b, 0);

/** What is fetched until a photo has its first match. @returns {Promise<string[]>} paths inside dist/ */
async function fetchedUntilMatch(/** @type {string} */ photo) {
  const site = await openSite({ '/': dist });
  const page = await open('chromium');
  try {
    await page.goto(`${site.origin}/`);
    await until(page, 'the engine', () => document.documentElement.dataset.engine === 'ready');
    await page.choose('#file-input', photo);
    await until(page, 'faces', () => ['choose', 'notice', 'matched'].includes(document.documentElement.dataset.photo ?? ''));
    const paths = site.seen.filter(({ status }) => status === 200).map(({ path }) => path.slice(1) || 'index.html');
    return [...new Set(paths)];
  } finally {
    await page.close();
    await site.close();
  }
}

export async function wireSizes(/** @type {string} */ photo) {
  const paths = await fetchedUntilMatch(photo);
  const total = async (/** @type {(path: string) => boolean} */ which) =>
    sum(await Promise.all(paths.filter(which).map((path) => sent(join(dist, path)))));
  const { networks } = JSON.parse(await readFile(join(dist, 'models/models.json'), 'utf8'));
  const heavy = networks.find((/** @type {any} */ { role }) => role === 'thorough');
  const isGallery = (/** @type {string} */ path) => path.startsWith('gallery/');
  const isHeavy = (/** @type {string} */ path) => heavy !== undefined && path === `models/${heavy.path}`;
  const sizes = {
    page: await total((path) => !isGallery(path) && !isHeavy(path)),
    thorough: await total(isHeavy),
    gallery: await total(isGallery),
    faceApiTiny: sum(await Promise.all(FACE_API_TINY.map(sent))),
  };
  const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  const wanted = sizes.thorough ? `and ${mb(sizes.thorough)} of thorough detector, which this photo wants` : 'no thorough detector';
  const text =
    `Bytes on the wire before the first match (gzip): doppel ${mb(sizes.page)} in ${paths.length} requests, ${wanted}, ` +
    `${mb(sizes.gallery)} of demo gallery; face-api with its tiny set ${mb(sizes.faceApiTiny)}.`;
  return { text, sizes, paths };
}
