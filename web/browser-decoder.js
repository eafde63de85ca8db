// The browser's own decoder, for files that the engine does not read or finds damaged. The result is upright: browsers
// apply the EXIF orientation of a JPEG, but not that of every format.
import { canvasReadsBack } from './canvas-check.js';
import { readHeader } from './photo-header.js';
import { tooLarge } from './words.js';

/** @typedef {import('./types.js').Picture} Picture */

/**
 * `picture` is for the engine; `shown` is the same picture, small enough to look at.
 * @typedef {{picture: Picture, shown: HTMLCanvasElement}} Decoded
 * @typedef {{code: 'UNSUPPORTED_FORMAT' | 'HEIC' | 'IMAGE_TOO_LARGE' | 'CANVAS_BLOCKED' | 'OUT_OF_MEMORY', sentence?: string}} Refusal  by a code of words.js
 */

/** Half of what the engine decodes itself: Chromium and Firefox take 7 to 9 bytes per pixel, also if asked for a reduced bitmap. */
const mostPixels = 50_000_000;
const mostPerSide = 16_384;
/** Every browser's canvas can hold this many; larger pictures are reduced. */
const mostCanvasPixels = 12_000_000;
const shownSide = 1600;

/** @param {Blob} file @returns {Promise<Decoded | Refusal>} upright, of at most 12 megapixels */
export async function decodeWithBrowser(file) {
  const { format, width, height, orientation } = readHeader(new Uint8Array(await file.arrayBuffer()));
  if (isTooLarge(width, height)) return { code: 'IMAGE_TOO_LARGE', sentence: tooLarge(width, height, mostPerSide, mostPixels) };
  const bitmap = await bitmapOf(file);
  if (!bitmap) return { code: format === 'heic' ? 'HEIC' : 'UNSUPPORTED_FORMAT' };
  try {
    if (isTooLarge(bitmap.width, bitmap.height)) return { code: 'IMAGE_TOO_LARGE', sentence: tooLarge(bitmap.width, bitmap.height, mostPerSide, mostPixels) };
    if (!canvasReadsBack()) return { code: 'CANVAS_BLOCKED' };
    const canvas = drawn(bitmap, (await appliesOrientation(format)) ? 1 : orientation, Math.sqrt(mostCanvasPixels / (bitmap.width * bitmap.height)));
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height);
    if (!pixels) return { code: 'OUT_OF_MEMORY' };
    const picture = { width: pixels.width, height: pixels.height, rgba: /** @type {ArrayBuffer} */ (pixels.data.buffer) };
    return { picture, shown: drawn(canvas, 1, shownSide / Math.max(canvas.width, canvas.height)) };
  } finally {
    bitmap.close();
  }
}

/** @param {number} width @param {number} height */
const isTooLarge = (width, height) => width > mostPerSide || height > mostPerSide || width * height > mostPixels;

/** @param {Blob} file @returns {Promise<ImageBitmap | null>} null if the browser cannot read it */
const bitmapOf = (file) => createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);

/**
 * From stored pixels to upright ones, by EXIF orientation, for a picture stored with this width and height.
 * @type {Record<number, (width: number, height: number) => [number, number, number, number, number, number]>}
 */
const upright = {
  1: () => [1, 0, 0, 1, 0, 0],
  2: (width) => [-1, 0, 0, 1, width, 0],
  3: (width, height) => [-1, 0, 0, -1, width, height],
  4: (_, height) => [1, 0, 0, -1, 0, height],
  5: () => [0, 1, 1, 0, 0, 0],
  6: (_, height) => [0, 1, -1, 0, height, 0],
  7: (width, height) => [0, -1, -1, 0, height, width],
  8: (width) => [0, -1, 1, 0, 0, width],
};

/** @param {ImageBitmap | HTMLCanvasElement} source @param {number} orientation @param {number} scale above 1 is 1 */
function drawn(source, orientation, scale) {
  const [width, height] = [source.width, source.height].map((side) => Math.max(1, Math.floor(side * Math.min(1, scale))));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = orientation >= 5 ? [height, width] : [width, height];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.setTransform(...upright[orientation](width, height));
  context?.drawImage(source, 0, 0, width, height);
  return canvas;
}

/** Files of 2 × 1 pixels with EXIF orientation 6: upright they are 1 × 2. @type {Partial<Record<string, string>>} */
const probes = {
  webp: 'UklGRkgAAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TAgAAAAvAQAAAIiICEVYSUYaAAAASUkqAAgAAAABABIBAwABAAAABgAAAAAAAAA=',
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAGmVYSWZJSSoACAAAAAEAEgEDAAEAAAAGAAAAAAAAALdIESkAAAALSURBVHicY2BgAAAAAwABuK06YwAAAABJRU5ErkJggg==',
};

/** Whether this browser turns files of this format upright by itself. @param {string} format */
async function appliesOrientation(format) {
  const probe = probes[format];
  if (!probe) return true;
  const bitmap = await bitmapOf(new Blob([Uint8Array.from(atob(probe), (letter) => letter.charCodeAt(0))]));
  return bitmap?.height === 2;
}
