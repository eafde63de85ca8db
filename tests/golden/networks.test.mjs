/**
 * Each packaged network gives what face-api's own code on tfjs gives for the same photo, in the WebAssembly module and in
 * the native program: max |ours − theirs| ≤ 1e-3 · max |theirs|, over each output tensor before any decoding. (Relative
 * to the tensor's largest number: next to a zero there is nothing to be relative to.)
 */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { build, demoPhotos } from '../places.mjs';
import { networkDocument, openModule, runNetworkInModule, runNetworkNatively } from './engine.mjs';
import { Session } from '../../web/heap.js';
import { inputSide, networkNames, reference } from './reference.mjs';

const TOLERANCE = 1e-3;

/** @type {any} */
let module;
before(async () => (module = await openModule()));

for (const name of networkNames) {
  describe(name, () => {
    // Plain JavaScript takes ten seconds for SSD, so that one is compared once.
    for (const kind of name === 'ssd_mobilenetv1' ? ['a photo'] : ['noise', 'a photo']) {
      test(`on ${kind}: module and program agree with tfjs`, async (t) => {
        const side = inputSide(name);
        const path = await networkPath(name);
        const file = await readFile(path);
        const document = networkDocument(file);
        const pixels = kind === 'noise' ? noisePixels(side) : await photoPixels(side);
        const input = prepared(pixels, document.input);
        const shape = [1, side, side, 3];

        const theirs = await reference(name, pixels);
        const ours = {
          module: runNetworkInModule(module, file, input, shape),
          program: await runNetworkNatively(path, input, shape),
        };
        for (const [where, flat] of Object.entries(ours)) {
          for (const { name: output, data } of named(name, flat)) {
            const golden = theirs.find((tensor) => tensor.name === output)?.data ?? new Float32Array();
            const difference = relativeDifference(data, golden);
            t.diagnostic(`${where}, ${output}: ${difference.toExponential(1)}`);
            assert.ok(difference <= TOLERANCE, `${where}: ${output} differs by ${difference}`);
          }
        }
      });
    }
  });
}

/** Our flat outputs under the names of the reference. SSD gives six maps of boxes and classes by turns. */
function named(/** @type {string} */ network, /** @type {Float32Array} */ flat) {
  if (network !== 'ssd_mobilenetv1') return [{ name: 'output', data: flat }];
  const boxes = [];
  const classes = [];
  let at = 0;
  for (const priors of [32 * 32 * 3, 16 * 16 * 6, 8 * 8 * 6, 4 * 4 * 6, 2 * 2 * 6, 6]) {
    boxes.push(...flat.subarray(at, (at += 4 * priors)));
    classes.push(...flat.subarray(at, (at += 3 * priors)));
  }
  return [
    { name: 'boxes', data: Float32Array.from(boxes) },
    { name: 'classes', data: Float32Array.from(classes) },
  ];
}

function relativeDifference(/** @type {Float32Array} */ ours, /** @type {Float32Array} */ theirs) {
  if (ours.length !== theirs.length || !theirs.length) return Infinity;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < theirs.length; i++) {
    if (!Number.isFinite(ours[i])) return Infinity;
    difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    largest = Math.max(largest, Math.abs(theirs[i]));
  }
  return difference / largest;
}

async function networkPath(/** @type {string} */ name) {
  const folder = join(build, 'models');
  const file = (await readdir(folder)).find((f) => f.startsWith(name) && f.endsWith('.safetensors'));
  assert.ok(file, `${name} is not in build/models`);
  return join(folder, file);
}

/** What enters the graph: (pixel − mean) · scale, channels in the network's order. */
function prepared(
  /** @type {Float32Array} */ pixels,
  /** @type {{order: string, mean: number[], scale: number[]}} */ { order, mean, scale },
) {
  const channel = order === 'bgr' ? [2, 1, 0] : [0, 1, 2];
  return pixels.map((_, i) => (pixels[i - (i % 3) + channel[i % 3]] - mean[i % 3]) * scale[i % 3]);
}

/** The same noise on every run (mulberry32). */
function noisePixels(/** @type {number} */ side) {
  let state = 20231;
  return Float32Array.from({ length: side * side * 3 }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) & 255;
  });
}

/** A demo photo, its longer side as long as the network's, in the top left corner of a black square. */
async function photoPixels(/** @type {number} */ side) {
  const session = new Session(module);
  session.openPhoto(await readFile(demoPhotos[0]));
  const { width, height, rgba: buffer } = session.preview(side);
  session.close();
  const rgba = new Uint8Array(buffer);
  const pixels = new Float32Array(side * side * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) pixels[(y * side + x) * 3 + c] = rgba[(y * width + x) * 4 + c];
  return pixels;
}
