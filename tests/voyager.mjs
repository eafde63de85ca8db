/** Voyager indexes and NumPy arrays, written byte by byte from their layouts, as a second opinion beside doppel's own reader and writer. */

/** @typedef {'float32' | 'float8' | 'e4m3'} Storage */
/** @typedef {{label: number, bytes: Uint8Array, deleted?: boolean}} Entry */

/** @param {number} size @param {(view: DataView) => void} fill */
function bytesOf(size, fill) {
  const bytes = new Uint8Array(size);
  fill(new DataView(bytes.buffer));
  return bytes;
}

const u8 = (/** @type {number} */ n) => Uint8Array.of(n);
const u32 = (/** @type {number} */ n) => bytesOf(4, (view) => view.setUint32(0, n, true));
const u64 = (/** @type {number} */ n) => bytesOf(8, (view) => view.setBigUint64(0, BigInt(n), true));
const f32 = (/** @type {number} */ n) => bytesOf(4, (view) => view.setFloat32(0, n, true));
const f64 = (/** @type {number} */ n) => bytesOf(8, (view) => view.setFloat64(0, n, true));

/** The value of each E4M3 byte: sign in bit 0, exponent in bits 1 to 4, mantissa in bits 5 to 7. */
export const e4m3 = Array.from({ length: 256 }, (_, byte) => {
  const [sign, exponent, mantissa] = [byte & 1, (byte >> 1) & 15, byte >> 5];
  if (exponent === 15 && mantissa === 7) return NaN;
  return (sign ? -1 : 1) * (exponent ? (1 + mantissa / 8) * 2 ** (exponent - 7) : (mantissa / 8) * 2 ** -7);
});

/** The nearest E4M3 byte. @param {number} value */
const e4m3Byte = (value) => e4m3.reduce((best, candidate, byte) => (Math.abs(candidate - value) < Math.abs(e4m3[best] - value) ? byte : best), 0);

/** A vector as a storage keeps it. @param {ArrayLike<number>} vector @param {Storage} storage */
export function stored(vector, storage) {
  const numbers = Array.from(vector);
  if (storage === 'float8') return Uint8Array.from(numbers, (n) => Math.trunc(n * 127));
  if (storage === 'e4m3') return Uint8Array.from(numbers, e4m3Byte);
  return new Uint8Array(Float32Array.from(numbers).buffer);
}

const codes = { float8: 16, float32: 32, e4m3: 48 };

/**
 * A whole index. Its graph is a ring: enough for a file that holds together.
 * @param {Entry[]} entries
 * @param {{dimension: number, storage: Storage, space?: number, version?: number | null, transformed?: boolean, kind?: number, names?: number, named?: string[], upper?: number}} about named: of the labels 0, 1, …
 */
export function voyagerIndex(entries, { dimension, storage, space = 2, version = 1, transformed = false, kind = 0, named = [], names = named.length, upper = 0 }) {
  const [links, groundLinks] = [4, 8];
  const data = entries[0]?.bytes.length ?? 0;
  const header = [Buffer.from('VOYA'), u32(version ?? 0), u32(dimension), u8(space), u8(codes[storage]), f32(1), u8(Number(transformed))];
  if (version === 2) header.push(u8(kind), u64(names), ...named.flatMap((name, label) => [u64(label), u64(Buffer.byteLength(name)), Buffer.from(name)]));
  const dataAt = 4 + 4 * groundLinks;
  const graph = [
    u64(0), u64(entries.length), u64(entries.length), u64(dataAt + data + 8), u64(dataAt + data), u64(dataAt), u32(upper), u32(0),
    u64(links), u64(groundLinks), u64(links), f64(1 / Math.log(links)), u64(200),
  ];
  const elements = entries.flatMap(({ label, bytes, deleted }, i) => {
    const next = u32((i + 1) % entries.length);
    return [bytesOf(4, (view) => view.setUint32(0, 1 | (deleted ? 1 << 16 : 0), true)), next, new Uint8Array(4 * (groundLinks - 1)), bytes, u64(label)];
  });
  const level = 4 + 4 * links;
  const above = entries.flatMap((_, i) => (i ? [u32(0)] : [u32(upper * level), new Uint8Array(upper * level)]));
  return Buffer.concat([...(version === null ? [] : header), ...graph, ...elements, ...above]);
}

/**
 * @param {number[][]} rows
 * @param {{version?: number, type?: string, byColumn?: boolean, header?: string}} [about]
 */
export function npyFile(rows, { version = 1, type = '<f4', byColumn = false, header } = {}) {
  const [big, size] = [type[0] === '>', Number(type.slice(2))];
  const numbers = byColumn ? rows[0].flatMap((_, column) => rows.map((row) => row[column])) : rows.flat();
  const data = bytesOf(numbers.length * size, (view) => {
    numbers.forEach((number, i) => {
      if (size === 8) view.setFloat64(8 * i, number, !big);
      else if (size === 4) view.setFloat32(4 * i, number, !big);
      else view.setUint16(2 * i, halfBits(number), !big);
    });
  });
  const text =
    header ?? `{'descr': '${type}', 'fortran_order': ${byColumn ? 'True' : 'False'}, 'shape': (${rows.length}, ${rows[0].length}), }`;
  const begin = version === 1 ? 10 : 12;
  const padded = Buffer.from(text + ' '.repeat(63 - ((begin + text.length) % 64)) + '\n');
  const length = version === 1 ? bytesOf(2, (view) => view.setUint16(0, padded.length, true)) : u32(padded.length);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Uint8Array.of(version, 0), length, padded, data]);
}

/** A number as float16, rounded down. @param {number} number */
function halfBits(number) {
  const bits = new DataView(f32(number).buffer).getUint32(0, true);
  const exponent = ((bits >> 23) & 255) - 112;
  const sign = (bits >>> 16) & 0x8000;
  if (exponent >= 31) return sign | 0x7c00 | (Number.isNaN(number) ? 1 : 0);
  if (exponent <= 0) return sign | (exponent < -10 ? 0 : (0x400 | ((bits >> 13) & 0x3ff)) >> (1 - exponent));
  return sign | (exponent << 10) | ((bits >> 13) & 0x3ff);
}
