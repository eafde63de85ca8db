/**
 * How many faces each detector finds: on photos of lfw-dev (one known face, in the middle of the photo) and on dlib-faces
 * (25 labelled boxes, several a photo). Detectors at the settings that their users get: face-api's defaults, tiny at 416.
 */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shared } from '../tests/places.mjs';

const LFW_PHOTOS = 100;
const SAME_FACE = 0.4;

/** @typedef {[number, number, number, number]} Box x, y, width, height */
/** @typedef {'doppel' | 'tiny' | 'ssd'} Detector */
/** @type {Record<Detector, string>} */
const TITLES = { doppel: 'doppel', tiny: 'face-api tiny at 416', ssd: 'face-api SSD' };

/** @param {(url: string) => Promise<Record<Detector, Box[]>>} boxesAt */
export async function recall(boxesAt) {
  const boxes = (/** @type {string} */ path) => boxesAt(`/photos/${path.split('/').map(encodeURIComponent).join('/')}`);
  if (!existsSync(join(shared, 'data'))) return console.log(`SKIPPED: ${shared}/data is not here`);
  await lfw(boxes);
  await dlib(boxes);
}

/** @param {(path: string) => Promise<Record<Detector, Box[]>>} boxes */
async function lfw(boxes) {
  const folder = 'data/lfw-dev/images';
  const photos = readdirSync(join(shared, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.jpg'))
    .sort();
  const step = photos.length / LFW_PHOTOS;
  const found = { doppel: 0, tiny: 0, ssd: 0 };
  for (let i = 0; i < LFW_PHOTOS; i++) {
    const all = await boxes(`${folder}/${photos[Math.floor(i * step)]}`);
    for (const detector of detectors) if (all[detector].some(holdsMiddle)) found[detector]++;
  }
  console.log(`lfw-dev, ${LFW_PHOTOS} photos spread over ${photos.length}: photos whose middle lies in a found box`);
  for (const detector of detectors) console.log(`  ${TITLES[detector].padEnd(22)} ${found[detector]} of ${LFW_PHOTOS}`);
}

/** LFW's photos are 250 × 250, the face in the middle. */
const holdsMiddle = (/** @type {Box} */ [x, y, width, height]) =>
  x < 125 && y < 125 && x + width > 125 && y + height > 125;

/** @param {(path: string) => Promise<Record<Detector, Box[]>>} boxes */
async function dlib(boxes) {
  const folder = 'data/dlib-faces';
  const labels = labelled(await readFile(join(shared, folder, 'testing.xml'), 'latin1'));
  const found = { doppel: 0, tiny: 0, ssd: 0 };
  const wrong = { doppel: 0, tiny: 0, ssd: 0 };
  let total = 0;
  for (const { file, faces } of labels) {
    const all = await boxes(`${folder}/${file}`);
    total += faces.length;
    for (const detector of detectors) {
      const hits = matched(faces, all[detector]);
      found[detector] += hits;
      wrong[detector] += all[detector].length - hits;
    }
  }
  console.log(`dlib-faces, ${labels.length} photos: labelled boxes met with IoU ≥ ${SAME_FACE}, and boxes that meet none`);
  for (const detector of detectors)
    console.log(`  ${TITLES[detector].padEnd(22)} ${found[detector]} of ${total}, ${wrong[detector]} others`);
}

const detectors = /** @type {Detector[]} */ (Object.keys(TITLES));

/** @returns {{file: string, faces: Box[]}[]} */
function labelled(/** @type {string} */ xml) {
  return xml.split('<image ').slice(1).map((part) => ({
    file: /file='([^']+)'/.exec(part)?.[1] ?? '',
    faces: [...part.matchAll(/<box top='(-?\d+)' left='(-?\d+)' width='(\d+)' height='(\d+)'/g)].map(
      ([, top, left, width, height]) => /** @type {Box} */ ([left, top, width, height].map(Number)),
    ),
  }));
}

/** How many of the labelled boxes have a found box of their own. */
function matched(/** @type {Box[]} */ faces, /** @type {Box[]} */ boxes) {
  const free = [...boxes];
  return faces.filter((face) => {
    const best = free.findIndex((box) => iou(face, box) >= SAME_FACE);
    if (best >= 0) free.splice(best, 1);
    return best >= 0;
  }).length;
}

function iou(/** @type {Box} */ [ax, ay, aw, ah], /** @type {Box} */ [bx, by, bw, bh]) {
  const width = Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx));
  const height = Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
  const both = width * height;
  return both / (aw * ah + bw * bh - both);
}
