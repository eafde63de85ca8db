/**
 * Networks alone: builds of the module beside onnxruntime-web in one worker of headless Chromium, and beside our native
 * library; one thread, the same numbers in. What is timed is the whole call: numbers in, one pass, numbers out. Then how
 * near the layers come to what the processor can do, with modules that look at the clock between operators.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { facenet512 } from '../tests/golden/architectures.mjs';
import { networkDocument, openModule, openSession } from '../tests/golden/engine.mjs';
import { channelsFirst } from '../tests/golden/onnxruntime.mjs';
import { photoPixels, prepared } from '../tests/golden/pixels.mjs';
import { withInputShape } from '../tests/onnx.mjs';
import { build, program, root, shared } from '../tests/places.mjs';
import { builds } from './builds.mjs';
import { openWorker } from './in-worker.mjs';
import { nativeNetwork, workOf } from './native.mjs';
import { interleaved, sentenceOf } from './rounds.mjs';
import { byKind, sharesOfPeak } from './work.mjs';

/** A figure is the mean of passes that take about so long, milliseconds: browsers' clocks are coarse. */
const A_FIGURE = 25;

/** The instruction sets whose peak is measured, and the modules that look at the clock. */
const LOOKS = [
  { name: 'relaxed', wasm: './profile/relaxed/doppel.wasm', peaks: /** @type {const} */ ({ float: 'float relaxed', int8: 'int8 relaxed' }) },
  { name: 'simd128', wasm: './profile/doppel.wasm', peaks: /** @type {const} */ ({ float: 'float', int8: 'int8' }) },
];

/**
 * @typedef {object} Pair
 * @property {string} title
 * @property {string} ours  the file that we import
 * @property {string} theirs  the same network as ONNX; nothing: onnxruntime is not asked
 * @property {number} side  of the input
 * @property {string[]} options  of `doppel import`
 * @property {boolean} [int8]  ours multiplies in int8; onnxruntime always in float32
 * @typedef {{title: string, int8: boolean, embedder: boolean, products: number, cosine: number, measured: import('./rounds.mjs').Measured, shares: Record<string, import('./work.mjs').Shares[]>,
 *   profiles: Record<string, Record<string, number[]>>}} Network  profiles: milliseconds a pass by instruction set and kind of operator
 */
const embedder = ['--as', 'embedder', '--arithmetic', 'int8'];
const yunet = {
  ours: 'face_detection_yunet_2023mar.onnx',
  theirs: 'face_detection_yunet_2023mar.onnx',
  options: ['--as', 'detector:yunet'],
};

/** @type {Pair[]} */
const PAIRS = [
  { title: 'YuNet 640', side: 640, ...yunet },
  { title: 'YuNet 320', side: 320, ...yunet },
  ...['mfn', 'mbf'].map((name) => ({
    title: name.toUpperCase(),
    ours: `human_face_feat_${name}_s8_v1.espdl`,
    theirs: `human_face_feat_${name}_s8_v1.dequantised.onnx`,
    side: 112,
    options: embedder,
    int8: true,
  })),
  {
    title: 'MobileFaceNet',
    ours: 'mobilefacenet_112.onnx',
    theirs: 'mobilefacenet_112.onnx',
    side: 112,
    options: [...embedder, '--mean', '0', '--scale', '1', '--weights', 'int8'],
    int8: true,
  },
  {
    title: 'FaceNet512-shaped',
    ours: 'facenet512-shaped.onnx',
    theirs: 'facenet512-shaped.onnx',
    side: 160,
    options: [...embedder, '--weights', 'int8'],
    int8: true,
  },
];

/** @param {{photo: string, warmUp: number, rounds: number}} options */
export async function networkTimes({ photo, warmUp, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'doppel-networks-'));
  writeFileSync(join(folder, 'facenet512-shaped.onnx'), facenet512().onnx);
  /** Why something is not measured. @type {Record<string, string>} */
  const faults = {};
  const pairs = PAIRS.filter((pair) => {
    const lacking = [pair.ours, pair.theirs].find((name) => !fileOf(folder, name));
    if (lacking) faults[pair.title] = `${lacking} is not here`;
    return !lacking;
  });
  const worker = await openWorker('networks-worker.js', {
    '/onnxruntime/': join(root, 'node_modules/onnxruntime-web/dist'),
    '/networks/': folder,
    '/profile/': join(build, 'wasm/bench'),
  });
  const natives = [];
  try {
    /** @type {Network[]} */
    const networks = [];
    /** The most of all rounds. @type {Record<string, import('./work.mjs').Peaks>} */
    const peaks = {};
    for (const [i, pair] of pairs.entries()) {
      await write(folder, i, pair, photo);
      const native = await nativeNetwork(join(folder, `${i}.safetensors`), join(folder, `${i}.nhwc`), pair.side).catch((error) => {
        faults[`${pair.title}: native`] = sentenceOf(error);
      });
      if (native) natives.push(native);
      networks.push(await measured({ worker, i, pair, native, layers: await workOf(join(folder, `${i}.safetensors`), pair.side), rounds, warmUp, faults, peaks }));
    }
    return { browser: worker.browser, rounds, peaks, networks, faults };
  } finally {
    for (const native of natives) await native.close();
    await worker.close();
    rmSync(folder, { recursive: true });
  }
}

