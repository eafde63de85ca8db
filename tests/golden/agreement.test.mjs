/**
 * A vector computed by whoever builds a gallery equals the one computed in a visitor's browser: the native program and
 * the WebAssembly module find the same faces in the same photos and give vectors with a cosine of at least 0.99999.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { demoPhotos, lacking, sets, shared } from '../places.mjs';
import { openSession, programJson } from './engine.mjs';

const COSINE = 0.99999;
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
  const session = await openSession({ models });
  const represented = await programJson('represent', '--models', models, ...photos);
  let faces = 0;
  let worst = 1;
  for (const [i, path] of photos.entries()) {
    const name = basename(path);
    const { faces: natives, error } = /** @type {{faces: Represented[], error?: string}} */ (represented[i]);
    const file = await readFile(path);
    if (error) {
      assert.throws(() => session.openPhoto(file), (/** @type {Error} */ thrown) => error.endsWith(thrown.message), name);
      continue;
    }
    session.openPhoto(file);
    const found = session.detect().faces;
    assert.equal(found.length, natives.length, `${name}: faces`);
    for (const [face, { embedding, facial_area: area }] of natives.entries()) {
      const { box } = found[face];
      const shifts = [box.x - area.x, box.y - area.y, box.width - area.w, box.height - area.h].map(Math.abs);
      assert.ok(Math.max(...shifts) <= PIXELS, `${name}, face ${face}: boxes differ by ${shifts}`);
      session.embed(face);
      const vector = session.vector();
      const cosine = vector.reduce((sum, x, k) => sum + x * embedding[k], 0);
      assert.ok(cosine >= COSINE, `${name}, face ${face}: cosine ${cosine}`);
      worst = Math.min(worst, cosine);
      faces++;
    }
  }
  session.close();
  t.diagnostic(`${faces} faces in ${photos.length} photos, the least cosine is ${worst.toFixed(8)}`);
  assert.ok(faces >= photos.length / 2, `only ${faces} faces in ${photos.length} photos`);
}
