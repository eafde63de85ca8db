/**
 * What face-api's own code, unmodified, computes for a network: its npm bundle on tfjs's plain JavaScript backend, which
 * shares no kernel with XNNPACK. Where face-api decodes in the same breath (SSD), its tfjs is listened to at the tensors
 * that our graph ends with.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faceApi as packageFolder } from '../places.mjs';

/** @typedef {{name: string, data: Float32Array}} Output */

const NETWORKS = {
  tiny_face_detector: { kind: 'TinyFaceDetector', side: 416 },
  ssd_mobilenetv1: { kind: 'SsdMobilenetv1', side: 512 },
  face_landmark_68: { kind: 'FaceLandmark68Net', side: 112 },
  face_recognition: { kind: 'FaceRecognitionNet', side: 150 },
};
export const networkNames = /** @type {(keyof typeof NETWORKS)[]} */ (Object.keys(NETWORKS));

/** The side of the square that face-api feeds a network with. */
export const inputSide = (/** @type {keyof typeof NETWORKS} */ name) => NETWORKS[name].side;

/** The bundle takes node for a browser's worker, since its node parts are left out of the ES module. */
async function loadFaceApi() {
  const disguise = /** @type {any} */ (globalThis);
  disguise.WorkerGlobalScope ??= class {};
  const faceapi = await import(join(packageFolder, 'dist/face-api.esm.js'));
  faceapi.tf.enableProdMode(); // otherwise it advertises tfjs-node
  await faceapi.tf.setBackend('cpu');
  await faceapi.tf.ready();
  return faceapi;
}

/** @type {Promise<any> | undefined} */
let loaded;

/**
 * The network's outputs for a photo of side × side pixels.
 * @param {keyof typeof NETWORKS} name
 * @param {Float32Array} pixels RGB, 0 … 255, row by row
 * @returns {Promise<Output[]>}
 */
export async function reference(name, pixels) {
  loaded ??= loadFaceApi();
  const faceapi = await loaded;
  const { tf } = faceapi;
  const { kind, side } = NETWORKS[name];

  const net = new faceapi[kind]();
  const manifest = JSON.parse(await readFile(join(packageFolder, `model/${name}_model-weights_manifest.json`), 'utf8'));
  const weights = await readFile(join(packageFolder, `model/${name}_model.bin`));
  const buffer = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.length);
  net.loadFromWeightMap(tf.io.decodeWeights(buffer, manifest.flatMap((/** @type {any} */ group) => group.weights)));

  const input = new faceapi.NetInput([tf.tensor3d(pixels, [side, side, 3])]);
  if (name === 'ssd_mobilenetv1') return listenToConcatenations(tf, () => net.forwardInput(input));
  const output = name === 'face_landmark_68' ? net.runNet(input) : net.forwardInput(input, side);
  return [{ name: 'output', data: output.dataSync() }];
}

/** SSD's two outputs before decoding are what its code concatenates over its six maps: boxes, then classes. */
function listenToConcatenations(/** @type {any} */ tf, /** @type {() => any} */ forward) {
  /** @type {Output[]} */
  const heard = [];
  const engine = tf.engine();
  const runKernel = engine.runKernel;
  engine.runKernel = function listening(/** @type {string} */ kernel, /** @type {any} */ inputs, /** @type {any} */ attributes) {
    const result = runKernel.call(this, kernel, inputs, attributes);
    if (kernel === 'Concat' && attributes.axis === 1)
      heard.push({ name: heard.length ? 'classes' : 'boxes', data: result.dataSync().slice() });
    return result;
  };
  try {
    forward();
  } finally {
    engine.runKernel = runKernel;
  }
  return heard;
}
