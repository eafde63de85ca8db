/**
 * Networks alone, in our module and in onnxruntime-web, side by side in one worker of headless Chromium: one thread, the
 * same numbers in. What is timed is the whole call on either side: numbers in, one pass, numbers out.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkDocument, openModule, openSession } from '../tests/golden/engine.mjs';
import { channelsFirst } from '../tests/golden/onnxruntime.mjs';
import { photoPixels, prepared } from '../tests/golden/pixels.mjs';
import { withInputShape } from '../tests/onnx.mjs';
import { program, root, shared } from '../tests/places.mjs';
import { openWorker } from './in-worker.mjs';
import { summary, table } from './report.mjs';

/** Passes that one figure is the mean of: browsers' clocks are coarse. */
const PASSES = 5;

/**
 * @typedef {object} Pair
 * @property {string} title
 * @property {string} ours  the file that we import
 * @property {string} theirs  the same network as ONNX
 * @property {number} side  of the input
 * @property {string[]} options  of `doppel import`
 */
const embedder = ['--as', 'embedder'];
const yunet = {
  ours: 'face_detection_yunet_2023mar.onnx',
  theirs: 'face_detection_yunet_2023mar.onnx',
  options: ['--as', 'detector:yunet'],
};

/** @type {Pair[]} */
const PAIRS = [
  { title: 'YuNet at 640 × 640', side: 640, ...yunet },
  { title: 'YuNet at 320 × 320', side: 320, ...yunet },
  ...['mfn', 'mbf'].map((name) => ({
    title: `${name.toUpperCase()}, ours int8, theirs float32`,
    ours: `human_face_feat_${name}_s8_v1.espdl`,
    theirs: `human_face_feat_${name}_s8_v1.dequantised.onnx`,
    side: 112,
    options: [...embedder, '--arithmetic', 'int8'],
  })),
  {
    title: 'MobileFaceNet, ours int8, theirs float32',
    ours: 'mobilefacenet_112.onnx',
    theirs: 'mobilefacenet_112.onnx',
    side: 112,
    options: [...embedder, '--mean', '0', '--scale', '1', '--weights', 'int8', '--arithmetic', 'int8'],
  },
];

/** Measures, prints, and gives the lines back. @param {{photo: string, warmUp: number, rounds: number}} options */
export async function networkTimes({ photo, warmUp, rounds }) {
  const here = PAIRS.filter(({ ours, theirs }) => fileOf(ours) && fileOf(theirs));
  for (const { title, ours } of PAIRS.filter((pair) => !here.includes(pair)))
    console.log(`Left out, for ${ours} is not here: ${title}`);
  if (!here.length) return [];

  const folder = mkdtempSync(join(tmpdir(), 'doppel-networks-'));
  for (const [i, pair] of here.entries()) await write(folder, i, pair, photo);
  const { call, close } = await openWorker('networks-worker.js', {
    '/onnxruntime/': join(root, 'node_modules/onnxruntime-web/dist'),
    '/networks/': folder,
  });
  try {
    for (const [i, { side }] of here.entries()) await call('load', i, side);

    /** @type {Record<string, number[]>} */
    const measured = {};
    const sides = here.flatMap((_, i) => [`doppel ${i}`, `simd128 ${i}`, `peer ${i}`]);
    for (let round = 0; round < warmUp + rounds; round++) {
      for (const side of round % 2 ? sides : [...sides].reverse()) {
        const [who, i] = side.split(' ');
        const ms = await call('time', who, Number(i), PASSES);
        if (round >= warmUp) (measured[side] ??= []).push(ms);
      }
    }
    const lines = here.flatMap(({ title }, i) => [
      summary(title, measured[`doppel ${i}`], measured[`peer ${i}`]),
      summary('  the same in simd128 alone', measured[`simd128 ${i}`], measured[`peer ${i}`]),
    ]);
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules/onnxruntime-web/package.json'), 'utf8'));
    console.log(
      `Networks alone, ${await call('moduleFile')}, one thread, onnxruntime-web ${version}; ${rounds} rounds of ${PASSES} passes, ms a pass`,
    );
    console.log(table(lines, 'onnxruntime-web'));
    return lines;
  } finally {
    await close();
    rmSync(folder, { recursive: true });
  }
}

/** A file of others, from ../shared or the folder that DOPPEL_MODELS names. */
function fileOf(/** @type {string} */ name) {
  const folders = [join(shared, 'models'), process.env.DOPPEL_MODELS ?? ''];
  return folders.map((folder) => join(folder, name)).find(existsSync);
}

/** Both sides' files and numbers, under the pair's index. */
async function write(
  /** @type {string} */ folder,
  /** @type {number} */ i,
  /** @type {Pair} */ { ours, theirs, side, options },
  /** @type {string} */ photo,
) {
  const path = join(folder, `${i}.safetensors`);
  execFileSync(program, ['import', String(fileOf(ours)), ...options, '--size', `${side}x${side}`, '-o', path]);
  const onnx = readFileSync(String(fileOf(theirs)));
  writeFileSync(join(folder, `${i}.onnx`), side === 112 ? onnx : withInputShape(onnx, [1, 3, side, side]));
  const pixels = side === 112 ? await facePixels(photo, side) : await photoPixels(await openModule(), side, photo);
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