/**
 * One network on all sides.
 * @param {{worker: Awaited<ReturnType<typeof openWorker>>, i: number, pair: Pair, native: import('./native.mjs').Native | void,
 *   layers: import('./work.mjs').Layer[], rounds: number, warmUp: number, faults: Record<string, string>,
 *   peaks: Record<string, import('./work.mjs').Peaks>}} options what is added to: `faults`, `peaks`
 * @returns {Promise<Network>}
 */
async function measured({ worker, i, pair, native, layers, rounds, warmUp, faults, peaks: most }) {
  /** @type {Record<string, number[]>} */
  const outputs = {};
  /** @type {Record<string, () => Promise<number>>} */
  const what = {};
  /** @type {Record<string, import('./work.mjs').Shares[]>} */
  const shares = {};
  /** @type {Network['profiles']} */
  const profiles = {};
  const open = async (/** @type {string} */ side, /** @type {object | null} */ module) => {
    try {
      outputs[side] = await worker.call('open', side, i, pair.side, module);
    } catch (error) {
      faults[`${pair.title}: ${side}`] = sentenceOf(error);
    }
  };
  for (const { name, ...module } of builds()) await open(name, module);
  await open('onnxruntime', null);
  for (const side of Object.keys(outputs)) {
    const passes = Math.max(1, Math.round(A_FIGURE / (await worker.call('time', side, i, 2))));
    what[side] = () => worker.call('time', side, i, passes);
  }
  if (native) what.native = () => native.time('pass');
  for (const { name, wasm, peaks } of pair.title.startsWith('YuNet') ? [] : LOOKS) {
    await open(`look ${name}`, { script: './profile/doppel.mjs', wasm, threads: 1 });
    shares[name] = [];
    profiles[name] = {};
    // Its own time is not taken: only what it sees, beside the peak of the same moment.
    what[`look ${name}`] = async () => {
      const operators = await worker.call('look', `look ${name}`, i, 3);
      const peak = { float: await worker.call('peak', peaks.float), int8: await worker.call('peak', peaks.int8) };
      most[name] = { float: Math.max(peak.float, most[name]?.float ?? 0), int8: Math.max(peak.int8, most[name]?.int8 ?? 0) };
      shares[name].push(sharesOfPeak(layers, operators, peak));
      for (const [kind, ms] of Object.entries(byKind(operators))) (profiles[name][kind] ??= []).push(ms);
      return operators.reduce((/** @type {number} */ sum, /** @type {{us: number}} */ { us }) => sum + us / 1000, 0);
    };
  }
  const times = await interleaved({ rounds, warmUp, what, faults });
  for (const list of [...Object.values(shares), ...Object.values(profiles).flatMap((kinds) => Object.values(kinds))]) list.splice(0, warmUp);
  return {
    title: pair.title,
    int8: Boolean(pair.int8),
    embedder: pair.options.includes('embedder'),
    products: layers.reduce((sum, { products }) => sum + products, 0),
    cosine: outputs.onnxruntime && outputs.relaxed ? cosine(outputs.relaxed, outputs.onnxruntime) : NaN,
    measured: times,
    shares,
    profiles,
  };
}

/** @param {number[]} one @param {number[]} other */
function cosine(one, other) {
  if (one.length !== other.length) throw new Error('the sides give different amounts of numbers');
  const dot = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}

/** A file of others, from ../shared or the folder that DOPPEL_MODELS names; or one that was made here. @param {string} made @param {string} name */
function fileOf(made, name) {
  const folders = [made, join(shared, 'models'), process.env.DOPPEL_MODELS ?? ''];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? '';
}

/** Both sides' files and numbers, under the pair's index. */
async function write(
  /** @type {string} */ folder,
  /** @type {number} */ i,
  /** @type {Pair} */ { ours, theirs, side, options },
  /** @type {string} */ photo,
) {
  const path = join(folder, `${i}.safetensors`);
  execFileSync(program, ['import', fileOf(folder, ours), ...options, '--size', `${side}x${side}`, '-o', path]);
  const onnx = readFileSync(fileOf(folder, theirs));
  const isEmbedder = options.includes('embedder');
  writeFileSync(join(folder, `${i}.onnx`), isEmbedder ? onnx : withInputShape(onnx, [1, 3, side, side]));
  const pixels = isEmbedder ? await facePixels(photo, side) : await photoPixels(await openModule(), side, photo);
  const input = prepared(pixels, networkDocument(readFileSync(path)).input);
  writeFileSync(join(folder, `${i}.nhwc`), new Uint8Array(input.buffer));
  writeFileSync(join(folder, `${i}.nchw`), new Uint8Array(channelsFirst(input, [1, side, side, 3]).buffer));
}

/** A face, for networks with PReLU are faster on pictures that are all alike. */
async function facePixels(/** @type {string} */ photo, /** @type {number} */ side) {
  const session = await openSession();
  session.openPhoto(readFileSync(photo));
  if (!session.detect().faces.length) throw new Error(`there is no face in ${photo}`);
  const rgba = new Uint8Array(session.portrait(0, side).rgba);
  session.close();
  return Float32Array.from({ length: side * side * 3 }, (_, i) => rgba[Math.floor(i / 3) * 4 + (i % 3)]);
}
