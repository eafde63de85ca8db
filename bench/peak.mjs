/**
 * What a browser's processor can do at most, on one thread: small WebAssembly modules that multiply and add in registers
 * and touch no memory, written down byte by byte. Runs in the browser and in node.
 */

/** Sums that do not wait for each other: enough to keep every unit busy, few enough to stay in registers. */
const SUMS = 12;

/** How often each sum is gone on with in one turn of the loop. */
const REPEATED = 8;

const simd = (/** @type {number} */ code) => [0xfd, ...unsigned(code)];
const [A, B, FIRST_SUM] = [1, 2, 3]; // locals; 0 counts the turns down

/**
 * How a sum goes on, and how many multiplications that is. No product may be the same twice: compilers would notice.
 * @type {Record<'float' | 'float relaxed' | 'int8' | 'int8 relaxed', {step: (sum: number) => number[], products: number}>}
 */
export const PEAKS = {
  // sum · a + b, for simd128 has no instruction for both
  float: { products: 4, step: (sum) => [...get(sum), ...get(A), ...simd(0xe6), ...get(B), ...simd(0xe4)] },
  // f32x4.relaxed_madd
  'float relaxed': { products: 4, step: (sum) => [...get(A), ...get(B), ...get(sum), ...simd(0x105)] },
  // i32x4.dot_i16x8_s, the widest product of whole numbers in simd128, and an addition
  int8: { products: 8, step: (sum) => [...get(sum), ...get(B), ...simd(0xba), ...get(A), ...simd(0xae)] },
  // i32x4.relaxed_dot_i8x16_i7x16_add_s
  'int8 relaxed': { products: 16, step: (sum) => [...get(A), ...get(B), ...get(sum), ...simd(0x113)] },
};

/** @typedef {keyof typeof PEAKS} Peak */

/** The module: `run(turns)` gives the sum of all lanes that stand first, so that nothing may be left out. @param {Peak} peak */
export function peakModule(peak) {
  const sums = Array.from({ length: SUMS }, (_, i) => FIRST_SUM + i);
  const once = sums.flatMap((sum) => [...PEAKS[peak].step(sum), ...set(sum)]);
  const body = [
    ...[1, FIRST_SUM + SUMS - 1, 0x7b], // locals: so many of v128
    ...[...splat(0x3f), ...set(A), ...splat(0x3f), ...set(B)],
    ...sums.flatMap((sum, i) => [...splat(i), ...set(sum)]),
    ...[0x03, 0x40], // loop
    ...Array.from({ length: REPEATED }, () => once).flat(),
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0], // as long as the count, less one, is not 0
    0x0b,
    ...sums.flatMap((sum, i) => [...get(sum), ...simd(0x1b), 0, ...(i ? [0x6a] : [])]), // lane 0, added up
    0x0b,
  ];
  const section = (/** @type {number} */ id, /** @type {number[]} */ bytes) => [id, ...unsigned(bytes.length), ...bytes];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7f]), // one type: i32 → i32
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...new TextEncoder().encode('run'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

/** Multiplications and additions that a call with so many turns does. @param {Peak} peak @param {number} turns */
export const operations = (peak, turns) => 2 * PEAKS[peak].products * SUMS * REPEATED * turns;

/** Gives what measures operations a second, over about `ms` milliseconds a call. @param {Peak} peak */
export function peakMeter(peak, ms = 8) {
  const { run } = /** @type {{run: (turns: number) => number}} */ (
    /** @type {unknown} */ (new WebAssembly.Instance(new WebAssembly.Module(peakModule(peak))).exports)
  );
  const rate = (/** @type {number} */ turns) => {
    const began = performance.now();
    run(turns);
    return operations(peak, turns) / ((performance.now() - began) / 1000);
  };
  for (const end = performance.now() + 200; performance.now() < end; ) rate(1000); // until the optimising compiler is done
  return () => rate(Math.ceil((rate(20_000) * ms) / 1000 / operations(peak, 1)));
}

/* ---- bytes ---- */

const get = (/** @type {number} */ local) => [0x20, local];
const set = (/** @type {number} */ local) => [0x21, local];

/** v128.const: the same byte everywhere. As a float 0x3f3f3f3f is 0.747: no sum ends among the numbers that are slow. @param {number} byte */
const splat = (byte) => [...simd(0x0c), ...Array(16).fill(byte)];

/** LEB128. @param {number} value @returns {number[]} */
function unsigned(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
