/**
 * Networks of the full size and shape of those in models/catalogue.json whose weights are not here, with random weights:
 * enough to show that an importer takes the real file. As their authors publish them, normalisations not yet folded.
 */
import h5wasm from 'h5wasm/node';
import { normal, uniform } from '../random.mjs';
import { OnnxGraph } from '../onnx.mjs';

/**
 * A layer as Keras keeps it: names of its weights, without ":0", and their numbers.
 * @typedef {{name: string, weights: Record<string, {shape: number[], data: Float32Array}>}} Layer
 */

/* ---- FaceNet512: Inception-ResNet-v1 as DeepFace's InceptionResNetV1 builds it ---- */

/**
 * The same network twice: the layers of a Keras weights file, and an ONNX file, its input N H W C as tf2onnx leaves it
 * or N C H W.
 * @returns {{onnx: Buffer, layers: Layer[]}}
 */
export function facenet512({ channelsLast = false } = {}) {
  const g = new OnnxGraph({ seed: 512 });
  /** @type {Layer[]} */
  const layers = [];
  const layer = (/** @type {string} */ name, /** @type {Layer['weights']} */ weights = {}) => layers.push({ name, weights });

  const kernel = (/** @type {number[]} */ shape, /** @type {number} */ fanIn) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return normal(g.random, count, Math.sqrt(2 / fanIn));
  };

  /** Conv2D with a bias, or without one and with BatchNormalization and ReLU behind it. */
  function conv(
    /** @type {string} */ x,
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {[number, number]} */ [height, width],
    /** @type {string} */ name,
    { stride = 1, same = true, bias = false } = {},
  ) {
    const data = kernel([to, from, height, width], from * height * width);
    const inputs = [x, g.constant([to, from, height, width], data)];
    /** @type {Layer['weights']} */
    const weights = { kernel: { shape: [height, width, from, to], data: outputsLast(data, to, from, height * width) } };
    if (bias) {
      weights.bias = { shape: [to], data: uniform(g.random, to, -0.5, 0.5) };
      inputs.push(g.constant([to], weights.bias.data));
    }
    layer(name, weights);
    const [top, left] = same ? [(height - 1) / 2, (width - 1) / 2] : [0, 0];
    const y = g.add('Conv', inputs, {
      kernel_shape: [height, width],
      strides: [stride, stride],
      pads: [top, left, top, left],
    });
    return bias ? y : g.add('Relu', normalised(y, to, `${name}_BatchNorm`));
  }

  /** BatchNormalization with `scale=False`. */
  function normalised(/** @type {string} */ x, /** @type {number} */ channels, /** @type {string} */ name) {
    const vector = (/** @type {number} */ low, /** @type {number} */ high) => ({
      shape: [channels],
      data: uniform(g.random, channels, low, high),
    });
    const weights = { beta: vector(-0.3, 0.3), moving_mean: vector(-0.3, 0.3), moving_variance: vector(0.6, 1.4) };
    layer(name, weights);
    const one = new Float32Array(channels).fill(1);
    const constants = [one, weights.beta.data, weights.moving_mean.data, weights.moving_variance.data];
    return g.add('BatchNormalization', [x, ...constants.map((data) => g.constant([channels], data))], { epsilon: 0.001 });
  }

  const pool = (/** @type {string} */ x) => g.add('MaxPool', x, { kernel_shape: [3, 3], strides: [2, 2] });
  const concat = (/** @type {string[]} */ ...parts) => g.add('Concat', parts, { axis: 1 });
  const reduce = { stride: 2, same: false };
  /** @type {[number, number]} */ const one = [1, 1];
  /** @type {[number, number]} */ const three = [3, 3];

  /** A residual block: the branches joined, brought back to `channels`, scaled and added. */
  function residual(
    /** @type {string} */ x,
    /** @type {string[]} */ branches,
    /** @type {number} */ width,
    /** @type {number} */ channels,
    /** @type {string} */ name,
    /** @type {number} */ scale,
  ) {
    const up = conv(concat(...branches), width, channels, one, `${name}_Conv2d_1x1`, { bias: true });
    return g.add('Add', [x, g.add('Mul', [up, g.constant([], [scale])])]);
  }

  for (const name of ['input_1', 'Dropout']) layer(name); // without weights, as Keras lists them too
  let x = channelsLast
    ? g.add('Transpose', g.input('input_1', ['unk__1', 160, 160, 3]), { perm: [0, 3, 1, 2] })
    : g.input('input', [1, 3, 160, 160]);
  x = conv(x, 3, 32, three, 'Conv2d_1a_3x3', reduce);
  x = conv(x, 32, 32, three, 'Conv2d_2a_3x3', { same: false });
  x = conv(x, 32, 64, three, 'Conv2d_2b_3x3');
  x = pool(x);
  x = conv(x, 64, 80, one, 'Conv2d_3b_1x1');
  x = conv(x, 80, 192, three, 'Conv2d_4a_3x3', { same: false });
  x = conv(x, 192, 256, three, 'Conv2d_4b_3x3', reduce);

  for (let i = 1; i <= 5; i++) {
    const block = `Block35_${i}`;
    const first = conv(x, 256, 32, one, `${block}_Branch_0_Conv2d_1x1`);
    const second = conv(
      conv(x, 256, 32, one, `${block}_Branch_1_Conv2d_0a_1x1`),
      32,
      32,
      three,
      `${block}_Branch_1_Conv2d_0b_3x3`,
    );
    let third = conv(x, 256, 32, one, `${block}_Branch_2_Conv2d_0a_1x1`);
    third = conv(third, 32, 32, three, `${block}_Branch_2_Conv2d_0b_3x3`);
    third = conv(third, 32, 32, three, `${block}_Branch_2_Conv2d_0c_3x3`);
    x = g.add('Relu', residual(x, [first, second, third], 96, 256, block, 0.17));
  }

  {
    const first = conv(x, 256, 384, three, 'Mixed_6a_Branch_0_Conv2d_1a_3x3', reduce);
    let second = conv(x, 256, 192, one, 'Mixed_6a_Branch_1_Conv2d_0a_1x1');
    second = conv(second, 192, 192, three, 'Mixed_6a_Branch_1_Conv2d_0b_3x3');
    second = conv(second, 192, 256, three, 'Mixed_6a_Branch_1_Conv2d_1a_3x3', reduce);
    x = concat(first, second, pool(x));
  }

  for (let i = 1; i <= 10; i++) {
    const block = `Block17_${i}`; // the second branch bears the block's number: so it is in DeepFace's builder
    const first = conv(x, 896, 128, one, `${block}_Branch_0_Conv2d_1x1`);
    let second = conv(x, 896, 128, one, `${block}_Branch_${i}_Conv2d_0a_1x1`);
    second = conv(second, 128, 128, [1, 7], `${block}_Branch_${i}_Conv2d_0b_1x7`);
    second = conv(second, 128, 128, [7, 1], `${block}_Branch_${i}_Conv2d_0c_7x1`);
    x = g.add('Relu', residual(x, [first, second], 256, 896, block, 0.1));
  }

  {
    const name = 'Mixed_7a_Branch';
    const first = conv(
      conv(x, 896, 256, one, `${name}_0_Conv2d_0a_1x1`),
      256,
      384,
      three,
      `${name}_0_Conv2d_1a_3x3`,
      reduce,
    );
    const second = conv(
      conv(x, 896, 256, one, `${name}_1_Conv2d_0a_1x1`),
      256,
      256,
      three,
      `${name}_1_Conv2d_1a_3x3`,
      reduce,
    );
    let third = conv(conv(x, 896, 256, one, `${name}_2_Conv2d_0a_1x1`), 256, 256, three, `${name}_2_Conv2d_0b_3x3`);
    third = conv(third, 256, 256, three, `${name}_2_Conv2d_1a_3x3`, reduce);
    x = concat(first, second, third, pool(x));
  }

  for (let i = 1; i <= 6; i++) {
    const [block, branch] = [`Block8_${i}`, i === 6 ? 1 : i];
    const first = conv(x, 1792, 192, one, `${block}_Branch_0_Conv2d_1x1`);
    let second = conv(x, 1792, 192, one, `${block}_Branch_${branch}_Conv2d_0a_1x1`);
    second = conv(second, 192, 192, [1, 3], `${block}_Branch_${branch}_Conv2d_0b_1x3`);
    second = conv(second, 192, 192, [3, 1], `${block}_Branch_${branch}_Conv2d_0c_3x1`);
    x = residual(x, [first, second], 384, 1792, block, i === 6 ? 1 : 0.2);
    if (i < 6) x = g.add('Relu', x);
  }

  x = g.add('Dropout', g.add('Squeeze', [g.add('GlobalAveragePool', x), g.integers(2, 3)]));
  const bottleneck = kernel([1792, 512], 1792);
  layer('Bottleneck', { kernel: { shape: [1792, 512], data: bottleneck } });
  x = normalised(g.add('MatMul', [x, g.constant([1792, 512], bottleneck)]), 512, 'Bottleneck_BatchNorm');
  g.output(x);
  return { onnx: g.bytes(), layers };
}

