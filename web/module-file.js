// Which of the two modules this browser runs: with relaxed SIMD, which is faster, or with simd128 alone. An engine that does
// not know an instruction refuses the whole module, so it is asked with a tiny one. doppel.mjs starts both.

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

/** The path of the module. */
export const moduleFile = () => `${WebAssembly.validate(relaxedSimd) ? 'relaxed/' : ''}doppel.wasm`;
