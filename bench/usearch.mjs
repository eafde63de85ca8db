/** usearch, the peer of the search: native, in node, on one thread; exactly and through its graph. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../tests/places.mjs';
import { GRAPH, nearest, rowsOf } from './synthetic.mjs';

const TOP = 10;
const PASSES = 3;
const RECALLED = 50;

/** Milliseconds of one search that looks at all rows. @param {Float32Array} rows @param {Float32Array} probes @param {number} dimension */
export function exactly(rows, probes, dimension) {
  const { exactSearch } = load();
  return async (/** @type {number} */ round) => timed(() => exactSearch(rows, probeOf(probes, dimension, round), dimension, TOP, 'ip', 1));
}

/** The same through a graph. @param {Float32Array} rows @param {Float32Array} probes @param {number} dimension */
export function throughGraph(rows, probes, dimension) {
  const { Index } = load();
  const index = new Index({ dimensions: dimension, metric: 'ip', quantization: 'f32', connectivity: GRAPH.links, expansion_add: GRAPH.build, expansion_search: GRAPH.search, multi: false });
  const began = performance.now();
  index.add(BigUint64Array.from({ length: rows.length / dimension }, (_, i) => BigInt(i)), rows, 1);
  const seconds = (performance.now() - began) / 1000;
  const some = rowsOf(probes, dimension).slice(0, RECALLED);
  const all = rowsOf(rows, dimension);
  const found = some.map((probe) => {
    const near = new Set([...index.search(probe, TOP, 1).keys].map(Number));
    return nearest(all, probe).filter((i) => near.has(i)).length;
  });
  return {
    seconds,
    recall: found.reduce((sum, count) => sum + count, 0) / (some.length * TOP),
    time: async (/** @type {number} */ round) => timed(() => index.search(probeOf(probes, dimension, round), TOP, 1)),
  };
}

/** @returns {{Index: any, exactSearch: (...list: any[]) => any}} */
function load() {
  return createRequire(join(root, 'bench/peers/package.json'))('usearch');
}

/** @param {Float32Array} probes @param {number} dimension @param {number} round */
function probeOf(probes, dimension, round) {
  const start = (round * dimension) % probes.length;
  return probes.subarray(start, start + dimension);
}

/** @param {() => void} search */
function timed(search) {
  const began = performance.now();
  for (let n = 0; n < PASSES; n++) search();
  return (performance.now() - began) / PASSES;
}