/** O I (H W) → (H W) I O, as Keras keeps kernels. */
function outputsLast(
  /** @type {Float32Array} */ from,
  /** @type {number} */ outputs,
  /** @type {number} */ inputs,
  /** @type {number} */ area,
) {
  const to = new Float32Array(from.length);
  let at = 0;
  for (let p = 0; p < area; p++)
    for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) to[at++] = from[(o * inputs + i) * area + p];
  return to;
}

/** Layers as Keras's save_weights lays them down in HDF5: a group a layer, in it the weights under their full names. */
export async function writeKerasWeights(/** @type {string} */ path, /** @type {Layer[]} */ layers) {
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'w');
  const keep = (/** @type {any} */ place, /** @type {string} */ attribute, /** @type {string[]} */ list) =>
    place.create_attribute(attribute, list, [list.length], `S${Math.max(1, ...list.map((name) => name.length))}`);
  keep(
    file,
    'layer_names',
    layers.map(({ name }) => name),
  );
  file.create_attribute('backend', 'tensorflow');
  file.create_attribute('keras_version', '2.2.4');
  for (const { name, weights } of layers) {
    const group = file.create_group(name);
    const full = Object.keys(weights).map((weight) => `${name}/${weight}:0`);
    keep(group, 'weight_names', full);
    const inner = group.create_group(name);
    for (const [weight, { shape, data }] of Object.entries(weights))
      inner.create_dataset({ name: `${weight}:0`, data, shape, dtype: '<f4' });
  }
  file.close();
}

