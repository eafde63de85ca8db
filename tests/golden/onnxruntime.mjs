/** The reference for imported networks: onnxruntime-web's own WebAssembly in node, on one thread. */
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** @typedef {{name: string, shape: number[], data: Float32Array}} Output */

/**
 * An ONNX file, opened once for several passes. Its input is in the order that the file wants, mostly N C H W.
 * @param {Uint8Array} file
 */
export async function openOnnx(file) {
  const session = await ort.InferenceSession.create(file);
  return {
    /** @param {Float32Array} input @param {number[]} shape @returns {Promise<Output[]>} */
    async run(input, shape) {
      const results = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', input, shape) });
      return session.outputNames.map((name) => {
        const { dims, data } = results[name];
        return { name, shape: [...dims], data: Float32Array.from(/** @type {Float32Array} */ (data)) };
      });
    },
    close: () => session.release(),
  };
}

/** One forward pass. @param {Uint8Array} file @param {Float32Array} input @param {number[]} shape */
export async function runOnnx(file, input, shape) {
  const onnx = await openOnnx(file);
  try {
    return await onnx.run(input, shape);
  } finally {
    await onnx.close();
  }
}

/** N H W C → N C H W. */
export function channelsFirst(/** @type {Float32Array} */ values, /** @type {number[]} */ [batch, height, width, channels]) {
  return reordered(values, [batch, channels, height * width], ([n, c, i]) => (n * height * width + i) * channels + c);
}

/** N C H W → N H W C. */
export function channelsLast(/** @type {Float32Array} */ values, /** @type {number[]} */ [batch, channels, height, width]) {
  return reordered(values, [batch, height * width, channels], ([n, i, c]) => (n * channels + c) * height * width + i);
}

function reordered(
  /** @type {Float32Array} */ values,
  /** @type {[number, number, number]} */ [a, b, c],
  /** @type {(at: [number, number, number]) => number} */ source,
) {
  const result = new Float32Array(values.length);
  let at = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) result[at++] = values[source([i, j, k])];
  return result;
}
