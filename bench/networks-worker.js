/** One worker for all sides of networks.mjs in the browser, so that they have the same thread. */
// @ts-ignore: the bench's host serves onnxruntime-web beside this file
import * as ort from './onnxruntime/ort.wasm.min.mjs';
import { peakMeter } from './peak.mjs';

ort.env.wasm.wasmPaths = new URL('./onnxruntime/', import.meta.url).href;
ort.env.wasm.numThreads = 1;

/** @typedef {{script: string, wasm: string}} Module addresses of its two files */

/** A pass of a network on a side: numbers in, numbers out. @type {Map<string, () => any>} */
const passes = new Map();

/** What a module of the bench has seen of a network's last pass: microseconds and operator a line. @type {Map<string, () => string>} */
const looks = new Map();

/** @type {Map<string, Promise<any>>} */
const modules = new Map();

/** @type {Map<string, () => number>} */
const peaks = new Map();

const fetched = async (/** @type {string} */ name) => {
  const response = await fetch(new URL(`./networks/${name}`, import.meta.url));
  if (!response.ok) throw new Error(`${name} is not here`);
  return new Uint8Array(await response.arrayBuffer());
};

/** @type {Record<string, (...list: any[]) => Promise<any>>} */
const calls = {
  /** Opens network i on a side and runs it once; gives what comes out. @param {Module | null} build null: onnxruntime */
  async open(/** @type {string} */ side, /** @type {number} */ i, /** @type {number} */ pixels, build) {
    const key = `${side} ${i}`;
    passes.set(key, build ? await ours(key, build, i, pixels) : await theirs(i, pixels));
    return Array.from(flat(await passes.get(key)?.()));
  },

  /** Milliseconds a pass. */
  async time(/** @type {string} */ side, /** @type {number} */ i, /** @type {number} */ count) {
    const pass = /** @type {() => any} */ (passes.get(`${side} ${i}`));
    const began = performance.now();
    for (let n = 0; n < count; n++) await pass();
    return (performance.now() - began) / count;
  },

  /** Microseconds of each operator, the mean of so many passes, with its name. */
  async look(/** @type {string} */ side, /** @type {number} */ i, /** @type {number} */ count) {
    const key = `${side} ${i}`;
    /** @type {{us: number, name: string}[]} */
    let sums = [];
    for (let n = 0; n < count; n++) {
      passes.get(key)?.();
      const lines = (looks.get(key)?.() ?? '').trim().split('\n').map((line) => line.split('\t'));
      sums = lines.map(([us, name], at) => ({ us: Number(us) + (sums[at]?.us ?? 0), name }));
    }
    return sums.map(({ us, name }) => ({ us: us / count, name }));
  },

  /** Operations a second in registers alone. */
  async peak(/** @type {import('./peak.mjs').Peak} */ which) {
    if (!peaks.has(which)) peaks.set(which, peakMeter(which));
    return peaks.get(which)?.();
  },
};

const flat = (/** @type {Float32Array | Float32Array[]} */ outputs) => (Array.isArray(outputs) ? outputs.flatMap((output) => [...output]) : outputs);

/** @param {Module} module */
async function moduleOf({ script, wasm }) {
  const at = (/** @type {string} */ path) => new URL(path, import.meta.url).href;
  const { default: create } = await import(at(script));
  return create({ locateFile: () => at(wasm) });
}

async function ours(/** @type {string} */ key, /** @type {Module} */ build, /** @type {number} */ i, /** @type {number} */ pixels) {
  if (!modules.has(build.wasm)) modules.set(build.wasm, moduleOf(build));
  const module = await modules.get(build.wasm);
  const session = module._session_open();
  const put = (/** @type {Uint8Array} */ bytes) => {
    const room = module._session_inbox(session, bytes.length); // before the heap is looked at: this may make it grow
    module.HEAPU8.set(bytes, room);
  };
  const check = (/** @type {number} */ status) => {
    if (status) throw new Error(module.UTF8ToString(module._session_message(session)));
  };
  put(await fetched(`${i}.safetensors`));
  check(module._session_open_network(session));
  if (module._profile_newest) {
    const runtime = module._profile_newest();
    looks.set(key, () => module.UTF8ToString(module._profile_lines(runtime)));
  }
  const input = await fetched(`${i}.nhwc`);
  return () => {
    put(input);
    check(module._session_run_network(session, 1, pixels, pixels, 3));
    const start = module._session_outbox(session) / 4;
    return module.HEAPF32.slice(start, start + module._session_outbox_size(session) / 4);
  };
}

async function theirs(/** @type {number} */ i, /** @type {number} */ pixels) {
  const session = await ort.InferenceSession.create(await fetched(`${i}.onnx`), { executionProviders: ['wasm'] });
  const input = new Float32Array((await fetched(`${i}.nchw`)).buffer);
  return async () => {
    const tensor = new ort.Tensor('float32', input, [1, 3, pixels, pixels]);
    const results = await session.run({ [session.inputNames[0]]: tensor });
    return session.outputNames.map((/** @type {string} */ name) => results[name].data);
  };
}

self.onmessage = async ({ data: { name, list } }) => {
  try {
    self.postMessage({ result: await calls[name](...list) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
