/** Pictures as cameras store them: turned or mirrored, with the EXIF orientation that says how. */
import { png } from './png.mjs';

/** @typedef {import('./png.mjs').Pixels} Pixels */

export const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8];

/** Where the pixel (x, y) of the upright picture is stored; `w` and `h` of the stored picture. @type {Record<number, (x: number, y: number, w: number, h: number) => [number, number]>} */
const PLACES = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, w, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, w, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x],
};

/** @param {Pixels} upright @param {number} orientation @returns {Pixels} as stored */
export function stored({ width, height, rgba }, orientation) {
  const [w, h] = orientation >= 5 ? [height, width] : [width, height];
  const turned = new Uint8Array(rgba.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [toX, toY] = PLACES[orientation](x, y, w, h);
      turned.set(rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4), (toY * w + toX) * 4);
    }
  return { width: w, height: h, rgba: turned };
}

/** A TIFF structure with the orientation alone. @param {number} orientation @param {{little?: boolean}} [order] */
export function exif(orientation, { little = true } = {}) {
  const tiff = Buffer.alloc(26);
  const u16 = (/** @type {number} */ value, /** @type {number} */ at) => (little ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at));
  const u32 = (/** @type {number} */ value, /** @type {number} */ at) => (little ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at));
  tiff.write(little ? 'II' : 'MM');
  u16(42, 2);
  u32(8, 4);
  u16(1, 8);
  u16(0x0112, 10);
  u16(3, 12);
  u32(1, 14);
  u16(orientation, 18);
  return tiff;
}

/** @param {Pixels} upright @param {number} orientation */
export const turnedPng = (upright, orientation) => png(stored(upright, orientation), exif(orientation));

/** @param {Buffer} jpeg of the stored pixels @param {number} orientation */
export function jpegWithExif(jpeg, orientation) {
  const body = Buffer.concat([Buffer.from('Exif\0\0'), exif(orientation, { little: false })]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** @param {Buffer} webp of the stored pixels @param {{width: number, height: number}} size stored @param {number} orientation */
export function webpWithExif(webp, { width, height }, orientation) {
  const isExtended = webp.toString('latin1', 12, 16) === 'VP8X';
  const head = Buffer.alloc(10);
  head[0] = 8 | (isExtended ? webp[20] : 0); // EXIF
  head.writeUIntLE(width - 1, 4, 3);
  head.writeUIntLE(height - 1, 7, 3);
  const body = Buffer.concat([Buffer.from('WEBP'), riff('VP8X', head), webp.subarray(isExtended ? 30 : 12), riff('EXIF', exif(orientation))]);
  return riff('RIFF', body);
}

/** @param {string} kind @param {Buffer} body */
function riff(kind, body) {
  const head = Buffer.alloc(8);
  head.write(kind);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length & 1)]);
}
