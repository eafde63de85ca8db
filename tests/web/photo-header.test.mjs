/** web/photo-header.js: what the page reads of a picture file before the browser decodes it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readHeader } from '../../web/photo-header.js';
import { ORIENTATIONS, jpegWithExif, turnedPng, webpWithExif } from '../orientations.mjs';
import { lacking, shared } from '../places.mjs';
import { seeded } from '../random.mjs';

const ascii = (/** @type {string} */ text) => Buffer.from(text, 'latin1');
const bytes = (/** @type {number[]} */ ...values) => Buffer.from(values);
const u32 = (/** @type {number} */ value) => bytes(value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255);
const box = (/** @type {string} */ kind, /** @type {Buffer[]} */ ...content) => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(8 + body.length), ascii(kind), body]);
};
const ispe = (/** @type {number} */ width, /** @type {number} */ height) => box('ispe', u32(0), u32(width), u32(height));
const isoMedia = (/** @type {string} */ brands, /** @type {Buffer[]} */ ...properties) =>
  Buffer.concat([box('ftyp', ascii(brands.slice(0, 4)), u32(0), ascii(brands.slice(4))), box('meta', u32(0), box('iprp', box('ipco', ...properties)))]);

const jpeg = Buffer.concat([bytes(0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0, 0xff, 0xc2, 0, 11, 8, 0, 40, 0, 60, 1, 1, 0x11, 0), bytes(0xff, 0xda)]);
const lossy = Buffer.concat([ascii('RIFF'), bytes(22, 0, 0, 0), ascii('WEBPVP8 '), bytes(10, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 60, 0, 40, 0x40)]);
const bmp = (/** @type {number} */ height) => Buffer.concat([ascii('BM'), Buffer.alloc(12), bytes(40, 0, 0, 0, 60, 0, 0, 0), Buffer.from(Int32Array.of(height).buffer)]);

/** What the file is, its bytes, its header. @type {[string, Buffer, object][]} */
const FILES = [
  ['a JPEG with FF 00 in its header', jpeg, { format: 'jpeg', width: 60, height: 40 }],
  ['a lossy WebP', lossy, { format: 'webp', width: 60, height: 40 }],
  ['a lossless WebP', Buffer.concat([ascii('RIFF'), bytes(20, 0, 0, 0), ascii('WEBPVP8L'), bytes(5, 0, 0, 0, 0x2f, 59, 0xc0, 9, 0)]), { format: 'webp', width: 60, height: 40 }],
  ['a GIF', Buffer.concat([ascii('GIF89a'), bytes(60, 0, 40, 0)]), { format: 'gif', width: 60, height: 40, animated: true }],
  ['a BMP', bmp(40), { format: 'bmp', width: 60, height: 40 }],
  ['a BMP that begins with its top row', bmp(-40), { format: 'bmp', width: 60, height: 40 }],
  ['an AVIF with a thumbnail', isoMedia('mif1avifmiaf', ispe(16, 12), ispe(60, 40)), { format: 'avif', width: 60, height: 40 }],
  ['a HEIC of tiles', isoMedia('heicmif1', ispe(512, 512), ispe(4032, 3024)), { format: 'heic', width: 4032, height: 3024 }],
  ['a video', isoMedia('isomiso2'), { format: '' }],
  ['no picture', ascii('Dear reader'), { format: '' }],
];

test('format and size are read from the header of every format that browsers decode', () => {
  const nothing = { width: 0, height: 0, orientation: 1, animated: false };
  for (const [what, file, header] of FILES) assert.deepEqual(readHeader(file), { ...nothing, ...header }, what);
});

test('the EXIF orientation of JPEG, PNG and WebP is read', () => {
  const pixels = { width: 3, height: 2, rgba: new Uint8Array(24) };
  for (const orientation of ORIENTATIONS) {
    const files = { jpeg: jpegWithExif(jpeg, orientation), png: turnedPng(pixels, orientation), webp: webpWithExif(lossy, { width: 60, height: 40 }, orientation) };
    for (const [format, file] of Object.entries(files)) {
      const header = readHeader(file);
      assert.deepEqual([header.format, header.orientation], [format, orientation]);
    }
  }
  assert.equal(readHeader(jpegWithExif(jpeg, 9)).orientation, 1, 'an orientation that does not exist');
});

test('a file that is cut short or changed anywhere is read without an error', () => {
  const random = seeded(7);
  const turned = webpWithExif(lossy, { width: 60, height: 40 }, 6);
  for (const file of [...FILES.map(([, file]) => file), turned, jpegWithExif(jpeg, 6)])
    for (let at = 0; at < file.length; at++) {
      readHeader(file.subarray(0, at));
      const changed = Buffer.from(file);
      changed[at] = random() * 256;
      const { width, height, orientation } = readHeader(changed);
      assert.ok(width >= 0 && height >= 0 && orientation >= 1 && orientation <= 8);
    }
});

test('a WebP of a phone says its size and its orientation', { skip: lacking(join(shared, 'cases/photos/rot6.webp')) }, () => {
  const path = join(shared, 'cases/photos/rot6.webp');
  assert.deepEqual(readHeader(readFileSync(path)), { format: 'webp', width: 250, height: 200, orientation: 6, animated: false });
});
