/**
 * What a search for the ten most alike people costs, on one thread: the module in headless Chromium beside a plain float32
 * loop in the same worker, hnswlib-wasm there, and usearch in node; and how many of the true ten are found.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tests/places.mjs';
import { openWorker } from './in-worker.mjs';
import { realFaces } from './real-faces.mjs';
import { interleaved, sentenceOf } from './rounds.mjs';
import { randomUnits } from './synthetic.mjs';
import { exactly, throughGraph } from './usearch.mjs';

/** Galleries of vectors of any direction, one a person: what is timed does not depend on who is alike. */
const SHORT = [
  { people: 10_000, dimension: 128 },
  { people: 10_000, dimension: 512 },
  { people: 1_000_000, dimension: 128 },
];

/** For `npm run bench -- search`. */
const LONG = [
  ...[1_000, 10_000, 100_000, 1_000_000, 1_100_000].map((people) => ({ people, dimension: 128 })),
  ...[1_000, 10_000, 100_000, 300_000].map((people) => ({ people, dimension: 512 })),
];
const WARM_UP = 1;
const PROBES = 500;

/** Of the real faces, those of which others make a graph: one of all 88,783 takes minutes to build. */
const IN_GRAPHS = 10_000;

/** A million rows of 512 floats do not fit beside the rest. */
const MOST_FLOATS = 1 << 28;

/**
 * @typedef {object} Cost
 * @property {string} title
 * @property {number} photos
 * @property {number} dimension
 * @property {import('./rounds.mjs').Measured} measured  doppel, plain, usearch exact; usearch graph and hnswlib where there are real faces
 * @property {number} heap  bytes of the module's memory
 * @property {Record<string, {seconds: number, recall: number}>} [graphs]  of real faces: time to build, share of the true ten found
 * @property {number} [recall]  ours, of real faces
 */

/** @param {{rounds: number, long?: boolean}} options @returns {Promise<{browser: string, rounds: number, costs: Cost[], faults: Record<string, string>}>} */
export async function searchCosts({ rounds, long = false }) {
  const real = await realFaces(PROBES);
  const worker = await openWorker('search-worker.js', {
    '/hnswlib/': join(root, 'bench/peers/node_modules/hnswlib-wasm'),
    ...(real ? { '/real/': real.folder } : {}),
  });
  /** @type {Record<string, string>} */
  const faults = {};
  /** @type {Cost[]} */
  const costs = [];
  const costOf = async (/** @type {{title: string, photos: number, dimension: number}} */ of, /** @type {Record<string, (round: number) => Promise<number>>} */ others) => {
    const sides = {
      doppel: (/** @type {number} */ round) => worker.call('time', 'doppel', round),
      plain: (/** @type {number} */ round) => worker.call('time', 'plain', round),
      ...others,
    };
    const measured = await interleaved({ rounds, warmUp: WARM_UP, what: counted(sides), faults });
    costs.push({ ...of, measured, heap: await worker.call('heap') });
    return costs[costs.length - 1];
  };
  try {
    for (const { people, dimension } of long ? LONG : SHORT) {
      await worker.call('openSynthetic', people, dimension, PROBES);
      /** @type {Record<string, (round: number) => Promise<number>>} */
      const others = {};
      /** @type {Cost['graphs']} */
      const graphs = {};
      if (people * dimension < MOST_FLOATS) await attempt(faults, 'usearch', () => (others['usearch exact'] = exactly(randomUnits(people, dimension, 9), randomUnits(PROBES, dimension, 77), dimension)));
      if (real && dimension === real.dimension && people === IN_GRAPHS) await addGraphs(worker, real, others, graphs, faults);
      const cost = await costOf({ title: `${people.toLocaleString('en')} × ${dimension}`, photos: people, dimension }, others);
      cost.graphs = graphs;
    }
    if (real) {
      const { photos, dimension } = await worker.call('openReal');
      /** @type {Record<string, (round: number) => Promise<number>>} */
      const others = {};
      await attempt(faults, 'usearch', () => (others['usearch exact'] = exactly(floats(real.folder, 'vectors.f32'), floats(real.folder, 'probes.f32'), dimension)));
      const cost = await costOf({ title: `${photos.toLocaleString('en')} × ${dimension}`, photos, dimension }, others);
      const { found, of } = await worker.call('recall', long ? PROBES : 50);
      cost.recall = found / of;
    }
    return { browser: worker.browser, rounds, costs, faults };
  } finally {
    await worker.close();
  }
}

/**
 * Graphs of others over the first of the real faces.
 * @param {Awaited<ReturnType<typeof openWorker>>} worker @param {{folder: string, dimension: number}} real
 * @param {Record<string, (round: number) => Promise<number>>} others @param {Record<string, {seconds: number, recall: number}>} graphs
 * @param {Record<string, string>} faults
 */
async function addGraphs(worker, { folder, dimension }, others, graphs, faults) {
  await attempt(faults, 'usearch', () => {
    const { time, ...graph } = throughGraph(floats(folder, 'vectors.f32').subarray(0, IN_GRAPHS * dimension), floats(folder, 'probes.f32'), dimension);
    graphs['usearch graph'] = graph;
    others['usearch graph'] = time;
  });
  await attempt(faults, 'hnswlib-wasm', async () => {
    graphs.hnswlib = await worker.call('openGraph', IN_GRAPHS, dimension);
    others.hnswlib = (round) => worker.call('time', 'hnswlib', round);
  });
}

/** A peer's failure is written down and ends nothing. @param {Record<string, string>} faults @param {string} who @param {() => any} work */
async function attempt(faults, who, work) {
  try {
    await work();
  } catch (error) {
    faults[who] = sentenceOf(error);
  }
}

/** Each asked with the number of the round, so that the probes go by. @param {Record<string, (round: number) => Promise<number>>} sides */
const counted = (sides) =>
  Object.fromEntries(
    Object.entries(sides).map(([side, time]) => {
      let round = 0;
      return [side, () => time(round++)];
    }),
  );

const floats = (/** @type {string} */ folder, /** @type {string} */ name) => {
  const { buffer, byteOffset, length } = readFileSync(join(folder, name));
  return new Float32Array(buffer, byteOffset, length / 4);
};
