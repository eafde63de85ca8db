/**
 * Another peer's side: human with the WebAssembly backend of tfjs (SIMD, one thread), on the page's main thread. BlazeFace
 * finds the face, faceres makes 1024 numbers of it; everything else that it can do is switched off.
 */
// @ts-ignore: the bench's host serves the npm package beside this file
const { Human } = await import('./human/dist/human.esm.js');

const off = { enabled: false };
const face = { enabled: true, detector: { rotation: false, maxDetected: 1 }, mesh: off, iris: off, emotion: off, antispoof: off, liveness: off, attention: off };
const finding = { face: { ...face, description: off } };
const describing = { face: { ...face, description: { enabled: true } } };

/** @type {any} */
let human;
/** @type {number[][]} */
let people;
/** @type {HTMLCanvasElement} */
let canvas;
/** @type {number[]} */
let vector;

/** Reads the networks. @param {{people: number}} options */
export async function load({ people: count }) {
  human = new Human({
    backend: 'wasm',
    wasmPath: new URL('./tfjs-backend-wasm/dist/', import.meta.url).href,
    modelBasePath: new URL('./human/models/', import.meta.url).href,
    cacheSensitivity: 0, // each call looks anew
    debug: false,
    filter: off,
    gesture: off,
    body: off,
    hand: off,
    object: off,
    segmentation: off,
    ...describing,
  });
  human.tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // one thread, like the others
  await human.load();
  people = Array.from({ length: count }, () => Array.from({ length: 1024 }, Math.random));
  const simd = await human.tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { backend: `${human.tf.getBackend()}${simd ? ' with SIMD' : ''}` };
}

export async function use(/** @type {{canvas: HTMLCanvasElement}} */ photo) {
  canvas = photo.canvas;
  const [found] = (await human.detect(canvas, describing)).face;
  if (!found?.embedding) throw new Error('human finds no face in the photo of the bench');
  vector = found.embedding;
  return { backend: human.tf.getBackend() };
}

/** One call each, as human's users make them; `whole` ends with the embedding, before its search. @type {Record<string, () => Promise<any>>} */
const stages = {
  'detect and points': async () => (await human.detect(canvas, finding)).face[0],
  search: async () => human.match.find(vector, people),
  whole: async () => (await human.detect(canvas, describing)).face[0].embedding,
};

/** Milliseconds that one stage takes. */
export async function time(/** @type {string} */ stage) {
  const began = performance.now();
  const result = await stages[stage]();
  const ms = performance.now() - began;
  if (!result) throw new Error(`human: nothing came out of “${stage}”`);
  return ms;
}
