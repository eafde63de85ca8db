/**
 * Little networks, one for each operator and variant that `doppel import` takes. Each gets the graph and its input
 * `x` (1 × 3 × 13 × 11) and returns what comes out. What comes out with four sides is N C H W.
 * @typedef {(g: OnnxGraph, x: string) => string | string[]} Network
 * @typedef {Network | {opset: number, network: Network}} Case
 */
import { OnnxGraph, constantTensor } from '../onnx.mjs';

export const HEIGHT = 13;
export const WIDTH = 11;

/** Eight channels, positive and negative. */
const stem = (/** @type {OnnxGraph} */ g, /** @type {string} */ x) => g.conv(x, 3, 8);
/** Eight channels, 0.5 … 1.5, to be divided by. */
const positive = (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
  g.add('Add', [g.add('Sigmoid', stem(g, x)), g.constant([], [0.5])]);
/** A vector of eight numbers. */
const vector = (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
  g.add('Flatten', g.add('GlobalAveragePool', g.conv(x, 3, 8, 3)), { axis: 1 });

/** A network that puts one operator behind the stem. */
const after =
  (/** @type {string} */ op, /** @type {import('../onnx.mjs').Attributes} */ attributes = {}) =>
  (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
    g.add(op, stem(g, x), attributes);

const convolution =
  (/** @type {number | number[]} */ kernel, /** @type {any} */ attributes, from = 8, to = 16) =>
  (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
    g.conv(from === 3 ? x : stem(g, x), from, to, kernel, attributes);

/** A constant on the right, and on the left. */
function besides(/** @type {string} */ op, /** @type {number[]} */ shape) {
  const number = (/** @type {OnnxGraph} */ g) => g.numbers(shape, 0.5, 1.5);
  return {
    [`${op} with a constant [${shape}] on the right`]: (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
      g.add(op, [stem(g, x), number(g)]),
    [`${op} with a constant [${shape}] on the left`]: (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
      g.add(op, [number(g), op === 'Div' ? positive(g, x) : stem(g, x)]),
  };
}

const resize =
  (/** @type {string} */ mode, /** @type {string} */ transformation, /** @type {number[]} */ scales, nearest = 'floor') =>
  (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
    g.add('Resize', [stem(g, x), '', g.constant([4], [1, 1, ...scales])], {
      mode,
      coordinate_transformation_mode: transformation,
      ...(mode === 'nearest' ? { nearest_mode: nearest } : {}),
    });

/** @type {Record<string, Case>} */
export const convolutions = {
  'Conv 1×1': convolution(1, {}),
  'Conv 3×3 on the input, stride 2, padded': convolution(3, { strides: [2, 2], pads: [1, 1, 1, 1] }, 3),
  'Conv 3×3 on the input, stride 2, to eight channels, then Relu': (g, x) =>
    g.add('Relu', g.conv(x, 3, 8, 3, { strides: [2, 2], pads: [1, 1, 1, 1] })),
  'Conv 3×3 on the input, stride 2, to 20 channels, padded to one side': convolution(
    3,
    { strides: [2, 2], pads: [0, 1, 2, 5] },
    3,
    20,
  ),
  'Conv without bias': convolution(3, { bias: false }),
  'Conv 1×7, then 7×1': (g, x) =>
    g.conv(g.conv(x, 3, 8, [1, 7], { pads: [0, 3, 0, 3] }), 8, 8, [7, 1], { pads: [3, 0, 3, 0] }),
  'Conv with other strides along height and width': convolution(3, { strides: [1, 2], pads: [1, 1, 1, 1] }),
  'Conv with two groups': convolution(3, { group: 2, pads: [1, 1, 1, 1] }),
  'Conv, depthwise': convolution(3, { group: 8, pads: [1, 1, 1, 1] }, 8, 8),
  'Conv, depthwise, on 20 channels, then Relu': (g, x) =>
    g.add('Relu', g.conv(g.conv(x, 3, 20), 20, 20, 3, { group: 20, pads: [1, 1, 1, 1] })),
  'Conv, depthwise, every other row': convolution(3, { strides: [2, 1], pads: [1, 1, 1, 1], group: 8 }, 8, 8),
  'Conv, depthwise, rows further apart': convolution(3, { dilations: [2, 1], pads: [2, 1, 2, 1], group: 8 }, 8, 8),
  'Conv, depthwise, rows further apart, every other one': convolution(
    3,
    { dilations: [2, 1], strides: [2, 1], pads: [3, 3, 3, 3], group: 8 },
    8,
    8,
  ),
  'Conv, depthwise, 1×9, every third pixel': convolution([1, 9], { strides: [1, 3], pads: [0, 4, 0, 4], group: 8 }, 8, 8),
  'Conv, depthwise, 3×2': convolution([3, 2], { pads: [1, 1, 1, 0], group: 8 }, 8, 8),
  'Conv, depthwise on three channels, stride 2': convolution(3, { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] }, 3, 3),
  'Conv, depthwise with two outputs a channel': convolution(3, { group: 8, pads: [1, 1, 1, 1] }),
  'Conv, depthwise without padding over the whole map': (g, x) => g.conv(stem(g, x), 8, 8, [HEIGHT, WIDTH], { group: 8 }),
  'Conv, dilated': convolution(3, { dilations: [2, 2], pads: [2, 2, 2, 2] }),
  'Conv, dilated by different amounts, depthwise': convolution(3, { dilations: [2, 3], group: 8 }, 8, 8),
  'Conv with asymmetric pads': convolution(3, { pads: [0, 1, 2, 3] }),
  'Conv with pads as TensorFlow has them, stride 2': convolution(3, { pads: [0, 0, 1, 1], strides: [2, 2] }),
  'Conv, auto_pad SAME_UPPER, stride 2': convolution(3, { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  'Conv, auto_pad SAME_UPPER, even kernel': convolution(4, { auto_pad: 'SAME_UPPER' }),
  'Conv, auto_pad SAME_LOWER, even kernel, stride 2': convolution(4, { auto_pad: 'SAME_LOWER', strides: [2, 2] }),
  'Conv, auto_pad VALID': convolution(3, { auto_pad: 'VALID', strides: [2, 2] }),
  'Conv whose kernel_shape is left out': (g, x) => g.add('Conv', [x, g.weights([8, 3, 3, 3])], { pads: [1, 1, 1, 1] }),
  'Conv, Relu, and the map before it as well': (g, x) => {
    const a = stem(g, x);
    return g.add('Sub', [g.add('Relu', a), a]);
  },
  'Conv whose map before its Relu is an output too': (g, x) => {
    const a = stem(g, x);
    return [a, g.add('Relu', a)];
  },
  'Conv with bias, then a constant factor and summand a channel': (g, x) =>
    g.add('Add', [g.add('Mul', [stem(g, x), g.numbers([1, 8, 1, 1])]), g.numbers([8, 1, 1])]),
  'a constant subtracted and divided by, then a padded Conv': (g, x) =>
    g.conv(g.add('Div', [g.add('Sub', [x, g.constant([], [0.7])]), g.constant([1], [1.9])]), 3, 8, 3, {
      pads: [1, 1, 1, 1],
    }),
  'a constant subtracted, then a Conv without pads': (g, x) => g.conv(g.add('Sub', [x, g.numbers([1, 3, 1, 1])]), 3, 8, 3),
  'weights shared by two Convs': (g, x) => {
    const [weights, bias] = [g.weights([3, 3, 3, 3]), g.numbers([3])];
    const inner = g.add('Relu', g.add('Conv', [x, weights, bias], { pads: [1, 1, 1, 1] }));
    return g.add('Conv', [inner, weights, bias], { strides: [2, 2] });
  },
};

/** 64 channels, and heads of few channels upon them, side by side. */
const heads =
  (
    /** @type {number[]} */ widths,
    /** @type {(g: OnnxGraph, head: string, width: number, index: number) => string} */ below,
    /** @type {any[]} */ attributes = [],
    kernel = 1,
  ) =>
  (/** @type {OnnxGraph} */ g, /** @type {string} */ x) => {
    const wide = g.add('Relu', g.conv(x, 3, 64, 3));
    return widths.map((width, i) => below(g, g.conv(wide, 64, width, kernel, attributes[i]), width, i));
  };
const depthwise =
  (/** @type {any} */ attributes = {}) =>
  (/** @type {OnnxGraph} */ g, /** @type {string} */ head, /** @type {number} */ width) =>
    g.conv(head, width, width, 3, { group: width, pads: [1, 1, 1, 1], ...attributes });
const clip = (/** @type {OnnxGraph} */ g, /** @type {string} */ head, high = 0.5) =>
  g.add('Clip', [head, g.constant([], [-0.5]), g.constant([], [high])]);

/**
 * Convolutions side by side, and how many remain behind the first one when those that can be one are.
 * @type {Record<string, {network: Network, remain: number}>}
 */
export const sideBySide = {
  two: { network: heads([1, 4], (_, head) => head), remain: 1 },
  'three of 3×3 with stride 2, one without bias': {
    network: heads(
      [3, 5, 20],
      (_, head) => head,
      [true, false, true].map((bias) => ({ bias, strides: [2, 2] })),
      3,
    ),
    remain: 1,
  },
  'with a depthwise one behind each, and a sigmoid behind some': {
    network: heads([1, 4, 1, 10], (g, head, width) => {
      const out = depthwise()(g, head, width);
      return width === 1 ? g.add('Sigmoid', out) : out;
    }),
    remain: 2,
  },
  'with depthwise ones behind, of which one has no bias': {
    network: heads([2, 4], (g, head, width, i) => depthwise({ bias: i === 0 })(g, head, width)),
    remain: 2,
  },
  'with depthwise ones behind that are not alike': {
    network: heads([2, 4], (g, head, width, i) => depthwise(i ? { strides: [2, 2] } : {})(g, head, width)),
    remain: 3,
  },
  'the same Relu between, the same Clip behind': {
    network: heads([2, 4, 6], (g, head, width) => clip(g, depthwise()(g, g.add('Relu', head), width))),
    remain: 2,
  },
  'the same LeakyRelu and Sigmoid behind': {
    network: heads([2, 4], (g, head) => g.add('Sigmoid', g.add('LeakyRelu', head, { alpha: 0.2 }))),
    remain: 1,
  },
  'one of three with a factor that it takes in': {
    network: heads([2, 4, 3], (g, head, _, i) => (i === 0 ? g.add('Mul', [head, g.constant([], [3])]) : head)),
    remain: 2,
  },
  'with normalisations that they take in': {
    network: heads([2, 4], (g, head, width) => g.batchNorm(head, width)),
    remain: 2,
  },
  'with a Clip of other limits behind': { network: heads([2, 4], (g, head, _, i) => clip(g, head, 0.3 + i)), remain: 2 },
  'with other strides': { network: heads([2, 4], (_, head) => head, [{ strides: [1, 1] }, { strides: [2, 2] }]), remain: 2 },
  'wide ones': { network: heads([36, 28], (_, head) => head), remain: 2 },
  'ones that fill their tiles': { network: heads([8, 16], (_, head) => head), remain: 2 },
  'nine, more than can be cut apart at once': { network: heads(Array(9).fill(1), (_, head) => head), remain: 2 },
  'whose outputs are read by others too': {
    network: (g, x) => {
      const [a, b] = heads([4, 4], (_, head) => head)(g, x);
      return [a, g.add('Sub', [a, b]), depthwise()(g, b, 4)];
    },
    remain: 2,
  },
  'with depthwise ones behind, where what lies between is an output too': {
    network: (g, x) => {
      const [a, b] = heads([2, 4], (_, head) => head)(g, x);
      return [depthwise()(g, a, 2), b, depthwise()(g, b, 4)];
    },
    remain: 3,
  },
};

/** @type {Record<string, Case>} */
export const products = {
  'Gemm, transB, on a vector': (g, x) => g.add('Gemm', [vector(g, x), g.weights([5, 8]), g.numbers([5])], { transB: 1 }),
  'Gemm without transB': (g, x) => g.add('Gemm', [vector(g, x), g.weights([8, 5], 8), g.numbers([5])]),
  'Gemm with alpha and beta': (g, x) =>
    g.add('Gemm', [vector(g, x), g.weights([5, 8]), g.numbers([1, 5])], { transB: 1, alpha: 0.7, beta: 1.3 }),
  'Gemm without a summand': (g, x) => g.add('Gemm', [vector(g, x), g.weights([5, 8])], { transB: 1 }),
  'Gemm whose summand is one number': (g, x) =>
    g.add('Gemm', [vector(g, x), g.weights([5, 8]), g.constant([1], [0.4])], { transB: 1 }),
  'Gemm, then Relu': (g, x) =>
    g.add('Relu', g.add('Gemm', [vector(g, x), g.weights([5, 8]), g.numbers([5])], { transB: 1 })),
  'MatMul on a vector': (g, x) => g.add('MatMul', [vector(g, x), g.weights([8, 5], 8)]),
  'MatMul and Add': (g, x) => g.add('Add', [g.add('MatMul', [vector(g, x), g.weights([8, 5], 8)]), g.numbers([5])]),
  'Flatten of a map, then Gemm': (g, x) =>
    g.add('Gemm', [g.add('Flatten', stem(g, x)), g.weights([6, 8 * HEIGHT * WIDTH]), g.numbers([6])], { transB: 1 }),
  'Flatten of a map, then Gemm without transB': (g, x) =>
    g.add('Gemm', [g.add('Flatten', stem(g, x)), g.weights([8 * HEIGHT * WIDTH, 6], 8 * HEIGHT * WIDTH)]),
  'Flatten of a map, Dropout, then MatMul': (g, x) =>
    g.add('MatMul', [
      g.add('Dropout', g.add('Flatten', stem(g, x))),
      g.weights([8 * HEIGHT * WIDTH, 6], 8 * HEIGHT * WIDTH),
    ]),
  'Reshape of a map to a vector, then Gemm': (g, x) =>
    g.add('Gemm', [g.add('Reshape', [stem(g, x), g.integers(1, -1)]), g.weights([6, 8 * HEIGHT * WIDTH])], { transB: 1 }),
  'Flatten of a map, BatchNormalization, then Gemm': (g, x) => {
    const flat = g.batchNorm(g.add('Flatten', stem(g, x)), 8 * HEIGHT * WIDTH);
    return g.add('Gemm', [flat, g.weights([6, 8 * HEIGHT * WIDTH])], { transB: 1 });
  },
  'Flatten of a map, Relu, then Gemm': (g, x) =>
    g.add('Gemm', [g.add('Relu', g.add('Flatten', stem(g, x))), g.weights([6, 8 * HEIGHT * WIDTH])], { transB: 1 }),
  'Transpose to N H W C, Flatten, then Gemm': (g, x) =>
    g.add(
      'Gemm',
      [g.add('Flatten', g.add('Transpose', stem(g, x), { perm: [0, 2, 3, 1] })), g.weights([6, 8 * HEIGHT * WIDTH])],
      { transB: 1 },
    ),
  'Flatten of a map as it is': (g, x) => g.add('Flatten', stem(g, x)),
  'MatMul over the last axis of three': (g, x) =>
    g.add('MatMul', [
      g.add('Reshape', [g.add('Transpose', stem(g, x), { perm: [0, 2, 3, 1] }), g.integers(1, -1, 8)]),
      g.weights([8, 5], 8),
    ]),
};

/** @type {Record<string, Case>} */
export const normalisations = {
  'BatchNormalization behind a Conv': (g, x) => g.batchNorm(g.conv(x, 3, 8, 3, { bias: false }), 8),
  'BatchNormalization behind a Conv with bias, epsilon 0.001': (g, x) => g.batchNorm(g.conv(x, 3, 8, 3), 8, 0.001),
  'BatchNormalization behind a depthwise Conv, then Relu': (g, x) =>
    g.add('Relu', g.batchNorm(g.conv(stem(g, x), 8, 8, 3, { group: 8, bias: false }), 8)),
  'BatchNormalization behind a Conv with groups': (g, x) => g.batchNorm(g.conv(stem(g, x), 8, 8, 3, { group: 4 }), 8),
  'BatchNormalization behind a Conv that is used elsewhere too': (g, x) => {
    const a = stem(g, x);
    return g.add('Mul', [g.batchNorm(a, 8), a]);
  },
  'BatchNormalization before a Conv without pads': (g, x) => g.conv(g.batchNorm(x, 3), 3, 8, 3),
  'BatchNormalization before a padded Conv': (g, x) => g.conv(g.batchNorm(x, 3), 3, 8, 3, { pads: [1, 1, 1, 1] }),
  'BatchNormalization, Relu, then a padded Conv, as pre-activation networks have it': (g, x) =>
    g.conv(g.add('Relu', g.batchNorm(stem(g, x), 8)), 8, 8, 3, { pads: [1, 1, 1, 1] }),
  'BatchNormalization on the input alone': (g, x) => g.batchNorm(x, 3),
  'BatchNormalization behind a pool': (g, x) =>
    g.batchNorm(g.add('MaxPool', stem(g, x), { kernel_shape: [2, 2], strides: [2, 2] }), 8),
  'BatchNormalization behind Concat': (g, x) => g.batchNorm(g.add('Concat', [stem(g, x), x], { axis: 1 }), 11),
  'BatchNormalization behind Gemm': (g, x) =>
    g.batchNorm(g.add('Gemm', [vector(g, x), g.weights([5, 8]), g.numbers([5])], { transB: 1 }), 5),
  'BatchNormalization on a vector alone': (g, x) => g.batchNorm(g.add('Relu', vector(g, x)), 8),
  'two BatchNormalizations in a row': (g, x) => g.batchNorm(g.batchNorm(g.conv(x, 3, 8, 3), 8), 8),
};

/** @type {Record<string, Case>} */
export const activations = {
  Relu: after('Relu'),
  'Relu on the input': (g, x) => g.add('Relu', x),
  'Relu on a vector': (g, x) => g.add('Relu', vector(g, x)),
  'Clip with attributes': { opset: 10, network: after('Clip', { min: 0, max: 0.6 }) },
  'Clip with attributes, one side': { opset: 10, network: after('Clip', { max: 0.6 }) },
  'Clip with inputs': (g, x) => g.add('Clip', [stem(g, x), g.constant([], [-0.4]), g.constant([], [0.6])]),
  'Clip with inputs, below only': (g, x) => g.add('Clip', [stem(g, x), g.constant([], [-0.4])]),
  'Clip with inputs, above only': (g, x) => g.add('Clip', [stem(g, x), '', g.constant([], [0.6])]),
  'Clip that ends at 6, behind Relu': (g, x) =>
    g.add('Clip', [g.add('Relu', g.conv(x, 3, 8, 3)), g.constant([], [0]), g.constant([], [6])]),
  'PRelu, a slope a channel': (g, x) => g.add('PRelu', [stem(g, x), g.numbers([8, 1, 1], 0, 0.5)]),
  'PRelu, a slope a channel, four sides': (g, x) => g.add('PRelu', [stem(g, x), g.numbers([1, 8, 1, 1], -0.5, 0.5)]),
  'PRelu, one slope': (g, x) => g.add('PRelu', [stem(g, x), g.constant([1], [0.2])]),
  'PRelu on a vector': (g, x) => g.add('PRelu', [vector(g, x), g.numbers([8], 0, 0.5)]),
  'PRelu behind Conv and BatchNormalization': (g, x) =>
    g.add('PRelu', [g.batchNorm(g.conv(x, 3, 8, 3, { bias: false }), 8), g.numbers([8, 1, 1], 0, 0.5)]),
  LeakyRelu: after('LeakyRelu', { alpha: 0.1 }),
  'LeakyRelu, slope as ONNX has it': after('LeakyRelu'),
  Sigmoid: after('Sigmoid'),
  'Sigmoid on a vector': (g, x) => g.add('Sigmoid', vector(g, x)),
  Swish: (g, x) => {
    const a = stem(g, x);
    return g.add('Mul', [a, g.add('Sigmoid', a)]);
  },
  HardSwish: { opset: 14, network: after('HardSwish') },
  'HardSwish, written as Add, Clip, Mul, Div': (g, x) => {
    const a = stem(g, x);
    const clipped = g.add('Clip', [g.add('Add', [a, g.constant([], [3])]), g.constant([], [0]), g.constant([], [6])]);
    return g.add('Div', [g.add('Mul', [a, clipped]), g.constant([], [6])]);
  },
  HardSigmoid: after('HardSigmoid'),
  'HardSigmoid of a sixth': after('HardSigmoid', { alpha: 1 / 6, beta: 0.5 }),
  'Softmax over the channels': after('Softmax', { axis: 1 }),
  'Softmax over the width': after('Softmax', { axis: 3 }),
  'Softmax over the height': after('Softmax', { axis: -2 }),
  'Softmax on a vector': (g, x) => g.add('Softmax', vector(g, x)),
  'Softmax over pairs, as detectors have it': (g, x) =>
    g.add('Softmax', g.add('Reshape', [g.add('Transpose', stem(g, x), { perm: [0, 2, 3, 1] }), g.integers(1, -1, 2)]), {
      axis: 2,
    }),
  'Softmax on a vector before opset 13': { opset: 11, network: (g, x) => g.add('Softmax', vector(g, x), { axis: 1 }) },
  'Softmax over all but the batch, as axis 1 before opset 13 means': {
    opset: 11,
    network: (g, x) => g.add('Softmax', g.add('Reshape', [stem(g, x), g.integers(1, 8, -1)]), { axis: 1 }),
  },
};

/** @type {Record<string, Case>} */
export const arithmetic = {
  ...Object.fromEntries(
    ['Add', 'Sub', 'Mul', 'Div'].flatMap((op) =>
      [[], [1], [8, 1, 1], [1, 8, 1, 1], [1, 1, HEIGHT, WIDTH], [HEIGHT, 1], [WIDTH], [8, HEIGHT, WIDTH]].flatMap((shape) =>
        Object.entries(besides(op, shape)),
      ),
    ),
  ),
  ...Object.fromEntries(
    ['Add', 'Sub', 'Mul', 'Div'].map((op) => [
      `${op} of two maps`,
      (/** @type {OnnxGraph} */ g, /** @type {string} */ x) => g.add(op, [stem(g, x), positive(g, x)]),
    ]),
  ),
  'Add of a map and itself': (g, x) => {
    const a = stem(g, x);
    return g.add('Add', [a, a]);
  },
  'Add, then Relu, as residual blocks have it': (g, x) => {
    const a = stem(g, x);
    return g.add('Relu', g.add('Add', [g.conv(a, 8, 8, 3, { pads: [1, 1, 1, 1] }), a]));
  },
  'Mul of a map and a number a channel, as squeeze and excitation has it': (g, x) => {
    const a = stem(g, x);
    const inner = g.add('Relu', g.conv(g.add('GlobalAveragePool', a), 8, 4));
    return g.add('Mul', [a, g.add('Sigmoid', g.conv(inner, 4, 8))]);
  },
  'Mul with one number a channel on the left': (g, x) => {
    const a = stem(g, x);
    return g.add('Mul', [g.add('GlobalAveragePool', a), a]);
  },
  'Mul of a map and a map of one channel': (g, x) => g.add('Mul', [stem(g, x), g.add('Sigmoid', g.conv(x, 3, 1))]),
  'Sub and Mul on the input, as SFace begins': (g, x) =>
    g.conv(g.add('Mul', [g.add('Sub', [x, g.constant([1], [0.5])]), g.constant([1], [0.8])]), 3, 8, 3, {
      pads: [1, 1, 1, 1],
    }),
  'Add on a vector': (g, x) => g.add('Add', [vector(g, x), g.numbers([1, 8])]),
  'Div of a vector by a vector': (g, x) => {
    const a = vector(g, x);
    return g.add('Div', [a, g.add('Sigmoid', a)]);
  },
  'a product of constants alone': (g, x) =>
    g.add('Mul', [
      stem(g, x),
      g.add('Mul', [g.numbers([8, 1, 1]), g.add('Add', [g.numbers([8, 1, 1]), g.constant([], [2])])]),
    ]),
};

const split =
  (/** @type {number} */ axis, /** @type {number[]} */ sizes) => (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
    g.addSeveral('Split', [stem(g, x), g.integers(...sizes)], { axis }, sizes.length);

const slice =
  (
    /** @type {number[]} */ starts,
    /** @type {number[]} */ ends,
    /** @type {number[]} */ axes,
    /** @type {number[]} */ steps = [],
  ) =>
  (/** @type {OnnxGraph} */ g, /** @type {string} */ x) =>
    g.add('Slice', [
      stem(g, x),
      g.integers(...starts),
      g.integers(...ends),
      g.integers(...axes),
      ...(steps.length ? [g.integers(...steps)] : []),
    ]);

const LARGEST = Number.MAX_SAFE_INTEGER;

/** @type {Record<string, Case>} */
export const joints = {
  'Concat of channels': (g, x) => g.add('Concat', [stem(g, x), x, g.conv(x, 3, 5)], { axis: 1 }),
  'Concat along the height': (g, x) => g.add('Concat', [stem(g, x), g.conv(x, 3, 8)], { axis: 2 }),
  'Concat along the width, axis counted from the end': (g, x) =>
    g.add('Concat', [stem(g, x), g.conv(x, 3, 8)], { axis: -1 }),
  'Concat of a map with itself': (g, x) => {
    const a = stem(g, x);
    return g.add('Concat', [a, a], { axis: 1 });
  },
  'Concat of eight': (g, x) =>
    g.add(
      'Concat',
      Array.from({ length: 8 }, () => g.conv(x, 3, 3)),
      { axis: 1 },
    ),
  'Concat of one': (g, x) => g.add('Concat', [stem(g, x)], { axis: 1 }),
  'Concat of vectors': (g, x) => g.add('Concat', [vector(g, x), g.add('Relu', vector(g, x))], { axis: 1 }),
  'Concat of heads, as detectors have it': (g, x) => {
    const head = (/** @type {string} */ map) =>
      g.add('Reshape', [g.add('Transpose', map, { perm: [0, 2, 3, 1] }), g.integers(1, -1, 4)]);
    return g.add('Concat', [head(g.conv(x, 3, 8, 3)), head(g.conv(x, 3, 8, 3, { strides: [2, 2] }))], { axis: 1 });
  },
  'Split of channels': split(1, [4, 4]),
  'Split of channels in unequal parts': split(1, [1, 2, 5]),
  'Split of the height': split(2, [6, 7]),
  'Split in equal parts, sizes left out': (g, x) => g.addSeveral('Split', stem(g, x), { axis: 1 }, 4),
  'Split, sizes as an attribute': {
    opset: 11,
    network: (g, x) => g.addSeveral('Split', stem(g, x), { axis: 1, split: [3, 5] }, 2),
  },
  'Split of which one part is used': (g, x) => g.add('Relu', g.addSeveral('Split', stem(g, x), { axis: 1 }, 2)[1]),
  'Split, then Concat the other way round': (g, x) => {
    const [a, b] = g.addSeveral('Split', stem(g, x), { axis: 1 }, 2);
    return g.add('Concat', [b, a], { axis: 1 });
  },
  'Slice of channels': slice([2], [6], [1]),
  'Slice of the map': slice([1, 2], [-1, LARGEST], [2, 3]),
  'Slice from the end': slice([-5], [LARGEST], [3]),
  'Slice of every axis, none named': (g, x) =>
    g.add('Slice', [stem(g, x), g.integers(0, 1, 2, 3), g.integers(1, 7, 9, 100)]),
  'Slice, every second': slice([0, 1], [LARGEST, LARGEST], [2, 3], [2, 2]),
  'Slice with attributes': { opset: 9, network: after('Slice', { starts: [1, 2], ends: [7, 9], axes: [1, 2] }) },
  'Slices of every second and Concat, as focus layers have it': (g, x) => {
    const part = (/** @type {number} */ top, /** @type {number} */ left) =>
      g.add('Slice', [x, g.integers(top, left), g.integers(12, 10), g.integers(2, 3), g.integers(2, 2)]);
    return g.conv(g.add('Concat', [part(0, 0), part(1, 0), part(0, 1), part(1, 1)], { axis: 1 }), 12, 8, 3);
  },
};

/** @type {Record<string, Case>} */
export const pools = {
  'MaxPool 2×2': after('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool 3×3, stride 2, padded': after('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  'MaxPool, ceil_mode': after('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  'MaxPool 3×3, stride 2, padded, ceil_mode': after('MaxPool', {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    ceil_mode: 1,
  }),
  'MaxPool, asymmetric pads': after('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] }),
  'MaxPool, auto_pad SAME_UPPER': after('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  'MaxPool 3×3, stride left out': after('MaxPool', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  'MaxPool 3×2': after('MaxPool', { kernel_shape: [3, 2], strides: [2, 1] }),
  'MaxPool of one pixel, stride 2, as shortcuts have it': after('MaxPool', { kernel_shape: [1, 1], strides: [2, 2] }),
  'MaxPool over the whole map': after('MaxPool', { kernel_shape: [HEIGHT, WIDTH] }),
  'AveragePool 2×2': after('AveragePool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'AveragePool 3×3, padded, the padding counted': after('AveragePool', {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  'AveragePool 3×3, padded, the padding not counted': after('AveragePool', {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  'AveragePool, ceil_mode': after('AveragePool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  'AveragePool, auto_pad SAME_UPPER': after('AveragePool', {
    kernel_shape: [3, 3],
    strides: [2, 2],
    auto_pad: 'SAME_UPPER',
  }),
  'AveragePool over the whole map': after('AveragePool', { kernel_shape: [HEIGHT, WIDTH] }),
  GlobalAveragePool: after('GlobalAveragePool'),
  'GlobalAveragePool, then Conv': (g, x) => g.conv(g.add('GlobalAveragePool', stem(g, x)), 8, 4),
  'ReduceMean over the map': after('ReduceMean', { axes: [2, 3], keepdims: 1 }),
  'ReduceMean over the map, sides dropped': after('ReduceMean', { axes: [2, 3], keepdims: 0 }),
  'ReduceMean over the map, axes counted from the end': after('ReduceMean', { axes: [-1, -2], keepdims: 1 }),
  'ReduceMean over the channels': after('ReduceMean', { axes: [1], keepdims: 1 }),
  'ReduceMean over the width, side dropped': after('ReduceMean', { axes: [3], keepdims: 0 }),
  'ReduceMean, axes as an input': {
    opset: 18,
    network: (g, x) => g.add('ReduceMean', [stem(g, x), g.integers(2, 3)], { keepdims: 1 }),
  },
  'ReduceL2 over the channels': after('ReduceL2', { axes: [1], keepdims: 1 }),
  'ReduceL2 over the map': after('ReduceL2', { axes: [2, 3], keepdims: 1 }),
  'ReduceL2 of a vector, then Div: unit length': (g, x) => {
    const a = vector(g, x);
    return g.add('Div', [a, g.add('ReduceL2', a, { axes: [1], keepdims: 1 })]);
  },
};

/** @type {Record<string, Case>} */
export const sizes = {
  'Resize, nearest, as PyTorch writes it': resize('nearest', 'asymmetric', [2, 2]),
  'Resize, nearest, half_pixel': resize('nearest', 'half_pixel', [2, 2], 'round_prefer_floor'),
  'Resize, nearest, by 3 and 2': resize('nearest', 'asymmetric', [3, 2]),
  'Resize, nearest, by 4': resize('nearest', 'asymmetric', [4, 4]),
  'Resize, nearest, by size': (g, x) =>
    g.add('Resize', [stem(g, x), '', '', g.integers(1, 8, 2 * HEIGHT, 2 * WIDTH)], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
  'Resize, linear, half_pixel': resize('linear', 'half_pixel', [2, 2]),
  'Resize, linear, pytorch_half_pixel': resize('linear', 'pytorch_half_pixel', [2, 2]),
  'Resize, linear, align_corners': resize('linear', 'align_corners', [2, 2]),
  'Resize, linear, asymmetric': resize('linear', 'asymmetric', [2, 2]),
  'Resize, linear, by 2 and 3': resize('linear', 'half_pixel', [2, 3]),
  'Resize, linear, by size': (g, x) =>
    g.add('Resize', [stem(g, x), '', '', g.integers(1, 8, 20, 17)], {
      mode: 'linear',
      coordinate_transformation_mode: 'half_pixel',
    }),
  'Resize as opset 10 has it': {
    opset: 10,
    network: (g, x) => g.add('Resize', [stem(g, x), g.constant([4], [1, 1, 2, 2])], { mode: 'nearest' }),
  },
  'Resize to the size of another map, computed as exporters write it': (g, x) => {
    const [large, small] = [stem(g, x), g.conv(x, 3, 8, 3, { strides: [2, 2], pads: [1, 1, 1, 1] })];
    const part = (/** @type {string} */ of, /** @type {number} */ from, /** @type {number} */ to) =>
      g.add('Slice', [g.add('Shape', of), g.integers(from), g.integers(to), g.integers(0)]);
    const size = g.add('Concat', [part(small, 0, 2), part(large, 2, 4)], { axis: 0 });
    const up = g.add('Resize', [small, '', '', size], { mode: 'linear', coordinate_transformation_mode: 'half_pixel' });
    return g.add('Add', [large, up]);
  },
  'Upsample, nearest': {
    opset: 9,
    network: (g, x) => g.add('Upsample', [stem(g, x), g.constant([4], [1, 1, 2, 2])], { mode: 'nearest' }),
  },
  'Upsample, nearest, scales as an attribute': {
    opset: 8,
    network: after('Upsample', { mode: 'nearest', scales: [1, 1, 2, 2] }),
  },
  'Upsample, linear': {
    opset: 9,
    network: (g, x) => g.add('Upsample', [stem(g, x), g.constant([4], [1, 1, 2, 2])], { mode: 'linear' }),
  },
  'Pad with nothing': (g, x) => g.add('Pad', [stem(g, x), g.integers(0, 0, 1, 2, 0, 0, 3, 4)], { mode: 'constant' }),
  'Pad with a number': (g, x) => g.add('Pad', [stem(g, x), g.integers(0, 0, 1, 1, 0, 0, 1, 1), g.constant([], [0.6])]),
  'Pad of channels': (g, x) => g.add('Pad', [stem(g, x), g.integers(0, 2, 0, 0, 0, 3, 0, 0)]),
  'Pad with attributes': { opset: 10, network: after('Pad', { pads: [0, 0, 1, 0, 0, 0, 1, 1] }) },
  'Pad, then a Conv': (g, x) => g.conv(g.add('Pad', [x, g.integers(0, 0, 0, 0, 0, 0, 1, 1)]), 3, 8, 3, { strides: [2, 2] }),
};

/** @type {Record<string, Case>} */
export const shapes = {
  'Transpose to N H W C and Reshape, as detectors have it': (g, x) =>
    g.add('Reshape', [g.add('Transpose', stem(g, x), { perm: [0, 2, 3, 1] }), g.integers(1, -1, 4)]),
  'Reshape of a map, its rows then transposed': (g, x) =>
    g.add('Transpose', g.add('Reshape', [stem(g, x), g.integers(1, 8, -1)]), { perm: [0, 2, 1] }),
  'Reshape that keeps sides with 0': (g, x) => g.add('Reshape', [stem(g, x), g.integers(0, 0, -1)]),
  'Reshape to two sides, anchors in front': (g, x) =>
    g.add('Reshape', [g.add('Transpose', stem(g, x), { perm: [2, 3, 0, 1] }), g.integers(-1, 4)]),
  'Reshape of channels in two, Transpose, Reshape: channel shuffle': (g, x) => {
    const parts = g.add('Reshape', [stem(g, x), g.integers(1, 2, 4, HEIGHT, WIDTH)]);
    return g.add('Reshape', [g.add('Transpose', parts, { perm: [0, 2, 1, 3, 4] }), g.integers(1, 8, HEIGHT, WIDTH)]);
  },
  'Reshape of a vector to a map and a Conv on it': (g, x) =>
    g.conv(g.add('Reshape', [vector(g, x), g.integers(1, 8, 1, 1)]), 8, 4),
  'Reshape to computed sides': (g, x) => {
    const a = stem(g, x);
    const side = g.add('Gather', [g.add('Shape', a), g.constant([], BigInt64Array.of(1n))], { axis: 0 });
    const shape = g.add('Concat', [g.integers(1), g.add('Unsqueeze', [side, g.integers(0)]), g.integers(-1)], { axis: 0 });
    return g.add('Reshape', [a, shape]);
  },
  'Transpose there and back': (g, x) =>
    g.add('Transpose', g.add('Sigmoid', g.add('Transpose', stem(g, x), { perm: [0, 2, 3, 1] })), { perm: [0, 3, 1, 2] }),
  'Transpose of height and width': (g, x) => g.add('Transpose', stem(g, x), { perm: [0, 1, 3, 2] }),
  'Squeeze behind GlobalAveragePool': (g, x) => g.add('Squeeze', [g.add('GlobalAveragePool', stem(g, x)), g.integers(2, 3)]),
  'Squeeze, axes as an attribute': {
    opset: 11,
    network: (g, x) => g.add('Squeeze', g.add('GlobalAveragePool', stem(g, x)), { axes: [-1, -2] }),
  },
  'Unsqueeze, then Mul with a map': (g, x) =>
    g.add('Mul', [stem(g, x), g.add('Unsqueeze', [g.add('Sigmoid', vector(g, x)), g.integers(2, 3)])]),
  'Unsqueeze, axes as an attribute': {
    opset: 11,
    network: (g, x) => g.add('Mul', [stem(g, x), g.add('Unsqueeze', vector(g, x), { axes: [2, 3] })]),
  },
  'Flatten from the third axis': (g, x) => g.add('Flatten', stem(g, x), { axis: 2 }),
  Constant: (g, x) => {
    const factors = Float32Array.from({ length: 8 }, g.random);
    return g.add('Mul', [stem(g, x), g.add('Constant', [], { value: constantTensor([8, 1, 1], factors) })]);
  },
  'Constant that is one number': (g, x) => g.add('Mul', [stem(g, x), g.add('Constant', [], { value_float: 0.3 })]),
  'Constant shape of a Reshape': (g, x) =>
    g.add('Reshape', [stem(g, x), g.add('Constant', [], { value: constantTensor([3], BigInt64Array.of(1n, 8n, -1n)) })]),
  Identity: (g, x) => g.add('Relu', g.add('Identity', stem(g, x))),
  'Identity at the end': after('Identity'),
  'Identity of a constant': (g, x) => g.add('Conv', [x, g.add('Identity', g.weights([4, 3, 1, 1]))]),
  'Dropout at the end': after('Dropout'),
  'Dropout with a ratio': { opset: 11, network: (g, x) => g.add('Relu', g.add('Dropout', stem(g, x), { ratio: 0.4 })) },
  'Dropout with inputs': (g, x) => g.add('Relu', g.add('Dropout', [stem(g, x), g.constant([], [0.4])])),
  'Cast of float to float': (g, x) => g.add('Relu', g.add('Cast', stem(g, x), { to: 1 })),
  'an output in the middle and one at the end': (g, x) => {
    const a = stem(g, x);
    return [g.add('Sigmoid', a), g.add('Flatten', g.add('GlobalAveragePool', a))];
  },
};

/** Files that the importer refuses: what is in the sentence. @type {Record<string, {network: Network, says: RegExp}>} */
export const refused = {
  'an operator that doppel has not': { network: after('Erf'), says: /Erf/ },
  'an operator of nobody': { network: after('FooBar'), says: /FooBar/ },
  'Cast that changes numbers': {
    network: (g, x) => g.add('Cast', g.add('Cast', stem(g, x), { to: 7 }), { to: 1 }),
    says: /Cast/,
  },
  'Pad that reflects': {
    network: (g, x) => g.add('Pad', [stem(g, x), g.integers(0, 0, 1, 1, 0, 0, 1, 1)], { mode: 'reflect' }),
    says: /Pad/,
  },
  'Resize, cubic': { network: resize('cubic', 'half_pixel', [2, 2]), says: /Resize/ },
  'Conv in one dimension': {
    network: (g, x) => g.add('Conv', [g.add('Reshape', [x, g.integers(1, 3, -1)]), g.weights([4, 3, 3])]),
    says: /Conv/,
  },
  'Conv whose weights come from the input': { network: (g, x) => g.add('Conv', [x, x]), says: /Conv/ },
  'Conv whose weights are for other channels': {
    network: (g, x) => g.add('Conv', [x, g.weights([4, 5, 1, 1])]),
    says: /Conv/,
  },
  'Conv whose groups do not divide its channels': {
    network: (g, x) => g.add('Conv', [x, g.weights([4, 1, 1, 1])], { group: 2 }),
    says: /Conv/,
  },
  'Conv whose kernel is larger than the map': {
    network: (g, x) => g.add('Conv', [x, g.weights([4, 3, 20, 20])]),
    says: /Conv/,
  },
  'Conv with a stride of 0': {
    network: (g, x) => g.add('Conv', [x, g.weights([4, 3, 1, 1])], { strides: [0, 1] }),
    says: /Conv/,
  },
  'Conv with negative pads': {
    network: (g, x) => g.add('Conv', [x, g.weights([4, 3, 1, 1])], { pads: [-9, 0, 0, 0] }),
    says: /Conv/,
  },
  'Gemm whose sides do not fit': {
    network: (g, x) => g.add('Gemm', [vector(g, x), g.weights([5, 9])], { transB: 1 }),
    says: /Gemm/,
  },
  'Concat of maps that do not fit': {
    network: (g, x) => g.add('Concat', [x, g.conv(x, 3, 3, 3)], { axis: 1 }),
    says: /Concat/,
  },
  'Concat along an axis that is not there': { network: (g, x) => g.add('Concat', [x, x], { axis: 9 }), says: /Concat/ },
  'Add of maps that do not fit': { network: (g, x) => g.add('Add', [x, g.conv(x, 3, 3, 3)]), says: /Add/ },
  'Reshape that does not fit': { network: (g, x) => g.add('Reshape', [x, g.integers(1, 1000)]), says: /Reshape/ },
  'Reshape with two open sides': { network: (g, x) => g.add('Reshape', [x, g.integers(-1, -1)]), says: /Reshape/ },
  'Reshape to what only the picture knows': {
    network: (g, x) => g.add('Reshape', [x, g.add('Cast', g.add('Flatten', x), { to: 7 })]),
    says: /Cast|Reshape/,
  },
  'Transpose that names an axis twice': { network: after('Transpose', { perm: [0, 1, 1, 2] }), says: /Transpose/ },
  'Split into more than there is': {
    network: (g, x) => g.addSeveral('Split', [x, g.integers(2, 2)], { axis: 1 }, 2),
    says: /Split/,
  },
  'a value that nobody makes': { network: (g) => g.add('Relu', 'nothing'), says: /nothing/ },
  'a graph in a circle': {
    network: (g) => {
      g.add('Relu', 'b', {}, 'a');
      return g.add('Relu', 'a', {}, 'b');
    },
    says: /\ba\b|\bb\b|circle|cycle|order/,
  },
};
