/**
 * Whole networks, imported, give onnxruntime's numbers on noise and on a photo: real ones where their files lie beside
 * the project, and those whose weights are not to be had here at full size with random weights.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { lacking, shared } from '../places.mjs';
import { withInputShape } from '../onnx.mjs';
import { facenet512, mobileFaceNet, scrfd, sface, writeKerasWeights } from './architectures.mjs';
import { networkDocument, openModule } from './engine.mjs';
import { SIGMOID_ROUNDING, TOLERANCE, assertSame, bothEngines, refusal, withImported } from './imported.mjs';
import { channelsFirst, runOnnx } from './onnxruntime.mjs';
import { noisePixels, photoPixels, prepared } from './pixels.mjs';

/** @type {any} */
let module;
before(async () => (module = await openModule()));

const embedder = (/** @type {number} */ side, /** @type {string[]} */ ...more) => [
  '--as',
  'embedder',
  '--size',
  `${side}x${side}`,
  ...more,
];
const raw255 = ['--mean', '0', '--scale', '1'];

describe('FaceNet512 at full size, random weights', () => {
  const network = facenet512();

  test('from ONNX', (t) => agrees(t, { source: network.onnx, options: embedder(160) }));
  test('from ONNX with its input in N H W C', (t) =>
    agrees(t, { source: facenet512({ channelsLast: true }).onnx, options: embedder(160), inputLast: true }));
  test("from Keras's weights in HDF5", (t) =>
    withKerasWeights(network.layers, (path) =>
      agrees(t, { source: path, options: embedder(160), reference: network.onnx }),
    ));

  test('HDF5 in which a layer is missing is refused by its name', () =>
    withKerasWeights(
      network.layers.filter(({ name }) => name !== 'Mixed_6a_Branch_0_Conv2d_1a_3x3'),
      async (path) => {
        const { code, text } = await refusal(await readFile(path), embedder(160), 'h5');
        assert.equal(code, 1, text);
        assert.match(text, /Mixed_6a_Branch_0_Conv2d_1a_3x3/);
      },
    ));

  test('HDF5 whose kernel has another shape is refused by its name', () => {
    const changed = network.layers.map((layer) => {
      if (layer.name !== 'Bottleneck') return layer;
      return { ...layer, weights: { kernel: { shape: [512, 1792], data: layer.weights.kernel.data } } };
    });
    return withKerasWeights(changed, async (path) => {
      const { code, text } = await refusal(await readFile(path), embedder(160), 'h5');
      assert.equal(code, 1, text);
      assert.match(text, /Bottleneck/);
    });
  });

  test('HDF5 cut short is refused', () =>
    withKerasWeights(network.layers, async (path) => {
      const whole = await readFile(path);
      for (const part of [0.001, 0.1, 0.5, 0.999]) {
        const { code, text } = await refusal(whole.subarray(0, Math.floor(whole.length * part)), embedder(160), 'h5');
        assert.equal(code, 1, text);
      }
    }));
});

/** @param {import('./architectures.mjs').Layer[]} layers @param {(path: string) => Promise<void>} use */
async function withKerasWeights(layers, use) {
  const folder = await mkdtemp(join(tmpdir(), 'doppel-keras-'));
  try {
    const path = join(folder, 'facenet512_weights.h5');
    await writeKerasWeights(path, layers);
    await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('MobileFaceNet as InsightFace trains it, random weights', (t) =>
  agrees(t, { source: mobileFaceNet(), options: embedder(112) }));
test('SFace, random weights', (t) => agrees(t, { source: sface(), options: embedder(112, ...raw255) }));

for (const [what, open] of /** @type {[string, boolean][]} */ ([
  ['a fixed', false],
  ['an open', true],
]))
  test(`SCRFD with ${what} input size, random weights`, (t) =>
    agrees(t, { source: scrfd({ open }), options: ['--as', 'detector:scrfd', '--size', '640x640'] }));
test('SCRFD at 320 × 320', (t) => agrees(t, { source: scrfd(), options: ['--as', 'detector:scrfd', '--size', '320x320'] }));

describe('weights in other forms', () => {
  const source = mobileFaceNet();
  for (const [form, tolerance, smallerThan] of /** @type {[string, number, number][]} */ ([
    ['f32', 1e-4, 1.1],
    ['f16', 2e-3, 0.55],
    ['int8', 0.05, 0.3],
  ]))
    test(`${form}: within ${tolerance}, and ${smallerThan} of the bytes`, (t) =>
      agrees(t, { source, options: embedder(112, '--weights', form), tolerance, smallerThan }));
});

/* ---- real networks ---- */

const model = (/** @type {string} */ name) => join(shared, 'models', name);
const yunet = model('face_detection_yunet_2023mar.onnx');

for (const side of [640, 320])
  test(`YuNet at ${side} × ${side}`, { skip: lacking(yunet) }, async (t) => {
    const reference = withInputShape(await readFile(yunet), [1, 3, side, side]);
    await agrees(t, { source: yunet, options: ['--as', 'detector:yunet', '--size', `${side}x${side}`], reference });
  });

test('MobileFaceNet of 128 numbers', { skip: lacking(model('mobilefacenet_112.onnx')) }, (t) =>
  agrees(t, { source: model('mobilefacenet_112.onnx'), options: embedder(112, ...raw255) }),
);

for (const name of ['mfn', 'mbf']) {
  const espdl = model(`human_face_feat_${name}_s8_v1.espdl`);
  const dequantised = model(`human_face_feat_${name}_s8_v1.dequantised.onnx`);
  const skip = lacking(espdl, dequantised);
  test(`${name.toUpperCase()} from .espdl, its weights int8`, { skip }, (t) =>
    agrees(t, { source: espdl, options: embedder(112), reference: dequantised, smallerThan: 0.3 }),
  );
  test(`${name.toUpperCase()} from its dequantised ONNX`, { skip }, (t) =>
    agrees(t, { source: dequantised, options: embedder(112) }),
  );
}

/**
 * @typedef {object} Network
 * @property {Uint8Array | string} source  a file or its path
 * @property {string[]} options  of `doppel import`
 * @property {Uint8Array | string} [reference]  what onnxruntime runs; the source, if nothing is said
 * @property {boolean} [inputLast]  the reference wants N H W C
 * @property {number} [smallerThan]  our file, relative to the reference
 * @property {number} [tolerance]
 */

/** Noise and a photo through all three. @param {import('node:test').TestContext} t @param {Network} network */
async function agrees(
  t,
  { source, options, reference = source, inputLast = false, smallerThan = Infinity, tolerance = TOLERANCE },
) {
  const onnx = typeof reference === 'string' ? await readFile(reference) : reference;
  await withImported(source, options, async (path) => {
    const file = await readFile(path);
    const document = networkDocument(file);
    const { width, height } = document.input;
    assert.ok(file.length < onnx.length * smallerThan, `${file.length} bytes are stored of ${onnx.length}`);
    const shape = [1, height, width, 3];
    for (const [kind, pixels] of /** @type {const} */ ([
      ['noise', noisePixels(width, height)],
      ['a photo', await photoPixels(module, width)],
    ])) {
      const input = prepared(pixels, document.input);
      const theirs = inputLast
        ? await runOnnx(onnx, input, shape)
        : await runOnnx(onnx, channelsFirst(input, shape), [1, 3, height, width]);
      const rounding = document.task === 'detector' ? SIGMOID_ROUNDING : 0;
      const difference = assertSame(await bothEngines(path, input, shape), theirs, { rounding, tolerance });
      t.diagnostic(`${kind}: within ${difference.toExponential(1)}`);
    }
  });
}
