/**
 * Networks alone: builds of the module beside onnxruntime-web in one worker of headless Chromium, and beside our native
 * library; one thread, the same numbers in. What is timed is the whole call: numbers in, one pass, numbers out. Then how
 * near the layers come to what the processor can do, with modules that look at the clock between operators.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, root } from '../tests/places.mjs';
import { builds } from './builds.mjs';
import { openWorker } from './in-worker.mjs';
import { nativeNetwork, workOf } from './native.mjs';
import { PAIRS, lackingOf, write, writeMadeNetworks } from './pairs.mjs';
import { interleaved, sentenceOf } from './rounds.mjs';
import { byKind, sharesOfPeak } from './work.mjs';

/** A figure is the mean of passes that take about so long, milliseconds: browsers' clocks are coarse. */
const A_FIGURE = 25;

/** Passes that a look at the operators is the mean of. */
const LOOKED_AT = 3;

/** Both sides compute the same: the cosine of what comes out, int8 here and float32 there. */
const LEAST_ALIKE = 0.995;

/** The instruction sets whose peak is measured, and the modules that look at the clock. */
const LOOKS = [
  { name: 'relaxed', wasm: './profile/relaxed/doppel.wasm', peaks: /** @type {const} */ ({ float: 'float relaxed', int8: 'int8 relaxed' }) },
  { name: 'simd128', wasm: './profile/doppel.wasm', peaks: /** @type {const} */ ({ float: 'float', int8: 'int8' }) },
];

/** @typedef {import('./work.mjs').Peaks} Peaks */

/**
 * @typedef {object} Network
 * @property {string} title
 * @property {boolean} embedder
 * @property {number} products  multiplications of a pass
 * @property {number | null} cosine  the least of all builds, to what onnxruntime gives
 * @property {import('./rounds.mjs').Measured} measured  milliseconds of a pass
 * @property {Record<string, import('./work.mjs').Shares[]>} shares  by instruction set, one a round
 * @property {Record<string, Record<string, number[]>>} profiles  milliseconds of a pass by instruction set and kind of operator
 */

/** @param {{photo: string, warmUp: number, rounds: number}} options */
export async function networkTimes({ photo, warmUp, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'doppel-networks-'));
  writeMadeNetworks(folder);
  const worker = await openWorker('networks-worker.js', {
    '/onnxruntime/': join(root, 'node_modules/onnxruntime-web/dist'),
    '/networks/': folder,
    '/profile/': join(build, 'wasm/bench'),
  });
  /** Why something is not measured. @type {Record<string, string>} */
  const faults = {};
  /** The most of all rounds. @type {Record<string, Peaks>} */
  const peaks = {};
  /** @type {Network[]} */
  const networks = [];
  try {
    for (const [i, pair] of PAIRS.entries()) {
      const lacking = lackingOf(folder, pair);
      if (lacking) faults[pair.title] = `${lacking} is not here`;
      else {
        await write(folder, i, pair, photo);
        networks.push(await measured({ worker, folder, i, pair, rounds, warmUp, faults, peaks }));
      }
    }
    return { browser: worker.browser, rounds, peaks, networks, faults };
  } finally {
    await worker.close();
    rmSync(folder, { recursive: true });
  }
}

/**
 * One network on all sides. Adds to `faults` and `peaks`.
 * @param {{worker: Awaited<ReturnType<typeof openWorker>>, folder: string, i: number, pair: import('./pairs.mjs').Pair,
 *   rounds: number, warmUp: number, faults: Record<string, string>, peaks: Record<string, Peaks>}} options
 * @returns {Promise<Network>}
 */
