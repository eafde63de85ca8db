/**
 * Both sides of search.mjs in one worker: the module with simd128 alone and a plain float32 loop, on the same gallery and
 * the same probes.
 */
// @ts-ignore: the bench's host serves dist/ beside this file
import createDoppel from './dist/doppel.mjs';
// @ts-ignore: likewise
import { Session } from './dist/heap.js';
import { randomShard, randomUnits } from './synthetic.mjs';

const TOP = 10;

/** Float32 rows that the plain loop looks at; of larger galleries its time is taken as so many times that. */
const plainRows = (/** @type {number} */ dimension) => Math.floor((512 << 20) / (dimension * 4));

/** Rows a shard, so that its file stays below 24 MiB as hosted ones do. */
const rowsOfShard = (/** @type {number} */ dimension) => Math.floor((24 << 20) / (dimension * 1.5 + 68));

/** A browser's clock is coarse, so a round goes on for so long: milliseconds. */
const LEAST = 5;

/**
 * @typedef {object} Gallery
 * @property {import('../web/heap.js').Session} session
 * @property {Float32Array} rows  float32, one behind the other
 * @property {number} dimension
 * @property {number} photos
 * @property {number} people  row i is a photo of person i mod people
 * @property {Float32Array} probes
 */

/** @type {Gallery} */
let gallery;

/** @type {Record<string, (...list: any[]) => Promise<any>>} */
const calls = {
  /** People have one photo each, of any direction: what is timed does not depend on who is alike. */
  async openSynthetic(/** @type {number} */ people, /** @type {number} */ dimension, /** @type {number} */ probes) {
    const embedder = { name: 'synthetic', sha256: '0'.repeat(64), dimension };
    const most = rowsOfShard(dimension);
    const counts = Array.from({ length: Math.ceil(people / most) }, (_, i) => Math.min(most, people - i * most));
    const manifest = {
      format: 'doppel-gallery', version: 1, title: 'synthetic', people, photos: people, embedder, metric: 'cosine',
      files: { embeddings: counts.map((count) => ({ count })) },
    };
    const session = await freshSession(new TextEncoder().encode(JSON.stringify(manifest)));
    counts.forEach((count, i) => session.addShard(randomShard(i * most, count, embedder)));
    const rows = randomUnits(Math.min(people, plainRows(dimension)), dimension, 9);
    gallery = { session, rows, dimension, photos: people, people, probes: randomUnits(probes, dimension, 77) };
  },

  /** What real-faces.mjs made. */
  async openReal() {
    const manifest = await bytes('gallery/gallery.json');
    const { files, embedder, people, photos } = JSON.parse(new TextDecoder().decode(manifest));
    const session = await freshSession(manifest);
    for (const { path } of files.embeddings) session.addShard(await bytes(`gallery/${path}`));
    const [rows, probes] = [await bytes('vectors.f32'), await bytes('probes.f32')].map((file) => new Float32Array(file.buffer));
    gallery = { session, rows, dimension: embedder.dimension, photos, people, probes };
    return { people, photos, dimension: embedder.dimension };
  },

  /** Milliseconds that a search takes, one of each side, on the same probe. */
  async time(/** @type {number} */ round) {
    const probe = probeAt(round);
    const { photos, rows, dimension } = gallery;
    const whole = photos / (rows.length / dimension);
    const sides = [() => timed(() => gallery.session.search([probe], TOP)), () => whole * timed(() => searchPlainly(probe))];
    const ms = [0, 0];
    for (const side of round % 2 ? [0, 1] : [1, 0]) ms[side] = sides[side]();
    return ms;
  },

  /** How many of the ten people whom the plain loop finds the module finds as well, over all probes. */
  async recall() {
    let found = 0;
    const count = gallery.probes.length / gallery.dimension;
    for (let i = 0; i < count; i++) {
      const ours = new Set(gallery.session.search([probeAt(i)], TOP)[0].map(({ person }) => person));
      found += searchPlainly(probeAt(i)).filter(({ person }) => ours.has(person)).length;
    }
    return { found, of: count * TOP };
  },

  /** Bytes of the module's memory. */
  heap: async () => gallery.session.heapSize(),
};

/** The one before goes first, so that two never lie in memory. @param {Uint8Array} manifest */
async function freshSession(manifest) {
  // @ts-ignore: let go
  gallery = null;
  const session = new Session(await createDoppel({ locateFile: () => new URL('./dist/doppel.wasm', import.meta.url).href }));
  session.openGallery(manifest);
  return session;
}

const bytes = async (/** @type {string} */ path) => {
  const response = await fetch(new URL(`./real/${path}`, import.meta.url));
  if (!response.ok) throw new Error(`${path} is not served`);
  return new Uint8Array(await response.arrayBuffer());
};

const probeAt = (/** @type {number} */ i) => {
  const { probes, dimension } = gallery;
  const start = (i * dimension) % probes.length;
  return probes.subarray(start, start + dimension);
};

/** @param {() => void} pass @returns {number} milliseconds a pass */
function timed(pass) {
  const began = performance.now();
  for (let passes = 1; ; passes++) {
    pass();
    const ms = performance.now() - began;
    if (ms >= LEAST) return ms / passes;
  }
}

/** The way that a page without an engine would go: each row's dot product, each person's best, and a list of the best so far. @param {Float32Array} probe */
function searchPlainly(probe) {
  const { rows, dimension, people } = gallery;
  const best = new Float32Array(people).fill(-2);
  for (let i = 0, at = 0, person = 0; at < rows.length; i++, person = i % people) {
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum += rows[at++] * probe[k];
    if (sum > best[person]) best[person] = sum;
  }
  const list = Array.from({ length: TOP }, () => ({ person: -1, similarity: -2 }));
  for (let person = 0; person < people; person++) {
    if (best[person] <= list[TOP - 1].similarity) continue;
    list[TOP - 1] = { person, similarity: best[person] };
    list.sort((a, b) => b.similarity - a.similarity);
  }
  return list;
}

self.onmessage = async ({ data: { name, list } }) => {
  try {
    self.postMessage({ result: await calls[name](...list) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
