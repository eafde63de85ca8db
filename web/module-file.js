// Which of the four modules this browser runs: with relaxed SIMD, which is faster, or with simd128 alone; with helpers that
// share the work, or without. An engine that does not know an instruction refuses the whole module, so it is asked with a
// tiny one. doppel.mjs starts both that work alone, threads/doppel.mjs the others.

/** (module (func (result v128) (i32.const 0) (i8x16.splat) (i8x16.popcnt))) */
const simd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** (module (func (result v128) (i32.const 1) (i8x16.splat) (i32.const 2) (i8x16.splat) (i8x16.relaxed_swizzle))) */
const relaxedSimd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11,
]);

/** Why this browser can run none of them: a code of words.js, or an empty string. */
export function whyNot() {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.validate !== 'function') return 'NO_WASM';
  if (!WebAssembly.validate(simd)) return 'NO_SIMD';
  if (typeof DecompressionStream !== 'function') return 'NO_SIMD';
  return '';
}

/** (module (memory 1 1 shared) (func (i32.const 0) (i32.atomic.load) (drop))) */
const atomics = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65, 0, 254, 16, 2, 0, 26, 11,
]);

/** More of them find too little to do in networks as small as these. */
const mostHelpers = 3;

/** An iPad calls itself a Mac; no Mac can be touched. */
const isIos = () => /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1);

const cores = () => navigator.hardwareConcurrency || 1;

/** iOS has threads, and ends tabs that use them. */
export const isFitForThreads = () => cores() > 1 && !isIos() && typeof WebAssembly === 'object' && WebAssembly.validate(atomics);

/** How many workers may share the work of the engine's own. Only a page that is cross-origin isolated, which its host has to want, can share memory. */
export function helpersHere() {
  const may = globalThis.crossOriginIsolated && typeof SharedArrayBuffer === 'function' && isFitForThreads();
  return may ? Math.min(cores() - 1, mostHelpers) : 0;
}

/** The path of the module. @param {number} helpers */
export const moduleFile = (helpers) => `${helpers ? 'threads/' : ''}${WebAssembly.validate(relaxedSimd) ? 'relaxed/' : ''}doppel.wasm`;

/** The module and the scripts that start it. @param {number} helpers */
export const moduleFiles = (helpers) => [...(helpers ? ['helper.js', 'threads/doppel.mjs'] : ['doppel.mjs']), moduleFile(helpers)];
