/**
 * The networks that networks.mjs times: which, where they come from, and the files and numbers that both sides get. The
 * numbers are a face's, or a photo's.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { facenet512 } from '../tests/golden/architectures.mjs';
import { networkDocument, openModule, openSession } from '../tests/golden/engine.mjs';
import { channelsFirst } from '../tests/golden/onnxruntime.mjs';
import { photoPixels, prepared } from '../tests/golden/pixels.mjs';
import { withInputShape } from '../tests/onnx.mjs';
import { build, program, shared } from '../tests/places.mjs';

/**
 * @typedef {object} Pair
 * @property {string} title
 * @property {string} ours  the file that we import; or a network of build/networks
 * @property {string} [theirs]  the same network as ONNX; without it onnxruntime is not asked
 * @property {number} side  of the input
 * @property {string[]} options  of `doppel import`
 * @property {boolean} embedder
 */
const embedder = ['--as', 'embedder', '--arithmetic', 'int8'];
const yunet = {
  ours: 'face_detection_yunet_2023mar.onnx',
  theirs: 'face_detection_yunet_2023mar.onnx',
  options: ['--as', 'detector:yunet'],
  embedder: false,
};

/** Embedders multiply in int8 here, in float32 in onnxruntime. @type {Pair[]} */
export const PAIRS = [
  { title: 'YuNet 640', side: 640, ...yunet },
  { title: 'YuNet 320', side: 320, ...yunet },
  ...['mfn', 'mbf'].map((name) => ({
    title: name.toUpperCase(),
    ours: `human_face_feat_${name}_s8_v1.espdl`,
    theirs: `human_face_feat_${name}_s8_v1.dequantised.onnx`,
    side: 112,
    options: embedder,
    embedder: true,
  })),
  {
    title: 'MobileFaceNet',
    ours: 'mobilefacenet_112.onnx',
    theirs: 'mobilefacenet_112.onnx',
    side: 112,
    options: [...embedder, '--mean', '0', '--scale', '1', '--weights', 'int8'],
    embedder: true,
  },
  {
    title: 'FaceNet512-shaped',
    ours: 'facenet512-shaped.onnx',
    theirs: 'facenet512-shaped.onnx',
    side: 160,
    options: [...embedder, '--weights', 'int8'],
    embedder: true,
  },
  { title: 'face-api’s embedder', ours: 'face_recognition', side: 150, options: [], embedder: true },
];

/** What nobody has to bring: the architecture of FaceNet512 with seeded weights. @param {string} folder */
export function writeMadeNetworks(folder) {
  writeFileSync(join(folder, 'facenet512-shaped.onnx'), facenet512().onnx);
}

/** The file that a pair lacks, or an empty text. @param {string} folder @param {Pair} pair */
export const lackingOf = (folder, { ours, theirs = ours }) => [ours, theirs].find((name) => !fileOf(folder, name)) ?? '';

/** Both sides' files and numbers, under the pair's index. @param {string} folder @param {number} i @param {Pair} pair @param {string} photo */
export async function write(folder, i, { ours, theirs, side, options, embedder: isEmbedder }, photo) {
  const path = join(folder, `${i}.safetensors`);
  const from = fileOf(folder, ours);
  if (from.endsWith('.safetensors')) copyFileSync(from, path);
  else execFileSync(program, ['import', from, ...options, '--size', `${side}x${side}`, '-o', path]);
  if (theirs) {
    const onnx = readFileSync(fileOf(folder, theirs));
    writeFileSync(join(folder, `${i}.onnx`), isEmbedder ? onnx : withInputShape(onnx, [1, 3, side, side]));
  }
  const pixels = isEmbedder ? await facePixels(photo, side) : await photoPixels(await openModule(), side, photo);
  const input = prepared(pixels, networkDocument(readFileSync(path)).input);
  writeFileSync(join(folder, `${i}.nhwc`), new Uint8Array(input.buffer));
  writeFileSync(join(folder, `${i}.nchw`), new Uint8Array(channelsFirst(input, [1, side, side, 3]).buffer));
}

/** Of others, from ../shared or the folder that DOPPEL_MODELS names; made here; or one of ours. @param {string} made @param {string} name */
function fileOf(made, name) {
  const library = join(build, 'networks');
  const imported = existsSync(library) ? readdirSync(library).find((file) => file.startsWith(`${name}.`)) : undefined;
  if (imported) return join(library, imported);
  const folders = [made, join(shared, 'models'), process.env.DOPPEL_MODELS ?? ''];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? '';
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
