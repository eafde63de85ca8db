/** What goes into a network in the golden tests: pixels of noise or of a photo, and what preprocessing makes of them. */
import { readFile } from 'node:fs/promises';
import { Session } from '../../web/heap.js';
import { demoPhotos } from '../places.mjs';
import { seeded } from '../random.mjs';

/** RGB 0 … 255, the same on every run. */
export function noisePixels(/** @type {number} */ width, height = width) {
  const random = seeded(20231);
  return Float32Array.from({ length: width * height * 3 }, () => Math.floor(random() * 256));
}

/** A photo, its longer side as long as the network's, in the top left corner of a black square; RGB 0 … 255. */
export async function photoPixels(/** @type {any} */ module, /** @type {number} */ side, photo = demoPhotos[0]) {
  const session = new Session(module);
  session.openPhoto(await readFile(photo));
  const { width, height, rgba: buffer } = session.preview(side);
  session.close();
  const rgba = new Uint8Array(buffer);
  const pixels = new Float32Array(side * side * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) pixels[(y * side + x) * 3 + c] = rgba[(y * width + x) * 4 + c];
  return pixels;
}

/**
 * What enters the graph: (pixel − mean) · scale, channels in the network's order.
 * @param {Float32Array} pixels @param {{order: string, mean: number[], scale: number[]}} input  of the network's file
 */
export function prepared(pixels, { order, mean, scale }) {
  const channel = order === 'bgr' ? [2, 1, 0] : [0, 1, 2];
  return pixels.map((_, i) => (pixels[i - (i % 3) + channel[i % 3]] - mean[i % 3]) * scale[i % 3]);
}
