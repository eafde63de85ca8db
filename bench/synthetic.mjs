/** Seeded numbers in the shape of galleries, the same on every run, in node and in the browser. */
import { safetensors } from './gallery.mjs';

/** Directions of all kinds, of about unit length, one a person. @param {number} first @param {number} count @param {{sha256: string, dimension: number}} embedder */
export function randomShard(first, count, { sha256, dimension }) {
  const n = [count];
  return safetensors(
    {
      vectors: { dtype: 'I8', shape: [count, dimension], data: randomBytes(count * dimension, first + 1) },
      fine: { dtype: 'U8', shape: [count, dimension / 2], data: randomBytes((count * dimension) / 2, first + 2) },
      scale: { dtype: 'F32', shape: n, data: new Float32Array(count).fill(1 / 74 / Math.sqrt(dimension)) },
      mean: { dtype: 'F32', shape: [dimension], data: new Float32Array(dimension) },
      person: { dtype: 'U32', shape: n, data: Uint32Array.from({ length: count }, (_, i) => first + i) },
      box: { dtype: 'F32', shape: [count, 4], data: new Float32Array(count * 4) },
      points: { dtype: 'F32', shape: [count, 10], data: new Float32Array(count * 10) },
      score: { dtype: 'F32', shape: n, data: new Float32Array(count) },
    },
    { format: 1, kind: 'embeddings', embedder_sha256: sha256, first_photo: first },
  );
}

/** @param {number} count @param {number} dimension @param {number} seed */
export function randomUnits(count, dimension, seed) {
  const vectors = Float32Array.from(new Int8Array(randomBytes(count * dimension, seed).buffer, 0, count * dimension));
  for (let i = 0; i < vectors.length; i += dimension) makeUnit(vectors.subarray(i, i + dimension));
  return vectors;
}

/**
 * Photos that are about `alike` to the vectors they are made of: vector i comes of `from`'s vector i, again and again.
 * @param {Float32Array} from @param {number} count @param {number} dimension @param {number} alike a cosine @param {number} seed
 */
export function noisy(from, count, dimension, alike, seed) {
  const vectors = randomUnits(count, dimension, seed);
  const noise = Math.sqrt(1 - alike * alike);
  for (let i = 0; i < count; i++) {
    const vector = vectors.subarray(i * dimension, (i + 1) * dimension);
    const start = (i * dimension) % from.length;
    for (let k = 0; k < dimension; k++) vector[k] = alike * from[start + k] + noise * vector[k];
    makeUnit(vector);
  }
  return vectors;
}

/** One view a vector. @param {Float32Array} flat @param {number} dimension */
export const rowsOf = (flat, dimension) => Array.from({ length: flat.length / dimension }, (_, i) => flat.subarray(i * dimension, (i + 1) * dimension));

/** The ten rows most like the probe, by looking at all. @param {Float32Array[]} rows @param {Float32Array} probe */
export function nearest(rows, probe) {
  const alike = rows.map((row) => row.reduce((sum, value, k) => sum + value * probe[k], 0));
  return alike.map((_, i) => i).sort((a, b) => alike[b] - alike[a]).slice(0, 10);
}

/** How the graphs of others are built and searched: hnswlib's own recommendations. */
export const GRAPH = { links: 16, build: 200, search: 100 };

/** @param {Float32Array} vector */
function makeUnit(vector) {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square);
  for (let k = 0; k < vector.length; k++) vector[k] /= length;
}

/** xorshift, four bytes a step: quick enough for hundreds of megabytes. @param {number} count @param {number} seed */
function randomBytes(count, seed) {
  const words = new Int32Array(Math.ceil(count / 4));
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, count);
}
