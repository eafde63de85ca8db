/**
 * The vector of a face is onnxruntime's: the chip that the engine cut out, run through the network as ONNX. In float32 to
 * the last digits; where int8 weights are multiplied in int8, near enough that nobody changes places.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { Session } from '../../web/heap.js';
import { demoPhotos, lacking, shared } from '../places.mjs';
import { openModule, programJson, networkDocument } from './engine.mjs';
import { withImported } from './imported.mjs';
import { channelsFirst, openOnnx } from './onnxruntime.mjs';
import { prepared } from './pixels.mjs';

const FLOAT = 0.99999;
const INT8 = 0.995;

const model = (/** @type {string} */ name) => join(shared, 'models', name);
const yunet = model('face_detection_yunet_2023mar.onnx');
const embedder = (/** @type {string[]} */ ...more) => ['--as', 'embedder', '--size', '112x112', ...more];

/** @type {{name: string, source: string, reference: string, options: string[], int8?: boolean}[]} */
const networks = [
  ...['mfn', 'mbf'].map((name) => ({
    name: name.toUpperCase(),
    source: model(`human_face_feat_${name}_s8_v1.espdl`),
    reference: model(`human_face_feat_${name}_s8_v1.dequantised.onnx`),
    options: embedder(),
    int8: true,
  })),
  {
    name: 'MobileFaceNet',
    source: model('mobilefacenet_112.onnx'),
    reference: model('mobilefacenet_112.onnx'),
    options: embedder('--mean', '0', '--scale', '1'),
  },
];

/** @type {any} */
let module;
before(async () => (module = await openModule()));

for (const { name, source, reference, options, int8 } of networks) {
  describe(name, () => {
    const skip = lacking(yunet, source, reference);
    test('in float32, in the module', { skip }, (t) =>
      withNetworks(source, options, async (detector, network) => {
        const cosines = (await faces(detector, network, reference)).map(({ ours, theirs }) => cosine(ours, theirs));
        t.diagnostic(`${cosines.length} faces, the least cosine is ${Math.min(...cosines).toFixed(8)}`);
        assert.ok(cosines.length >= 10 && Math.min(...cosines) >= FLOAT);
      }),
    );

    if (!int8) return;
    test('in int8, in the program', { skip }, (t) =>
      withNetworks(source, options, async (detector, network) => {
        const words = ['represent', '--arithmetic', 'int8', '--models', detector, '--models', network];
        const photos = await programJson(...words, ...demoPhotos);
        const ours = photos.flatMap((/** @type {any} */ photo) =>
          photo.faces.map((/** @type {any} */ face) => face.embedding),
        );
        const theirs = await faces(detector, network, reference);
        assert.equal(ours.length, theirs.length);
        const cosines = theirs.map((face, i) => cosine(ours[i], face.theirs));
        t.diagnostic(`${cosines.length} faces, the least cosine is ${Math.min(...cosines).toFixed(5)}`);
        assert.ok(Math.min(...cosines) >= INT8);
        assert.ok(Math.max(...cosines) < 1 - 1e-6, 'nothing was multiplied in int8');
      }),
    );
  });
}

/** @template T @param {string} source @param {string[]} options @param {(detector: string, network: string) => Promise<T>} use */
const withNetworks = (source, options, use) =>
  withImported(yunet, ['--as', 'detector:yunet', '--size', '640x640'], (detector) =>
    withImported(source, options, (network) => use(detector, network)),
  );

/** All faces of the demo photos: our vector, and onnxruntime's of the same chip. */
async function faces(/** @type {string} */ detector, /** @type {string} */ network, /** @type {string} */ reference) {
  const [file, onnx] = [await readFile(network), await openOnnx(await readFile(reference))];
  const { input } = networkDocument(file);
  const session = new Session(module);
  session.addNetwork(await readFile(detector));
  session.addNetwork(file);
  session.start();
  const found = [];
  for (const photo of demoPhotos) {
    session.openPhoto(await readFile(photo));
    const count = session.detect().faces.length;
    for (let i = 0; i < count; i++) {
      const ours = session.embed(i);
      const { width, height, rgba } = session.chip(i);
      const bytes = new Uint8Array(rgba);
      const pixels = Float32Array.from({ length: width * height * 3 }, (_, p) => bytes[Math.floor(p / 3) * 4 + (p % 3)]);
      const shape = [1, height, width, 3];
      const [output] = await onnx.run(channelsFirst(prepared(pixels, input), shape), [1, 3, height, width]);
      found.push({ ours, theirs: output.data });
    }
  }
  session.close();
  await onnx.close();
  return found;
}

function cosine(/** @type {ArrayLike<number>} */ a, /** @type {ArrayLike<number>} */ b) {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < b.length; i++) (dot += a[i] * b[i]), (aa += a[i] * a[i]), (bb += b[i] * b[i]);
  return dot / Math.sqrt(aa * bb);
}
