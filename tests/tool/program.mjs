/** Running the real `doppel`, and small files for it to work on. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { demoPhotos, program } from '../places.mjs';

const binary = process.env.DOPPEL_PROGRAM ?? program;

/** Where the program looks for networks. */
export const models = join(dirname(dirname(binary)), 'models');

/** @typedef {{code: number, out: string, err: string}} Ended */

/** Runs `doppel` to its end. @param {...string} args @returns {Promise<Ended>} */
export function doppel(...args) {
  return new Promise((resolve, reject) => {
    execFile(binary, args, { maxBuffer: 1 << 26 }, (error, out, err) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

/** A folder that goes away when the test process ends. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'doppel-tool-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files below a folder: text, bytes, or a photo to copy. @param {string} folder @param {Record<string, string | Uint8Array | {copy: string}>} files */
export function fill(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
    else copyFileSync(content.copy, path);
  }
  return folder;
}

/** The demo photo with this number, 1 to 6. @param {number} number */
export const sample = (number) => ({ copy: demoPhotos[number - 1] });

/** A grey PNG: a photo without a face. @param {number} width @param {number} height */
export function greyPng(width, height) {
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crcOf(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 128);
  for (let y = 0; y < height; ++y) rows[y * (width + 1)] = 0;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** @param {Buffer} bytes */
function crcOf(bytes) {
  if (crc32) return crc32(bytes);
  let crc = 0xffffffff; // node before 20.15 has no zlib.crc32
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {string | Uint8Array} bytes */
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Path and sha256 of every file below a folder, in order: what two folders must have in common to be the same. @param {string} folder */
export function fingerprint(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => `${relative(folder, path)} ${sha256(readFileSync(path))}`)
    .sort();
}

/** @param {string} path */
export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The people of a gallery, from its pages. @param {string} folder @returns {{name: string, photos: number[], fields: Record<string, string>}[]} */
export function peopleOf(folder) {
  return readJson(join(folder, 'gallery.json')).files.people.flatMap((/** @type {{path: string}} */ { path }) =>
    readJson(join(folder, path)),
  );
}
