/** Photos of all kinds on the page: which way up they are shown, what the browser has to decode, what is refused. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import * as words from '../../web/words.js';
import { openSession } from '../golden/engine.mjs';
import { ORIENTATIONS, jpegWithExif, stored, turnedPng, webpWithExif } from '../orientations.mjs';
import { lacking, shared } from '../places.mjs';
import { png } from '../png.mjs';
import { run, until } from './engines.mjs';
import { CORNERS, openPictures } from './pictures.mjs';
import { give, inEachEngine, match, outcome, problem, ready, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
/** @type {import('../../web/heap.js').Session} */
let session;
before(async () => {
  pictures = await openPictures();
  session = await openSession({ thorough: false });
});
after(async () => {
  session?.close();
  await pictures?.close();
});

const formats = /** @type {const} */ (['png', 'jpeg', 'webp']);

/** A file of each orientation; the browser encodes JPEG and WebP. @param {Page} page @param {typeof formats[number]} format @param {number} orientation */
async function turned(page, format, orientation) {
  const upright = await pictures.oneFacePixels();
  if (format === 'png') return pictures.of(`turned-${orientation}.png`, turnedPng(upright, orientation));
  const pixels = stored(upright, orientation);
  const encoded = await run(page, encode, png(pixels).toString('base64'), `image/${format}`);
  if (!encoded) return '';
  const bytes = Buffer.from(encoded, 'base64');
  return pictures.of(`turned-${orientation}-${page.engine}.${format}`, format === 'jpeg' ? jpegWithExif(bytes, orientation) : webpWithExif(bytes, pixels, orientation));
}

/** Runs in the page: base64 of the picture in another format, '' if this browser does not write it. */
async function encode(/** @type {string} */ base64, /** @type {string} */ type) {
  const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  const blob = /** @type {Blob | null} */ (await new Promise((done) => canvas.toBlob(done, type, 0.95)));
  if (blob?.type !== type) return '';
  return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
}

/** The photo as it is on the screen: the colours near its corners, and the mark's box in shares of it. @param {Page} page */
async function shown(page) {
  const file = join(tmpdir(), `doppel-shown-${process.pid}.png`);
  await run(page, () => window.scrollTo(0, 0));
  const places = await run(page, () => {
    const box = (/** @type {string} */ selector) => document.querySelector(selector)?.getBoundingClientRect().toJSON();
    return { picture: box('#photo-picture'), mark: box('.face-mark'), kind: document.querySelector('#photo-picture > *')?.tagName, width: innerWidth };
  });
  await page.screenshot(file);
  session.openPhoto(readFileSync(file));
  rmSync(file);
  const { width, rgba } = session.preview(16384);
  const { picture, mark } = places;
  const scale = width / places.width;
  const inset = 0.02 * picture.width;
  const corners = [0, 1, 2, 3].map((corner) => {
    const x = Math.round((corner % 2 ? picture.right - inset : picture.left + inset) * scale);
    const y = Math.round((corner >= 2 ? picture.bottom - inset : picture.top + inset) * scale);
    return nearestColour(new Uint8Array(rgba).subarray((y * width + x) * 4));
  });
  const share = [(mark.left - picture.left) / picture.width, (mark.top - picture.top) / picture.height, mark.width / picture.width, mark.height / picture.height];
  return { corners, share, kind: places.kind, ratio: picture.width / picture.height };
}

/** @param {Uint8Array} pixel darkened by the mark around the chosen face */
function nearestColour([r, g, b]) {
  const least = Math.max(r, g, b) / 2;
  return Object.entries(CORNERS).find(([, colour]) => colour.every((level, i) => level > 0 === [r, g, b][i] > least))?.[0];
}

