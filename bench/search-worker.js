/**
 * What search.mjs times in the browser, in one worker: the module with simd128 (that with relaxed SIMD searches with the
 * same code) and a plain float32 loop, on the same gallery and the same probes; and hnswlib-wasm on some real faces.
 */
// @ts-ignore: the bench's host serves web/ and build/wasm/ beside this file
import createDoppel from './wasm/doppel.mjs';
// @ts-ignore: likewise
import { Session } from './web/heap.js';
import { GRAPH, nearest, randomShard, randomUnits, rowsOf } from './synthetic.mjs';

const TOP = 10;

/** Probes for which a graph's answers are compared with the true ones. */
const RECALLED = 50;

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
/** hnswlib-wasm's. @type {any} */
let graph;
/** @type {Float32Array} */
let realProbes;

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
    const [rows, probes] = [await floats('vectors.f32'), await floats('probes.f32')];
    gallery = { session, rows, dimension: embedder.dimension, photos, people, probes };
    return { people, photos, dimension: embedder.dimension };
  },

  /** Milliseconds that a search takes. */
  async time(/** @type {'doppel' | 'plain' | 'hnswlib'} */ side, /** @type {number} */ round) {
    const probe = probeAt(round);
    if (side === 'doppel') return timed(() => gallery.session.search([probe], TOP));
    if (side === 'hnswlib') return timed(() => graph.searchKnn(realProbes.subarray(0, gallery.dimension), TOP, undefined));
    return (gallery.photos / (gallery.rows.length / gallery.dimension)) * timed(() => searchPlainly(probe));
  },

  /** A graph of hnswlib-wasm over the first of the real faces: seconds to build it, and how many of the true ten it finds. */
  async openGraph(/** @type {number} */ count, /** @type {number} */ dimension) {
    // @ts-ignore: the bench's host serves the npm package beside this file
    const { loadHnswlib } = await import('./hnswlib/dist/hnswlib.js');
    const { HierarchicalNSW } = await loadHnswlib();
    const rows = rowsOf(await floats('vectors.f32'), dimension).slice(0, count);
    realProbes = await floats('probes.f32');
    graph = new HierarchicalNSW('ip', dimension, '');
    graph.initIndex(count, GRAPH.links, GRAPH.build, 1);
    graph.setEfSearch(GRAPH.search);
    const began = performance.now();
    graph.addPoints(rows, rows.map((_, i) => i), false);
    const seconds = (performance.now() - began) / 1000;
    const some = rowsOf(realProbes, dimension).slice(0, RECALLED);
    let found = 0;
    for (const probe of some) {
      const near = new Set(graph.searchKnn(probe, TOP, undefined).neighbors);
      found += nearest(rows, probe).filter((i) => near.has(i)).length;
    }
    return { seconds, recall: found / (some.length * TOP) };
  },

  /** How many of the ten people whom the plain loop finds the module finds as well, over so many probes. */
  async recall(/** @type {number} */ count) {
    let found = 0;
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
  const session = new Session(await createDoppel({ locateFile: () => new URL('./wasm/doppel.wasm', import.meta.url).href }));
  session.openGallery(manifest);
  return session;
}

const bytes = async (/** @type {string} */ path) => {
  const response = await fetch(new URL(`./real/${path}`, import.meta.url));
  if (!response.ok) throw new Error(`${path} is not served`);
  return new Uint8Array(await response.arrayBuffer());
};

const floats = async (/** @type {string} */ path) => new Float32Array((await bytes(path)).buffer);

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
