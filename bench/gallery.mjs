/**
 * A synthetic gallery of any size for timing the search: unit vectors in a narrow cone, as dlib's network gives them,
 * the same on every run. Only what the engine reads: no names, no portraits.
 */

/** @returns {{'gallery.json': Buffer, 'embeddings.safetensors': Uint8Array}} */
export function syntheticGallery(
  /** @type {{count: number, dimension: number, embedder: {name: string, sha256: string}}} */ { count, dimension, embedder },
) {
  const random = seeded(1);
  const mean = Float32Array.from({ length: dimension }, () => (random() - 0.5) / Math.sqrt(dimension / 12));
  const vectors = new Int8Array(count * dimension).map(() => Math.round((random() - 0.5) * 254));
  const shard = safetensors(
    {
      vectors: { dtype: 'I8', shape: [count, dimension], data: vectors },
      fine: { dtype: 'U8', shape: [count, dimension / 2], data: new Uint8Array(count * (dimension / 2)).map(() => random() * 256) },
      scale: { dtype: 'F32', shape: [count], data: new Float32Array(count).fill(0.4 / 127 / Math.sqrt(dimension / 3)) },
      mean: { dtype: 'F32', shape: [dimension], data: mean },
      person: { dtype: 'U32', shape: [count], data: Uint32Array.from({ length: count }, (_, i) => i) },
      box: { dtype: 'F32', shape: [count, 4], data: new Float32Array(count * 4) },
      points: { dtype: 'F32', shape: [count, 10], data: new Float32Array(count * 10) },
      score: { dtype: 'F32', shape: [count], data: new Float32Array(count).fill(1) },
    },
    { format: 1, kind: 'embeddings', embedder_sha256: embedder.sha256, first_photo: 0 },
  );
  const manifest = {
    format: 'doppel-gallery',
    version: 1,
    title: 'synthetic',
    notice: '',
    people: count,
    photos: count,
    embedder: { ...embedder, dimension },
    detector: [],
    metric: 'cosine',
    fields: [],
    people_per_page: 1024,
    sheet: { columns: 16, rows: 16, size: 144 },
    files: {
      embeddings: [{ path: 'embeddings.safetensors', bytes: shard.length, sha256: '0'.repeat(64), count }],
      people: [],
      photos: [],
    },
  };
  return { 'gallery.json': Buffer.from(JSON.stringify(manifest)), 'embeddings.safetensors': shard };
}

/** A file in memory; runs in the browser as well. @param {Record<string, {dtype: string, shape: number[], data: ArrayBufferView}>} tensors */
export function safetensors(tensors, /** @type {object} */ document) {
  /** @type {Record<string, object>} */
  const header = { __metadata__: { doppel: JSON.stringify(document) } };
  let end = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors))
    header[name] = { dtype, shape, data_offsets: [end, (end += data.byteLength)] };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((text.length + 8) / 64) * 64;
  const file = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(text, 8);
  let at = start;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** mulberry32: 0 … 1 */
function seeded(/** @type {number} */ state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
