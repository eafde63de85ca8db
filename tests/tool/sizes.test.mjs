/**
 * Faces of every size and lying every way, made of one face of a demo photo: small in a wide photo, cut so close that it
 * fills the frame, on its side and upside down without an EXIF orientation. With either set of networks.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { openSession } from '../golden/engine.mjs';
import { demoPhotos, sets } from '../places.mjs';
import { png } from '../png.mjs';
import { doppel, fill, scratch } from './program.mjs';

/** @typedef {import('../png.mjs').Pixels} Pixels */

const SIDE = 480;
const folder = scratch();
/** @type {import('../../web/heap.js').Session} */
let session;
before(async () => {
  session = await openSession();
  session.openPhoto(readFileSync(demoPhotos[0]));
  session.detect();
});

/** The largest face of the first demo photo as a level portrait. */
function portrait(/** @type {number} */ side) {
  const { width, height, rgba } = session.portrait(0, side);
  return { width, height, rgba: new Uint8Array(rgba) };
}

/** Moves every pixel: `from` gives the place in `pixels` that (x, y) of the result shows, or null for grey. */
function moved(/** @type {Pixels} */ pixels, /** @type {number} */ width, /** @type {number} */ height, /** @type {(x: number, y: number) => [number, number] | null} */ from) {
  const rgba = new Uint8Array(width * height * 4).fill(128);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [i, j] = from(x, y) ?? [-1, -1];
      const at = 4 * (j * pixels.width + i);
      if (i >= 0 && j >= 0 && i < pixels.width && j < pixels.height) rgba.set(pixels.rgba.subarray(at, at + 4), 4 * (y * width + x));
    }
  return { width, height, rgba };
}

const inside = (/** @type {Pixels} */ pixels, /** @type {number} */ width, /** @type {number} */ height, /** @type {number} */ left, /** @type {number} */ top) =>
  moved(pixels, width, height, (x, y) => [x - left, y - top]);

const last = SIDE - 1;
/** @type {Record<string, (x: number, y: number) => [number, number]>} */
const turns = {
  'a quarter to the right': (x, y) => [y, last - x],
  'upside down': (x, y) => [last - x, last - y],
  'a quarter to the left': (x, y) => [last - y, x],
};

async function faces(/** @type {string} */ models, /** @type {string} */ name, /** @type {Pixels} */ pixels) {
  fill(folder, { [name]: png(pixels) });
  const { out, err } = await doppel('represent', '--models', models, join(folder, name));
  assert.equal(err, '');
  return /** @type {{embedding: number[], facial_area: {x: number, y: number, w: number, h: number}}[]} */ (JSON.parse(out)[0].faces);
}

const cosine = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

for (const { name, models, skip } of sets())
  describe(`with the ${name} set`, () => {
    test('a face of 24 px in a photo of 640 × 480 is found where it is', { skip }, async () => {
      const [upright] = await faces(models, 'upright.png', portrait(SIDE));
      const side = Math.round((SIDE * 24) / upright.facial_area.w);
      const found = await faces(models, 'small.png', inside(portrait(side), 640, 480, 400, 100));
      assert.equal(found.length, 1);
      const { x, y, w, h } = found[0].facial_area;
      assert.ok(x > 390 && y > 90 && x + w < 400 + side + 10 && y + h < 100 + side + 10, `${x}, ${y}, ${w} × ${h}`);
    });

    test('a face that fills the frame is found, and is itself', { skip }, async () => {
      const whole = portrait(SIDE);
      const [upright] = await faces(models, 'upright.png', whole);
      const { x, y, w, h } = upright.facial_area;
      const [close] = await faces(models, 'close.png', inside(whole, w, h, -x, -y));
      assert.ok(close, 'no face');
      const similarity = cosine(upright.embedding, close.embedding);
      assert.ok(similarity > 0.8, `similarity ${similarity}`);
    });

    for (const [how, from] of Object.entries(turns)) {
      // The packaged detectors take a face that stands on its head for one that does not.
      if (how === 'upside down' && name === 'packaged') continue;
      test(`a photo that lies ${how} shows the same face`, { skip }, async () => {
        const whole = portrait(SIDE);
        const [upright] = await faces(models, 'upright.png', whole);
        const found = await faces(models, 'turned.png', moved(whole, SIDE, SIDE, from));
        assert.equal(found.length, 1);
        const similarity = cosine(upright.embedding, found[0].embedding);
        assert.ok(similarity > 0.9, `similarity ${similarity}`);
      });
    }
  });
