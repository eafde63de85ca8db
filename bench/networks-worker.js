/** One worker for both sides of networks.mjs, so that they have the same thread and the same browser. */
// @ts-ignore: the bench's host serves dist/ beside this file
import createDoppel from './dist/doppel.mjs';
// @ts-ignore: and onnxruntime-web
import * as ort from './onnxruntime/ort.wasm.min.mjs';
// @ts-ignore: what the page takes in this browser
import { moduleFile } from './web/module-file.js';

ort.env.wasm.wasmPaths = new URL('./onnxruntime/', import.meta.url).href;
ort.env.wasm.numThreads = 1;

const open = (/** @type {string} */ file) => createDoppel({ locateFile: () => new URL(`./dist/${file}`, import.meta.url).href });

/** What the page would run in this browser, and what runs everywhere. @type {Record<string, Promise<any>>} */
const modules = { doppel: open(moduleFile()), simd128: open('doppel.wasm') };

/** One pass each, numbers in and numbers out. @type {Record<string, () => any>[]} */
const pairs = [];

const fetched = async (/** @type {string} */ name) =>
  new Uint8Array(await (await fetch(new URL(`./networks/${name}`, import.meta.url))).arrayBuffer());

/** @type {Record<string, (...list: any[]) => Promise<any>>} */
const calls = {
  async load(/** @type {number} */ i, /** @type {number} */ side) {
    const [doppel, simd128, peer] = [await ours('doppel', i, side), await ours('simd128', i, side), await theirs(i, side)];
    let count = 0;
    for (const { length } of await peer()) count += length;
    if (doppel().length !== count) throw new Error(`network ${i}: the sides give different amounts of numbers`);
    pairs[i] = { doppel, simd128, peer };
  },

  moduleFile: async () => moduleFile(),

  /** Milliseconds a pass. */
  async time(/** @type {string} */ side, /** @type {number} */ i, /** @type {number} */ passes) {
    const pass = pairs[i][side];
    const began = performance.now();
    for (let n = 0; n < passes; n++) await pass();
    return (performance.now() - began) / passes;
  },
};

async function ours(/** @type {string} */ which, /** @type {number} */ i, /** @type {number} */ side) {
  const module = await modules[which];
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
  const input = await fetched(`${i}.nhwc`);
  return () => {
    put(input);
    check(module._session_run_network(session, 1, side, side, 3));
    const start = module._session_outbox(session) / 4;
    return module.HEAPF32.slice(start, start + module._session_outbox_size(session) / 4);
  };
}

async function theirs(/** @type {number} */ i, /** @type {number} */ side) {
  const session = await ort.InferenceSession.create(await fetched(`${i}.onnx`), { executionProviders: ['wasm'] });
  const input = new Float32Array((await fetched(`${i}.nchw`)).buffer);
  return async () => {
    const tensor = new ort.Tensor('float32', input, [1, 3, side, side]);
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