async function measured({ worker, folder, i, pair, rounds, warmUp, faults, peaks }) {
  const { title, side, theirs, embedder } = pair;
  const file = join(folder, `${i}.safetensors`);
  const layers = await workOf(file, side);
  /** @type {Record<string, number[]>} */
  const outputs = {};
  const trying = async (/** @type {string} */ who, /** @type {() => Promise<any>} */ work) => {
    try {
      return await work();
    } catch (error) {
      faults[`${title}: ${who}`] = sentenceOf(error);
    }
  };
  const open = (/** @type {string} */ who, /** @type {object | null} */ module) =>
    trying(who, async () => (outputs[who] = await worker.call('open', who, i, side, module)));

  /** @type {Record<string, () => Promise<number>>} */
  const what = {};
  for (const { name, ...module } of builds()) await open(name, module);
  if (theirs) await open('onnxruntime', null);
  for (const who of Object.keys(outputs)) {
    const passes = Math.max(1, Math.round(A_FIGURE / (await worker.call('time', who, i, 2))));
    what[who] = () => worker.call('time', who, i, passes);
  }
  const native = await trying('native', () => nativeNetwork(file, join(folder, `${i}.nhwc`), side));
  if (native) what.native = () => native.time('pass');

  const looks = LOOKS.map(({ name, wasm, peaks: kinds }) => ({ name, kinds, wasm, look: lookAt(layers) }));
  for (const { name, kinds, wasm, look } of looks) {
    const who = `look ${name}`;
    await open(who, { script: './profile/doppel.mjs', wasm });
    what[who] = async () => {
      const peak = { float: await worker.call('peak', kinds.float), int8: await worker.call('peak', kinds.int8) };
      peaks[name] = { float: Math.max(peak.float, peaks[name]?.float ?? 0), int8: Math.max(peak.int8, peaks[name]?.int8 ?? 0) };
      return look.take(await worker.call('look', who, i, LOOKED_AT), peak);
    };
  }
  const cosine = trueToTheirs(outputs, (who, why) => {
    faults[`${title}: ${who}`] = why;
    delete what[who];
  });
  const times = await interleaved({ rounds, warmUp, what, faults });
  await native?.close();
  return {
    title,
    embedder,
    products: layers.reduce((sum, { products }) => sum + products, 0),
    cosine,
    measured: times,
    shares: Object.fromEntries(looks.map(({ name, look }) => [name, look.shares.slice(warmUp)])),
    profiles: Object.fromEntries(looks.map(({ name, look }) => [name, Object.fromEntries(Object.entries(look.kinds).map(([kind, ms]) => [kind, ms.slice(warmUp)]))])),
  };
}

/** Collects what the operators say, round by round; `take` gives the milliseconds of all. @param {import('./work.mjs').Layer[]} layers */
function lookAt(layers) {
  /** @type {import('./work.mjs').Shares[]} */
  const shares = [];
  /** @type {Record<string, number[]>} */
  const kinds = {};
  const take = (/** @type {import('./work.mjs').Operator[]} */ operators, /** @type {Peaks} */ peak) => {
    shares.push(sharesOfPeak(layers, operators, peak));
    for (const [kind, ms] of Object.entries(byKind(operators))) (kinds[kind] ??= []).push(ms);
    return operators.reduce((sum, { us }) => sum + us / 1000, 0);
  };
  return { shares, kinds, take };
}

/**
 * The least cosine of our builds to onnxruntime; one that gives other numbers is refused. null: it has not been asked.
 * @param {Record<string, number[]>} outputs @param {(who: string, why: string) => void} refuse
 */
function trueToTheirs({ onnxruntime, ...ours }, refuse) {
  if (!onnxruntime) return null;
  const cosines = Object.entries(ours).map(([who, numbers]) => {
    const alike = cosineOf(numbers, onnxruntime);
    if (!(alike >= LEAST_ALIKE)) refuse(who, `it computes something else than onnxruntime: the cosine is ${alike.toFixed(4)}`);
    return alike;
  });
  return Math.min(...cosines);
}

/** @param {number[]} one @param {number[]} other */
function cosineOf(one, other) {
  if (one.length !== other.length) return NaN;
  const dot = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}
