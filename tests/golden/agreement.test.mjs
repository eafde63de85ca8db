/**
 * A vector computed by whoever builds a gallery equals the one computed in a visitor's browser: the native program and
 * both WebAssembly modules, with relaxed SIMD and without, find the same faces in the same photos and give vectors with a
 * cosine of at least 0.9995. (In float32 they would agree to the last digits; what is rounded to int8 may fall on either side.)
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { demoPhotos, lacking, sets, shared } from '../places.mjs';
import { MODULES, openSession, programJson } from './engine.mjs';

setFlagsFromString('--experimental-wasm-relaxed-simd'); // node before 22 knows it, but does not offer it

const COSINE = 0.9995;
const PIXELS = 1.5; // the program prints whole pixels, as DeepFace does

/** @typedef {{embedding: number[], facial_area: {x: number, y: number, w: number, h: number}}} Represented */

const folder = (/** @type {string} */ name) => {
  const path = join(shared, 'data', name);
  if (!existsSync(path)) return [];
  return readdirSync(path).filter((file) => file.endsWith('.jpg')).sort().map((file) => join(path, file));
};

for (const { name: set, models, skip } of sets()) {
  describe(`with the ${set} set`, () => {
    test('on the demo photos', { skip }, (t) => agree(t, models, demoPhotos));
    for (const name of ['deepface-pairs', 'dlib-faces'])
      test(`on the photos of ${name}`, { skip: skip || lacking(join(shared, 'data', name)) }, (t) => agree(t, models, folder(name)));
  });
}

async function agree(/** @type {import('node:test').TestContext} */ t, /** @type {string} */ models, /** @type {string[]} */ photos) {
  const represented = await programJson('represent', '--models', models, ...photos);
  for (const module of MODULES) {
    const session = await openSession({ models, module });
    const seen = [];
    for (const [i, path] of photos.entries()) seen.push(...(await vectorsOf(session, path, represented[i])));
    session.close();
    const cosines = seen.map(({ vector, native }) => vector.reduce((sum, x, k) => sum + x * native[k], 0));
    t.diagnostic(`${module}: ${cosines.length} faces in ${photos.length} photos, the least cosine is ${Math.min(...cosines).toFixed(8)}`);
    assert.ok(cosines.length >= photos.length / 2, `only ${cosines.length} faces in ${photos.length} photos`);
    assert.ok(Math.min(...cosines) >= COSINE);
  }
}

/** The session's vectors of a photo's faces, and the program's. Both see the same faces, or refuse the photo. */
async function vectorsOf(
  /** @type {import('../../web/heap.js').Session} */ session,
  /** @type {string} */ path,
  /** @type {{faces: Represented[], error?: string}} */ { faces: natives, error },
) {
  const name = basename(path);
  const file = await readFile(path);
  if (file.subarray(8, 12).toString() === 'WEBP') return []; // in a browser its own decoder reads it
  if (error) {
    assert.throws(() => session.openPhoto(file), (/** @type {Error} */ thrown) => error.endsWith(thrown.message), name);
    return [];
  }
  session.openPhoto(file);
  const found = session.detect().faces;
  assert.equal(found.length, natives.length, `${name}: faces`);
  return natives.map(({ embedding, facial_area: area }, face) => {
    const { box } = found[face];
    const shifts = [box.x - area.x, box.y - area.y, box.width - area.w, box.height - area.h].map(Math.abs);
    assert.ok(Math.max(...shifts) <= PIXELS, `${name}, face ${face}: boxes differ by ${shifts}`);
    return { vector: session.embed(face), native: embedding };
  });
}
