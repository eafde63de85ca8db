/** Running the real `doppel`, and small files for it to work on. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createHash } from 'node:crypto';
import { demoPhotos, program } from '../places.mjs';

export { greyPng } from '../png.mjs';

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

/** The people of a gallery, from its pages. @param {string} folder @returns {{id: string, name: string, photos: number[], fields: Record<string, string>}[]} */
export function peopleOf(folder) {
  return readJson(join(folder, 'gallery.json')).files.people.flatMap((/** @type {{path: string}} */ { path }) =>
    readJson(join(folder, path)),
  );
}