/* ---- embedders of 112 × 112 ---- */

/** @typedef {import('../onnx.mjs').Attributes} Attributes */

/** Conv, BatchNormalization and, unless it is linear, PRelu, as InsightFace's networks repeat them. */
function convBatchPRelu(
  /** @type {OnnxGraph} */ g,
  /** @type {string} */ x,
  /** @type {number} */ from,
  /** @type {number} */ to,
  /** @type {number} */ kernel,
  /** @type {Attributes} */ attributes = {},
  linear = false,
) {
  const gain = linear ? 0.3 : 1; // sums of many blocks do not grow beyond reason
  const y = g.batchNorm(g.conv(x, from, to, kernel, { bias: false, gain, ...attributes }), to);
  return linear ? y : g.add('PRelu', [y, g.numbers([to, 1, 1], 0, 0.4)]);
}

const padded = { pads: [1, 1, 1, 1] };

/** MobileFaceNet as InsightFace trains it (arcface_torch, mobilefacenet.py; "w600k_mbf"): (x − 127.5)/127.5, 512 numbers. */
export function mobileFaceNet() {
  const g = new OnnxGraph({ seed: 112, opset: 11 });
  /** One depthwise block of widths from → inner → to. */
  const block = (
    /** @type {string} */ x,
    /** @type {number} */ from,
    /** @type {number} */ inner,
    /** @type {number} */ to,
    stride = 1,
  ) => {
    const wide = convBatchPRelu(g, x, from, inner, 1);
    const deep = convBatchPRelu(g, wide, inner, inner, 3, { group: inner, strides: [stride, stride], ...padded });
    return convBatchPRelu(g, deep, inner, to, 1, {}, true);
  };
  const residuals = (
    /** @type {string} */ x,
    /** @type {number} */ channels,
    /** @type {number} */ inner,
    /** @type {number} */ count,
  ) => {
    for (let i = 0; i < count; i++) x = g.add('Add', [x, block(x, channels, inner, channels)]);
    return x;
  };
  let x = g.input('input.1', ['None', 3, 112, 112]);
  x = convBatchPRelu(g, x, 3, 128, 3, { strides: [2, 2], ...padded });
  x = convBatchPRelu(g, x, 128, 128, 3, { group: 128, ...padded });
  x = residuals(block(x, 128, 128, 128, 2), 128, 128, 4);
  x = residuals(block(x, 128, 256, 256, 2), 256, 256, 6);
  x = residuals(block(x, 256, 512, 256, 2), 256, 256, 2);
  x = convBatchPRelu(g, x, 256, 512, 1);
  x = convBatchPRelu(g, x, 512, 512, 7, { group: 512 }, true);
  x = g.add('Gemm', [g.add('Flatten', x), g.weights([512, 512]), g.numbers([512])], { transB: 1 });
  g.output(g.batchNorm(x, 512));
  return g.bytes();
}

/**
 * SFace as OpenCV's zoo has it: pixels 0 … 255, normalised inside the graph; fourteen pairs of depthwise and pointwise
 * convolutions; 7 × 7 × 1024 numbers into a Gemm, which gives 128. That it ends so follows from the file's 37 MB.
 */
