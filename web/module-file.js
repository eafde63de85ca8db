// Which of the two modules this browser runs: the one with relaxed SIMD, which is faster, or the one with simd128 alone. An
// engine that does not know an instruction refuses the whole module, so it is asked with a tiny one. doppel.mjs starts both.

/** (module (func (result v128) (i32.const 0) (i8x16.splat) (i8x16.popcnt))) */
const simd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** (module (func (result v128) (i32.const 1) (i8x16.splat) (i32.const 2) (i8x16.splat) (i8x16.relaxed_swizzle))) */
const relaxedSimd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11,
]);

export const hasSimd = () => WebAssembly.validate(simd);

export const moduleFile = () => (WebAssembly.validate(relaxedSimd) ? 'relaxed/doppel.wasm' : 'doppel.wasm');
