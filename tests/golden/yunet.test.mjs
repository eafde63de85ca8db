/**
 * YuNet's faces, as `--parity` finds them, are those that OpenCV's FaceDetectorYN makes of onnxruntime's outputs: the same
 * faces, boxes and points within half a pixel. The reference decoder stands here, written after OpenCV's formulas.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { Session } from '../../web/heap.js';
import { withInputShape } from '../onnx.mjs';
import { demoPhotos, lacking, shared } from '../places.mjs';
import { openModule } from './engine.mjs';
import { withImported } from './imported.mjs';
import { channelsFirst, runOnnx } from './onnxruntime.mjs';

const LONGEST = 640; // DeepFace reduces larger photos to this
const SCORE = 0.9;
const OVERLAP = 0.3;
const SMALLEST = 16; // pixels; doppel leaves out smaller ones
const PIXELS = 0.5;
const UNDECIDED = 1e-4; // of a score: a face so near to the threshold may be there or not

const yunet = join(shared, 'models/face_detection_yunet_2023mar.onnx');
const photosOf = (/** @type {string} */ folder, most = Infinity) => {
  const path = join(shared, 'data', folder);
  if (!existsSync(path)) return [];
  const all = readdirSync(path, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.jpg'))
    .sort();
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(all.length, most) }, (_, i) => join(path, all[Math.floor(i * step)]));
};

/** @type {any} */
let module;
/** @type {Buffer} */
let network;
before(async () => {
  module = await openModule();
  if (existsSync(yunet))
    network = await withImported(yunet, ['--as', 'detector:yunet', '--size', '640x640'], (path) => readFile(path));
});

test('on the demo photos', { skip: lacking(yunet) }, (t) => agree(t, demoPhotos, 15));
for (const [folder, most, least] of /** @type {[string, number, number][]} */ ([
  ['dlib-faces', 5, 15],
  ['deepface-pairs', 30, 25],
  ['lfw-dev', 40, 40],
]))
  test(`on photos of ${folder}`, { skip: lacking(yunet, join(shared, 'data', folder)) }, (t) =>
    agree(t, photosOf(folder, most), least),
  );

/** @typedef {{score: number, box: number[], points: number[]}} Found box: x, y, width, height; points: x, y by turns */

/** @param {import('node:test').TestContext} t @param {string[]} photos @param {number} least  faces that are there in all */
async function agree(t, photos, least) {
  const session = openParity();
  let faces = 0;
  let worst = 0;
  for (const path of photos) {
    const name = basename(path);
    try {
      session.openPhoto(await readFile(path));
    } catch {
      continue; // a WebP by the name of .jpg lies among them
    }
    const theirs = await reference(session);
    const ours = session.detect().faces;
    for (const their of theirs) {
      const distances = ours.map(({ box, points }) =>
        largestDifference(their, [box.x, box.y, box.width, box.height], points),
      );
      const nearest = Math.min(Infinity, ...distances);
      if (their.score < SCORE + UNDECIDED && nearest > PIXELS) continue;
      assert.ok(nearest <= PIXELS, `${name}: the face at ${their.box.map(Math.round)} is ${nearest} pixels off`);
      worst = Math.max(worst, nearest);
      faces++;
    }
    const certain = ours.filter(({ score }) => score > SCORE + UNDECIDED);
    assert.ok(certain.length <= theirs.length, `${name}: ${certain.length} faces, ${theirs.length} expected`);
  }
  session.close();
  t.diagnostic(`${faces} faces in ${photos.length} photos, within ${worst.toFixed(3)} pixels`);
  assert.ok(faces >= least, `only ${faces} faces were compared`);
}

function openParity() {
  const session = new Session(module);
  session.addNetwork(network);
  session.start({ parity: true });
  return session;
}

function largestDifference(
  /** @type {Found} */ { box, points },
  /** @type {number[]} */ ourBox,
  /** @type {{x: number, y: number}[]} */ ourPoints,
) {
  const theirs = [...box, ...points];
  return Math.max(...[...ourBox, ...ourPoints.flatMap(({ x, y }) => [x, y])].map((value, i) => Math.abs(value - theirs[i])));
}

/* ---- the reference ---- */

/** The photo that the session holds, through onnxruntime and OpenCV's formulas. @returns {Promise<Found[]>} */
async function reference(/** @type {Session} */ session) {
  const photo = session.photoSize();
  const { width, height, rgba } = session.preview(Math.min(LONGEST, Math.max(photo.width, photo.height)));
  const [wide, high] = [width, height].map((side) => Math.ceil(side / 32) * 32);
  const bytes = new Uint8Array(rgba);
  const input = new Float32Array(wide * high * 3); // BGR, black where the photo ends
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) input[(y * wide + x) * 3 + c] = bytes[(y * width + x) * 4 + 2 - c];
  const file = withInputShape(await readFile(yunet), [1, 3, high, wide]);
  const outputs = await runOnnx(file, channelsFirst(input, [1, high, wide, 3]), [1, 3, high, wide]);
  const scale = Math.max(photo.width, photo.height) / Math.max(width, height);
  return withoutOverlaps(decoded(outputs, wide, high))
    .map(({ score, box, points }) => ({ score, box: box.map((v) => v * scale), points: points.map((v) => v * scale) }))
    .filter(({ box }) => Math.min(box[2], box[3]) >= SMALLEST);
}

/** @returns {Found[]} */
function decoded(
  /** @type {import('./onnxruntime.mjs').Output[]} */ outputs,
  /** @type {number} */ width,
  /** @type {number} */ height,
) {
  const output = (/** @type {string} */ name) => outputs.find((one) => one.name === name)?.data ?? new Float32Array();
  const found = [];
  for (const stride of [8, 16, 32]) {
    const [cls, obj, bbox, kps] = ['cls', 'obj', 'bbox', 'kps'].map((kind) => output(`${kind}_${stride}`));
    const columns = width / stride;
    for (let i = 0; i < columns * (height / stride); i++) {
      const score = Math.sqrt(clamped(cls[i]) * clamped(obj[i]));
      if (score < SCORE) continue;
      const [column, row] = [i % columns, Math.floor(i / columns)];
      const [x, y] = [(column + bbox[4 * i]) * stride, (row + bbox[4 * i + 1]) * stride];
      const [w, h] = [Math.exp(bbox[4 * i + 2]) * stride, Math.exp(bbox[4 * i + 3]) * stride];
      const points = Array.from({ length: 10 }, (_, p) => (kps[10 * i + p] + (p % 2 ? row : column)) * stride);
      found.push({ score, box: [x - w / 2, y - h / 2, w, h], points });
    }
  }
  return found;
}

const clamped = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));

/** The best first; of two that overlap, the better one. */
function withoutOverlaps(/** @type {Found[]} */ faces) {
  /** @type {Found[]} */
  const kept = [];
  for (const face of faces.sort((a, b) => b.score - a.score))
    if (kept.every((other) => overlap(face.box, other.box) <= OVERLAP)) kept.push(face);
  return kept;
}

/** Intersection over union, of boxes in whole pixels as OpenCV has them there. */
function overlap(/** @type {number[]} */ one, /** @type {number[]} */ other) {
  const [a, b] = [one.map(Math.trunc), other.map(Math.trunc)];
  const side = (/** @type {0 | 1} */ axis) =>
    Math.max(0, Math.min(a[axis] + a[axis + 2], b[axis] + b[axis + 2]) - Math.max(a[axis], b[axis]));
  const both = side(0) * side(1);
  return both / (a[2] * a[3] + b[2] * b[3] - both);
}