inEachEngine('a photo of every orientation', (visit) => {
  for (const format of formats)
    test(`is upright with its mark on the face, as ${format.toUpperCase()}`, async (t) => {
      const { page } = await visit();
      await page.size(1280, 1400);
      await ready(page);
      /** @type {number[]} */
      let first = [];
      for (const orientation of ORIENTATIONS) {
        const file = await turned(page, format, orientation);
        if (!file) return t.skip(`SKIPPED: ${page.engine} writes no ${format}`);
        const [best] = await match(page, file);
        const { corners, share, kind, ratio } = await shown(page);
        const what = `orientation ${orientation}`;
        assert.ok(best.similarity > 0.85, `${what}: the same face in the gallery has ${best.similarity}`);
        assert.deepEqual(corners, Object.keys(CORNERS), what);
        assert.ok(Math.abs(ratio - 360 / 480) < 0.01, `${what}: ${ratio}`);
        assert.equal(kind, format === 'webp' ? 'CANVAS' : 'IMG', what);
        if (!first.length) first = share;
        share.forEach((value, i) => assert.ok(Math.abs(value - first[i]) < 0.03, `${what}: the mark is at ${share}, upright at ${first}`));
        await page.click('#forget');
      }
    });
});

/** A HEIC and a WebP of which there is nothing but the header. */
const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
const hugeWebp = webpWithExif(Buffer.from('RIFF\x04\0\0\0WEBP'), { width: 64_001, height: 64_001 }, 1);

inEachEngine('what the browser has to decode', (visit) => {
  test('a picture that is too large is refused before the browser takes memory for it', async () => {
    const { page } = await visit();
    await ready(page);
    await run(page, () => {
      const decode = globalThis.createImageBitmap;
      /** @type {any} */ (window).decoded = 0; // of the photo; sheets of portraits are no files
      Object.assign(globalThis, { createImageBitmap: (/** @type {any[]} */ ...args) => (/** @type {any} */ (window).decoded += Number(args[0] instanceof File), /** @type {any} */ (decode)(...args)) });
    });
    await give(page, await pictures.of('huge.webp', hugeWebp));
    assert.deepEqual((({ code, text }) => [code, text])(await problem(page)), ['IMAGE_TOO_LARGE', words.tooLarge(64_001, 64_001, 16_384, 50_000_000)]);
    assert.equal(await run(page, () => /** @type {any} */ (window).decoded), 0);
  });

  test('a HEIC that the browser cannot read gets a sentence that says how to save a JPEG', async () => {
    const { page } = await visit();
    await ready(page);
    await give(page, await pictures.of('photo.heic', heic));
    assert.deepEqual((({ code, text }) => [code, text])(await problem(page)), ['HEIC', words.problems.HEIC]);
    assert.match(words.problems.HEIC, /save it as jpeg/i);
  });
});

/**
 * ../shared/cases/photos, by its README: 'photo' has faces, 'part' is said to be incomplete, 'refused' gets a sentence
 * unless the browser can show the file and the page says that it is damaged; 'cut' has its face in the damaged part;
 * 'any' is decoded, and what it shows is no matter.
 * @type {Record<string, 'photo' | 'part' | 'cut' | 'refused' | 'any'>}
 */
const CASES = {
  'cr.jpg': 'photo',
  'cr.bmp': 'photo',
  'progressive-without-end.jpg': 'photo',
  'progressive-cut-6000-bytes.jpg': 'part',
  'prog_zero_between.jpg': 'photo',
  'jp2_ni_cut.jpg': 'part',
  'rst_9junk_one.jpg': 'photo',
  'rst_missing_one.jpg': 'cut',
  'ff00_header.jpg': 'photo',
  'jpeg_ff00_header.jpg': 'any',
  'pal_short.png': 'any',
  'pal_trns_before_plte.png': 'photo',
  'trns_rgba.png': 'photo',
  'trns_after_idat.png': 'photo',
  'rot6.webp': 'photo',
  'chunk.png': 'refused',
  'no_iend.png': 'refused',
  'broken_data_stream.png': 'refused',
};
const cases = join(shared, 'cases/photos');

