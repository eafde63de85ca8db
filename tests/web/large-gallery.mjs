/**
 * A gallery of several shards, pages and sheets, written from here: the faces of the demo gallery at its end, and people
 * of chance numbers, who resemble nobody, before them. Sheets are made longer so that the gallery is not small: the last one is
 * the demo's, the others are grey.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { safetensors } from '../../bench/gallery.mjs';
import { build } from '../places.mjs';
import { greyPng } from '../png.mjs';

const demo = join(build, 'gallery');
const perPage = 1024;
const perSheet = 256;
const sheetBytes = 900_000;

/** Where the demo's faces begin: the second page of people, the sixth sheet. */
export const firstReal = 5 * perSheet;

/** @typedef {{dtype: string, shape: number[], data: Buffer}} Tensor */

/** Writes a gallery into `folder` and returns its manifest. Another seed gives other files. @returns {Promise<any>} */
export async function writeLargeGallery(/** @type {string} */ folder, { title = 'A large gallery', seed = 1, photosPerShard = 192, cover = false } = {}) {
  const manifest = JSON.parse(await readFile(join(demo, 'gallery.json'), 'utf8'));
  const { people, photos, embeddings } = manifest.files;
  const shard = readSafetensors(await readFile(join(demo, embeddings[0].path)));
  const real = manifest.photos;
  const count = firstReal + real;
  await mkdir(folder, { recursive: true });
  const put = async (/** @type {string} */ stem, /** @type {string} */ ending, /** @type {Uint8Array} */ bytes, /** @type {number} */ number) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = `${stem}-${String(number).padStart(4, '0')}.${sha256.slice(0, 8)}.${ending}`;
    await writeFile(join(folder, path), bytes);
    return { path, bytes: bytes.length, sha256, count: number };
  };

  const files = { embeddings: /** @type {any[]} */ ([]), people: /** @type {any[]} */ ([]), photos: /** @type {any[]} */ ([]) };
  for (let first = 0; first < count; first += photosPerShard) {
    const rows = Math.min(photosPerShard, count - first);
    const bytes = safetensors(rowsOf(shard, first, rows, real, seed), { ...shard.document, first_photo: first });
    files.embeddings.push({ ...(await put('embeddings', 'safetensors', bytes, files.embeddings.length)), count: rows });
  }
  const known = JSON.parse(await readFile(join(demo, people[0].path), 'utf8'));
  for (let first = 0; first < count; first += perPage) {
    const page = Array.from({ length: Math.min(perPage, count - first) }, (_, i) => personAt(first + i, known, seed));
    files.people.push({ ...(await put('people', 'json', Buffer.from(JSON.stringify(page)), files.people.length)), count: page.length });
  }
  const grey = greyPng(manifest.sheet.columns * manifest.sheet.size, manifest.sheet.rows * manifest.sheet.size);
  for (let first = 0; first < count; first += perSheet) {
    const sheet = first < firstReal ? grey : await readFile(join(demo, photos[0].path));
    const longer = Buffer.concat([sheet, Buffer.alloc(sheetBytes - sheet.length, first / perSheet + 16 * seed)]);
    files.photos.push({ ...(await put('photos', first < firstReal ? 'png' : 'webp', longer, files.photos.length)), count: Math.min(perSheet, count - first) });
  }
  const covers = cover ? manifest.files.cover : [];
  for (const { path } of covers) await copyFile(join(demo, path), join(folder, path));
  const whole = { ...manifest, title, people: count, photos: count, files: { ...files, cover: covers } };
  await writeFile(join(folder, 'gallery.json'), JSON.stringify(whole));
  return whole;
}

function personAt(/** @type {number} */ index, /** @type {any[]} */ known, /** @type {number} */ seed) {
  const person = known[index - firstReal];
  return person ? { ...person, photos: [index] } : { name: `Nobody ${index} of ${seed}`, photos: [index], fields: {} };
}

/** Rows of a shard: the demo's where its faces lie, else the demo's with chance vectors. */
function rowsOf(
  /** @type {ReturnType<typeof readSafetensors>} */ { tensors },
  /** @type {number} */ first,
  /** @type {number} */ rows,
  /** @type {number} */ real,
  /** @type {number} */ seed,
) {
  const random = chance(first + seed);
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data }]) => {
      if (name === 'mean') return [name, { dtype, shape, data }];
      const stride = data.length / real;
      const all = Buffer.alloc(rows * stride);
      for (let i = 0; i < rows; i++) {
        const person = first + i - firstReal;
        data.copy(all, i * stride, (((person % real) + real) % real) * stride, (((person % real) + real) % real) * stride + stride);
        if (name === 'person') all.writeUInt32LE(first + i, i * stride);
        if (name === 'vectors' && person < 0) for (let j = 0; j < stride; j++) all.writeInt8(Math.round(random() * 200 - 100), i * stride + j);
      }
      return [name, { dtype, shape: [rows, ...shape.slice(1)], data: all }];
    }),
  );
}

function readSafetensors(/** @type {Buffer} */ file) {
  const size = Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata, ...header } = JSON.parse(file.subarray(8, 8 + size).toString());
  const data = file.subarray(8 + size);
  const tensors = Object.fromEntries(
    Object.entries(header).map(([name, { dtype, shape, data_offsets: [from, to] }]) => [name, { dtype, shape, data: data.subarray(from, to) }]),
  );
  return { document: JSON.parse(metadata.doppel), tensors: /** @type {Record<string, Tensor>} */ (tensors) };
}

/** Numbers of 0 … 1, the same for the same seed. */
function chance(/** @type {number} */ state) {
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 4294967296;
  };
}
