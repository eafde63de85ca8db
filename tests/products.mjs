/**
 * Little networks whose middle layer multiplies in int8, with sides that no kernel likes: channels that are no multiple
 * of what is multiplied at once, rows that are left over, sums too long for one go. Layers before and behind stay in
 * float32, as in every network.
 */
import { OnnxGraph } from './onnx.mjs';

export const HEIGHT = 13;
export const WIDTH = 11;
export const SHAPE = [1, HEIGHT, WIDTH, 3];
export const OPTIONS = ['--as', 'raw', '--size', `${WIDTH}x${HEIGHT}`, '--mean', '0', '--scale', '1', '--arithmetic', 'int8'];

/** A convolution from so many channels to so many, behind one and before one. */
function convolution(/** @type {number} */ from, /** @type {number} */ to, kernel = 1, attributes = {}) {
  const g = new OnnxGraph();
  const before = g.add('Relu', g.conv(g.input('x', [1, 3, HEIGHT, WIDTH]), 3, from));
  g.output(g.conv(g.conv(before, from, to, kernel, attributes), to, 5));
  return g.bytes();
}

/** Two products of matrices, of which the first is in int8. */
function dense(/** @type {number} */ from, /** @type {number} */ to) {
  const g = new OnnxGraph();
  const before = g.add('Flatten', g.add('GlobalAveragePool', g.conv(g.input('x', [1, 3, HEIGHT, WIDTH]), 3, from)), { axis: 1 });
  const middle = g.add('Gemm', [before, g.weights([to, from]), g.numbers([to])], { transB: 1 });
  g.output(g.add('Gemm', [middle, g.weights([6, to]), g.numbers([6])], { transB: 1 }));
  return g.bytes();
}

const around = (/** @type {number} */ pad) => ({ pads: [pad, pad, pad, pad] });

/** @type {Record<string, Buffer>} ONNX files */
export const PRODUCTS = {
  'a pixel, 2 channels to 1': convolution(2, 1),
  'a pixel, 5 to 3': convolution(5, 3),
  'a pixel, 7 to 8': convolution(7, 8),
  'a pixel, 16 to 13': convolution(16, 13),
  'a pixel, 66 to 20': convolution(66, 20),
  'a pixel, 2501 to 9': convolution(2501, 9),
  '3 × 3, 5 to 9': convolution(5, 9, 3),
  '3 × 3 with an edge, 8 to 8': convolution(8, 8, 3, around(1)),
  '3 × 3 with an edge, every other pixel, 13 to 17': convolution(13, 17, 3, { ...around(1), strides: [2, 2] }),
  '5 × 5 with an edge, 30 to 6': convolution(30, 6, 5, around(2)),
  '3 × 3, 301 to 12': convolution(301, 12, 3),
  'a vector, 9 to 4': dense(9, 4),
  'a vector, 130 to 71': dense(130, 71),
  'a vector, 2600 to 10': dense(2600, 10),
};
