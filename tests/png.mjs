/** PNG files for tests, made of numbers. */
import { deflateSync } from 'node:zlib';

/** @typedef {{width: number, height: number, rgba: Uint8Array}} Pixels */

/** RGBA of 8 bits, no filter. Without pixels: a file whose header is all there is. `exif`: a TIFF structure. */
export function png(/** @type {Pixels} */ { width, height, rgba }, /** @type {Buffer | undefined} */ exif = undefined) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const stride = width * 4;
  const rows = Buffer.alloc(rgba.length ? height * (stride + 1) : 0);
  for (let y = 0; y < height && rgba.length; y++)
    rows.set(rgba.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), ...(exif ? [chunk('eXIf', exif)] : []), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** All of one grey: a photo without a face. */
export const greyPng = (/** @type {number} */ width, /** @type {number} */ height) =>
  png({ width, height, rgba: new Uint8Array(width * height * 4).fill(128) });

function chunk(/** @type {string} */ kind, /** @type {Buffer} */ data) {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** zlib of node 18 keeps its own to itself. */
function crc32(/** @type {Buffer} */ bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
