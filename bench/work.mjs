/**
 * How near a network's layers come to what the processor can do: their multiplications, known from the graph, over the
 * time that XNNPACK's operators took.
 */

/**
 * @typedef {{op: string, products: number}} Layer  with weights, as bench_native counts them
 * @typedef {{us: number, name: string}} Operator  as XNNPACK names it
 * @typedef {{float: number, int8: number}} Peaks  operations a second in registers
 * @typedef {object} Shares
 * @property {number} dense  time that convolutions and fully connected layers would take at the peak, over what they took
 * @property {number} float  those that multiply in float32; 0 where there are none
 * @property {number} int8  those in int8; likewise
 * @property {number} depthwise  the layers that look at each channel alone
 * @property {number} ofPass  the dense layers' share of the whole pass
 * @property {number} others  the share of everything that is no layer with weights
 */

/** What multiplies comes in the graph's order. @param {Layer[]} layers @param {Operator[]} operators @param {Peaks} peaks @returns {Shares} */
export function sharesOfPeak(layers, operators, peaks) {
  const multiplying = operators.filter(({ name }) => /^(Convolution|Fully Connected|Batch Matrix Multiply)/.test(name));
  if (multiplying.length !== layers.length)
    throw new Error(`${layers.length} layers have weights, and ${multiplying.length} operators multiply; bench/work.mjs knows them by their names`);
  const kinds = { float: { ideal: 0, took: 0 }, int8: { ideal: 0, took: 0 }, depthwise: { ideal: 0, took: 0 } };
  for (const [i, { us, name }] of multiplying.entries()) {
    const int8 = /Q[DS]8|QC8/.test(name);
    const kind = layers[i].op === 'depthwise_conv2d' ? kinds.depthwise : int8 ? kinds.int8 : kinds.float;
    kind.ideal += (2 * layers[i].products) / (int8 ? peaks.int8 : peaks.float);
    kind.took += us / 1e6;
  }
  const { float, int8, depthwise } = kinds;
  const pass = operators.reduce((sum, { us }) => sum + us / 1e6, 0);
  const share = (/** @type {{ideal: number, took: number}} */ { ideal, took }) => (took ? ideal / took : 0);
  const dense = { ideal: float.ideal + int8.ideal, took: float.took + int8.took };
  return {
    dense: share(dense),
    float: share(float),
    int8: share(int8),
    depthwise: share(depthwise),
    ofPass: dense.took / pass,
    others: 1 - (dense.took + depthwise.took) / pass,
  };
}

/** Milliseconds of the operators of each kind. @param {Operator[]} operators @returns {Record<string, number>} */
export function byKind(operators) {
  /** @type {Record<string, number>} */
  const kinds = {};
  for (const { us, name } of operators) kinds[name] = (kinds[name] ?? 0) + us / 1000;
  return kinds;
}