export function sface() {
  const g = new OnnxGraph({ seed: 128, opset: 11 });
  let x = g.input('data', [1, 3, 112, 112]);
  x = g.add('Mul', [g.add('Sub', [x, g.constant([1], [127.5])]), g.constant([1], [0.0078125])]);
  x = convBatchPRelu(g, x, 3, 32, 3, padded);
  let from = 32;
  for (const [to, stride] of [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
    ...Array(5).fill([512, 1]),
    [1024, 2],
    [1024, 1],
  ]) {
    x = convBatchPRelu(g, x, from, from, 3, { group: from, strides: [stride, stride], ...padded });
    x = convBatchPRelu(g, x, from, to, 1);
    from = to;
  }
  x = g.add('Dropout', g.batchNorm(x, 1024));
  x = g.add('Gemm', [g.add('Flatten', x), g.weights([128, 1024 * 49]), g.numbers([128])], { transB: 1 });
  g.output(g.batchNorm(x, 128));
  return g.bytes();
}

/* ---- SCRFD ---- */

/**
 * SCRFD of 500 million operations with points, as InsightFace exports it: (x − 127.5)/128, nine outputs (scores, boxes
 * and points at strides 8, 16 and 32), two anchors a place. The neck's sizes are computed in the graph, as PyTorch
 * writes them where the input's size is open.
 */
export function scrfd({ side = 640, open = true } = {}) {
  const g = new OnnxGraph({ seed: 500, opset: 11 });
  const relu = (/** @type {string} */ x) => g.add('Relu', x);
  const unit = (
    /** @type {string} */ x,
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {number} */ kernel,
    /** @type {Attributes} */ attributes = {},
  ) => relu(g.batchNorm(g.conv(x, from, to, kernel, { bias: false, ...attributes }), to));
  /** Depthwise 3×3, then 1×1. */
  const pair = (/** @type {string} */ x, /** @type {number} */ from, /** @type {number} */ to, stride = 1) =>
    unit(unit(x, from, from, 3, { group: from, strides: [stride, stride], ...padded }), from, to, 1);

  let x = g.input('input.1', open ? [1, 3, '?', '?'] : [1, 3, side, side]);
  x = pair(unit(x, 3, 16, 3, { strides: [2, 2], ...padded }), 16, 16);
  let from = 16;
  const maps = [40, 72, 152, 288].map((to, stage) => {
    x = pair(x, from, to, 2);
    for (let i = 1; i < [2, 3, 2, 6][stage]; i++) x = pair(x, to, to);
    from = to;
    return x;
  });

  const neck = [72, 152, 288].map((channels, level) => g.conv(maps[level + 1], channels, 16));
  for (const level of [2, 1]) neck[level - 1] = g.add('Add', [neck[level - 1], enlarged(neck[level], neck[level - 1])]);
  const outs = neck.map((map) => g.conv(map, 16, 16, 3, padded));
  for (const level of [0, 1])
    outs[level + 1] = g.add('Add', [outs[level + 1], g.conv(outs[level], 16, 16, 3, { strides: [2, 2], ...padded })]);
  const levels = [outs[0], ...[1, 2].map((level) => g.conv(outs[level], 16, 16, 3, padded))];

  const heads = levels.map((map) => {
    const shared = pair(pair(map, 16, 64), 64, 64);
    const boxes = g.add('Mul', [g.conv(shared, 64, 8, 3, padded), g.constant([], [0.9])]);
    return {
      score: g.add('Sigmoid', rows(g.conv(shared, 64, 2, 3, { gain: 0.02, ...padded }), 1)),
      box: rows(boxes, 4),
      points: rows(g.conv(shared, 64, 20, 3, padded), 10),
    };
  });
  g.output(...heads.map(({ score }) => score), ...heads.map(({ box }) => box), ...heads.map(({ points }) => points));
  return g.bytes();

  /** A row for each anchor: [height × width × 2, numbers]. */
  function rows(/** @type {string} */ map, /** @type {number} */ numbers) {
    return g.add('Reshape', [g.add('Transpose', map, { perm: [2, 3, 0, 1] }), g.integers(-1, numbers)]);
  }

  /** To the size of another map. */
  function enlarged(/** @type {string} */ map, /** @type {string} */ like) {
    const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    const none = g.constant([0], []);
    if (!open) return g.add('Resize', [map, none, g.constant([4], [1, 1, 2, 2])], nearest);
    const sideOf = (/** @type {number} */ axis) => {
      const one = g.add('Gather', [g.add('Shape', like), g.constant([], BigInt64Array.of(BigInt(axis)))], { axis: 0 });
      return g.add('Unsqueeze', one, { axes: [0] });
    };
    const front = g.add('Slice', [g.add('Shape', map), g.integers(0), g.integers(2), g.integers(0)]);
    const back = g.add('Cast', g.add('Concat', [sideOf(2), sideOf(3)], { axis: 0 }), { to: 7 });
    return g.add('Resize', [map, none, none, g.add('Concat', [front, back], { axis: 0 })], nearest);
  }
}
