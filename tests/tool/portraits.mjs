/** A folder of portraits with a roster for tests of long work: LFW's where they are, and the demo photos. */
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoPhotos, shared } from '../places.mjs';
import { doppel, fill, greyPng } from './program.mjs';

const lfw = join(shared, 'data/lfw-dev/images');

/** Up to `count` photos of LFW, in the order of their names. @param {number} count */
function lfwPhotos(count) {
  if (!existsSync(lfw)) return [];
  const people = readdirSync(lfw).sort();
  return people
    .flatMap((name) => readdirSync(join(lfw, name)).sort().map((file) => ({ name, path: join(lfw, name, file) })))
    .slice(0, count);
}

/** @typedef {{photos: string, roster: string, count: number, lfw: number}} Portraits */

/**
 * `photos` and `roster` below `folder`: LFW's people, those of the demo photos, and what a build leaves out.
 * @param {string} folder @param {number} count photos of LFW @returns {Portraits}
 */
export function portraits(folder, count) {
  const photos = join(folder, 'photos');
  const records = [];
  for (const [i, { name, path }] of lfwPhotos(count).entries()) {
    fill(photos, { [`lfw-${i}.jpg`]: { copy: path } });
    records.push({ name, photo: `lfw-${i}.jpg`, department: i % 2 ? 'North' : 'South' });
  }
  const found = records.length;
  for (const [i, path] of demoPhotos.entries()) {
    fill(photos, { [`demo-${i}.jpg`]: { copy: path } });
    records.push({ name: `Demo ${i}`, photo: `demo-${i}.jpg`, department: 'South' });
  }
  fill(photos, { 'wall.png': greyPng(64, 64), 'notes.jpg': 'no photo', 'copy.jpg': { copy: demoPhotos[0] } });
  for (const photo of ['wall.png', 'notes.jpg', 'gone.jpg', '../outside.jpg', 'copy.jpg', 'wall.png'])
    records.push({ name: photo, photo, department: 'North' });
  records.push({ name: 'Kept out', photo: 'secret.jpg', department: 'West' });
  const roster = join(folder, 'roster.json');
  writeFileSync(roster, JSON.stringify(records));
  fill(folder, { 'departments.csv': 'name,jurisdiction,face_matching\nNorth,Ohio,yes\nSouth,Utah,yes\nWest,Utah,no\n' });
  return { photos, roster, count: records.length - 1, lfw: found };
}

/** The journal in a work folder or part. @param {string} place */
export const journalOf = (place) => join(place, readdirSync(place).find((name) => name.endsWith('.journal')) ?? 'no journal');

/** Its length; 0 where there is none yet. @param {string} place */
export const journalSize = (place) =>
  existsSync(place) ? (statSync(journalOf(place), { throwIfNoEntry: false })?.size ?? 0) : 0;

/** The options of a build of them. @param {string} folder */
export const optionsOf = (folder) => [
  join(folder, 'roster.json'), '--photos', join(folder, 'photos'), '--departments', join(folder, 'departments.csv'), '--title', 'Portraits', '--publisher', ' The  city ',
];

/** Builds into `out`. @param {string} folder @param {string} out @param {...string} more */
export const buildAll = (folder, out, ...more) => doppel('build', ...optionsOf(folder), '-o', out, ...more);
