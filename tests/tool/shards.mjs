/** The rows of a gallery's shards, decoded here by docs/formats/gallery.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './program.mjs';

/** @typedef {{vector: Float64Array, person: number, box: number[], points: number[], score: number}} Row */

/** @param {string} folder @returns {Row[]} in the order of the photos */
export function rowsOf(folder) {
  /** @type {{path: string}[]} */
  const files = readJson(join(folder, 'gallery.json')).files.embeddings;
  return files.flatMap(({ path }) => rowsOfShard(readFileSync(join(folder, path))));
}

/** @param {Buffer} file @returns {Row[]} */
function rowsOfShard(file) {
  const begin = 8 + Number(file.readBigUInt64LE(0));
  /** @type {Record<string, {shape: number[], data_offsets: [number, number]}>} */
  const tensors = JSON.parse(file.toString('utf8', 8, begin));
  const at = (/** @type {string} */ name) => begin + tensors[name].data_offsets[0];
  const float = (/** @type {string} */ name, /** @type {number} */ i) => file.readFloatLE(at(name) + 4 * i);
  const [count, dimension] = tensors.vectors.shape;
  const half = Math.ceil(dimension / 2);
  return Array.from({ length: count }, (_, row) => ({
    vector: Float64Array.from({ length: dimension }, (_, k) => {
      const nibble = (file[at('fine') + row * half + (k >> 1)] >> (k % 2 ? 4 : 0)) & 15;
      const whole = file.readInt8(at('vectors') + row * dimension + k);
      return float('mean', k) + float('scale', row) * (whole + (nibble - 8) / 16);
    }),
    person: file.readUInt32LE(at('person') + 4 * row),
    box: [0, 1, 2, 3].map((i) => float('box', 4 * row + i)),
    points: Array.from({ length: 10 }, (_, i) => float('points', 10 * row + i)),
    score: float('score', row),
  }));
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export function cosine(a, b) {
  let [dot, one, other] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    one += a[i] * a[i];
    other += b[i] * b[i];
  }
  return dot / Math.sqrt(one * other);
}
