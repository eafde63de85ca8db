/** A gallery with fields to choose people by, built by the native program as a host would: one face of each demo photo. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { demoPhotos } from '../places.mjs';
import { doppel, fill, sample, scratch } from '../tool/program.mjs';

/** @type {Promise<string> | null} */
let built = null;

/** @returns {Promise<string>} its folder, gone when the process ends */
export const galleryWithFields = () => (built ??= buildGallery());

async function buildGallery() {
  const folder = scratch();
  const gallery = join(folder, 'gallery');
  const rows = demoPhotos.map((_, i) => `Sample ${i + 1},${i + 1}.jpg,${i === 1 || i === 3 ? 'captain' : 'chief'},${i < 4 ? 2001 + (i >> 1) : ''}`);
  fill(folder, { 'roster.csv': `name,photo,rank,year\n${rows.join('\n')}\n` });
  fill(join(folder, 'photos'), Object.fromEntries(demoPhotos.map((_, i) => [`${i + 1}.jpg`, sample(i + 1)])));
  const made = await doppel('build', join(folder, 'roster.csv'), '--photos', join(folder, 'photos'), '-o', gallery, '--quiet');
  assert.equal(made.code, 0, made.err);
  return gallery;
}

/** What `doppel search` finds in it for each face. @param {...string} args @returns {Promise<{name: string, similarity: number}[][]>} */
export async function searchNatively(...args) {
  const { code, out, err } = await doppel('search', await galleryWithFields(), ...args, '--json');
  assert.equal(code, 0, err);
  return JSON.parse(out).faces.map((/** @type {any} */ face) => face.matches);
}