inEachEngine('photos that went wrong before', (visit) => {
  test('each gives what is right for it, also after all the others', { skip: lacking(cases) }, async (t) => {
    const { page } = await visit();
    await ready(page);
    for (const name of [...Object.keys(CASES), ...Object.keys(CASES).reverse()]) {
      await page.click('#forget').catch(() => {});
      await give(page, join(cases, name));
      const phase = await outcome(page);
      const seen = await run(page, () => {
        const text = (/** @type {string} */ id) => document.getElementById(id)?.textContent ?? '';
        const { width, height } = /** @type {DOMRect} */ (document.getElementById('photo-picture')?.getBoundingClientRect());
        return { faces: document.querySelectorAll('.face-mark').length, code: document.getElementById('alert')?.dataset.code ?? '', said: text('alert-text'), note: text('note').trim(), ratio: width / height };
      });
      t.diagnostic(`${name}: ${phase}, ${JSON.stringify(seen)}`);
      assert.match(seen.said + seen.note, /^[\x20-\x7e\u2010-\u2026×]*$/, `${name}: only text of our own`);
      const kind = CASES[name];
      if (kind === 'photo') assert.deepEqual([seen.faces > 0, seen.code, seen.note], [true, '', ''], name);
      if (kind === 'part') assert.ok([words.status.cutShort, words.status.incomplete].includes(`${seen.note} `), `${name}: ${seen.note}`);
      if (kind === 'cut') assert.deepEqual([phase, seen.code, seen.said], ['noface', 'FACE_CUT', words.problems.FACE_CUT], name);
      if (kind === 'refused') assert.ok(phase === 'failed' ? seen.code === 'DAMAGED_IMAGE' : `${seen.note} ` === words.status.damaged, `${name}: ${phase} ${seen.code} ${seen.note}`);
      if (name === 'rot6.webp') assert.ok(Math.abs(seen.ratio - 200 / 250) < 0.01, `${name} is upright: ${seen.ratio}`);
    }
  });
});

/** As a visitor of Tor Browser, LibreWolf or Mullvad Browser has it. */
const resisting = { preferences: { 'privacy.resistFingerprinting': true } };

inEachEngine(
  'a Firefox that resists fingerprinting',
  (visit) => {
    test('gives altered pixels to this test as well', async () => {
      const { page } = await visit();
      const pixel = await run(page, () => {
        const canvas = document.createElement('canvas');
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
        context.fillStyle = 'rgb(10 20 30)';
        context.fillRect(0, 0, 10, 10);
        return [...context.getImageData(0, 0, 10, 10).data];
      });
      assert.ok(pixel.some((/** @type {number} */ value, /** @type {number} */ i) => Math.abs(value - [10, 20, 30, 255][i % 4]) > 8), 'the preference had no effect');
    });

    test('finds the face of a JPEG, a BMP and a PNG through the engine', { skip: lacking(cases) }, async () => {
      const { page } = await visit();
      await ready(page);
      for (const name of ['cr.jpg', 'cr.bmp']) {
        await give(page, join(cases, name));
        assert.match(await outcome(page), /notice|matched/, name);
        assert.equal(await run(page, () => document.querySelectorAll('.face-mark').length), 1, name);
        await page.click('#forget');
      }
      assert.ok((await match(page, await pictures.oneFace()))[0].similarity > 0.9);
      assert.equal(await run(page, () => document.querySelector('#photo-picture > *')?.tagName), 'IMG');
    });

    test('says which setting keeps it from reading a WebP', { skip: lacking(join(shared, 'cases/photos/rot6.webp')) }, async () => {
      const { page } = await visit();
      await ready(page);
      await give(page, join(shared, 'cases/photos/rot6.webp'));
      const { code, text } = await problem(page);
      assert.deepEqual([code, text], ['CANVAS_BLOCKED', words.problems.CANVAS_BLOCKED]);
      assert.match(text, /privacy\.resistFingerprinting/);
    });

    test('says the same of the camera, and does not switch it on', async () => {
      const { page } = await visit();
      await ready(page);
      await run(page, () => {
        const getUserMedia = () => Promise.reject((/** @type {any} */ (window).asked = new Error('asked for')));
        Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia }, configurable: true });
      });
      await page.click('#camera-open');
      await until(page, 'the sentence', (/** @type {string} */ text) => document.getElementById('camera-text')?.textContent === text, words.camera.blocked);
      assert.equal(await run(page, () => 'asked' in window), false);
      assert.match(words.camera.blocked, /privacy\.resistFingerprinting/);
    });
  },
  { only: ['firefox'], options: async () => resisting },
);
