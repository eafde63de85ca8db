/**
 * JPEG portraits of many sizes for `npm run bench -- photo`: one photo, enlarged, with the noise of a sensor so that it
 * compresses like a phone's; each baseline and progressive, with and without chroma subsampling. cjpeg writes them once
 * into build/bench/photos.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openSession } from '../tests/golden/engine.mjs';
import { build, demoPhotos, shared } from '../tests/places.mjs';
import { normal, seeded } from '../tests/random.mjs';

/** 3 : 4, as phones take them. */
export const SIZES = [[212, 283], [866, 1155], [1500, 2000], [2598, 3464], [3000, 4000], [6000, 8000]];

/** @type {Record<string, string[]>} arguments of cjpeg */
export const KINDS = {
  'baseline 4:2:0': ['-sample', '2x2'],
  'baseline 4:4:4': ['-sample', '1x1'],
  'progressive 4:2:0': ['-sample', '2x2', '-progressive'],
  'progressive 4:4:4': ['-sample', '1x1', '-progressive'],
};

const QUALITY = 90;
const NOISE = 5; // levels, standard deviation
const FOLDER = join(build, 'bench/photos');

/** @typedef {{kind: string, megapixels: number, width: number, height: number, file: string, bytes: number}} Made */

/** @returns {Promise<Made[]>} */
export async function madePhotos() {
  mkdirSync(FOLDER, { recursive: true });
  const wanted = SIZES.flatMap(([width, height]) =>
    Object.keys(KINDS).map((kind) => ({ kind, width, height, file: pathOf(width, height, kind) })),
  );
  const missing = wanted.filter(({ file }) => !existsSync(file));
  if (missing.length) {
    const source = await facePhoto();
    for (const { kind, width, height, file } of missing) await write(file, KINDS[kind], width, height, source);
  }
  return wanted.map((photo) => ({ ...photo, megapixels: megapixelsOf(photo.width, photo.height), bytes: statSync(photo.file).size }));
}

/** One of them, made if it is not there yet. @param {number} width @param {number} height @param {string} kind @returns {Promise<string>} its path */
export async function madePhoto(width, height, kind) {
  mkdirSync(FOLDER, { recursive: true });
  const file = pathOf(width, height, kind);
  if (!existsSync(file)) await write(file, KINDS[kind], width, height, await facePhoto());
  return file;
}

/** @param {number} width @param {number} height @param {string} kind */
const pathOf = (width, height, kind) => join(FOLDER, `${width}x${height} ${kind.replaceAll(':', '')}.jpg`);

/** 0.06, 1, 3, 9, 12, 48. @param {number} width @param {number} height */
const megapixelsOf = (width, height) => Number(((width * height) / 1e6).toPrecision(width < 1000 ? 1 : 2));

/** A photo of one face, cropped to 3 : 4. @returns {Promise<import('../web/types.js').Picture>} */
async function facePhoto() {
  const session = await openSession({ thorough: false });
  const path = join(shared, 'data/deepface-pairs/img1.jpg');
  try {
    const isThere = existsSync(path);
    session.openPhoto(readFileSync(isThere ? path : demoPhotos[0]));
    if (!isThere) session.detect();
    return isThere ? session.preview(1280) : session.portrait(0, 800);
  } finally {
    session.close();
  }
}

/** @param {string} file @param {string[]} how @param {number} width @param {number} height @param {import('../web/types.js').Picture} source */
async function write(file, how, width, height, source) {
  const cjpeg = spawn('cjpeg', ['-quality', String(QUALITY), ...how], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => cjpeg.on('error', reject).on('close', resolve));
  const written = new Promise((resolve) => cjpeg.stdout.pipe(createWriteStream(`${file}.partial`)).on('close', () => resolve(undefined)));
  Readable.from(ppm(width, height, source)).pipe(cjpeg.stdin);
  if (await ended) throw new Error(`cjpeg could not write ${file}`);
  await written;
  renameSync(`${file}.partial`, file);
}

/** The middle of the source, enlarged by bilinear interpolation. @param {number} width @param {number} height @param {import('../web/types.js').Picture} source */
function* ppm(width, height, source) {
  const from = new Uint8Array(source.rgba);
  const scale = Math.min(source.width / width, source.height / height);
  const [left, top] = [(source.width - width * scale) / 2, (source.height - height * scale) / 2];
  const noise = normal(seeded(1), 65_521, NOISE);
  yield Buffer.from(`P6 ${width} ${height} 255\n`);
  for (let y = 0, n = 0; y < height; y++) {
    const row = Buffer.alloc(width * 3);
    const sy = Math.min(source.height - 1.001, top + y * scale);
    for (let x = 0; x < width; x++) {
      const sx = Math.min(source.width - 1.001, left + x * scale);
      const [ix, iy] = [Math.floor(sx), Math.floor(sy)];
      const at = (iy * source.width + ix) * 4;
      const grain = noise[n++ % noise.length];
      for (let c = 0; c < 3; c++) {
        const upper = from[at + c] + (from[at + 4 + c] - from[at + c]) * (sx - ix);
        const below = at + 4 * source.width + c;
        const lower = from[below] + (from[below + 4] - from[below]) * (sx - ix);
        row[3 * x + c] = Math.min(255, Math.max(0, Math.round(upper + (lower - upper) * (sy - iy) + grain)));
      }
    }
    yield row;
  }
}
