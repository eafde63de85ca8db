/** `doppel build` and the fields worth filtering by: each a column file that says of everybody what the roster says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { doppel, fill, peopleOf, readJson, sample, scratch, sha256 } from './program.mjs';

const folder = scratch();
const gallery = join(folder, 'gallery');

/** Rank is shared; badges are not; of two people nothing is said of the year; remarks are too long to choose from. */
const remark = 'r'.repeat(121);
const roster = `name,photo,rank,badge,year,remark
Ada,1.jpg,captain,1,2001,${remark}
Ben,2.jpg,"chief, acting",2,2002,${remark}
Cem,3.jpg,captain,3,,
Dora,4.jpg,captain,4,2001,
Emil,5.jpg,"chief, acting",5,,
Fay,6.jpg,"chief, acting",6,2002,
`;

before(async () => {
  fill(folder, { 'roster.csv': roster });
  fill(join(folder, 'photos'), Object.fromEntries(demoPhotos.map((_, i) => [`${i + 1}.jpg`, sample(i + 1)])));
  const made = await doppel('build', join(folder, 'roster.csv'), '--photos', join(folder, 'photos'), '-o', gallery, '--quiet');
  assert.equal(made.code, 0, made.err);
});

/** A column as docs/formats/gallery.md specifies it. @param {{path: string, sha256: string, bytes: number}} entry @returns {{key: string, values: string[], people: string[]}} */
function columnOf(entry) {
  const file = readFileSync(join(gallery, entry.path));
  assert.deepEqual([sha256(file), file.length], [entry.sha256, entry.bytes]);
  const end = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, end));
  const { format, kind, key, values } = JSON.parse(header.__metadata__.doppel);
  assert.deepEqual([format, kind, header.value.dtype], [1, 'column', 'U16']);
  const people = Array.from({ length: header.value.shape[0] }, (_, i) => values[file.readUInt16LE(end + 2 * i)]);
  return { key, values, people };
}

test('a field whose values are shared becomes a column, and no other does', () => {
  /** @type {ReturnType<typeof columnOf>[]} */
  const columns = readJson(join(gallery, 'gallery.json')).files.columns.map(columnOf);
  assert.deepEqual(columns.map(({ key, values }) => [key, values]), [
    ['rank', ['captain', 'chief, acting']],
    ['year', ['', '2001', '2002']],
  ]);
  for (const { key, people } of columns) assert.deepEqual(people, peopleOf(gallery).map(({ fields }) => fields[key] ?? ''));
});

test('the program looks at columns as at every file of a gallery', async () => {
  assert.equal((await doppel('inspect', gallery)).code, 0);
  const { path } = readJson(join(gallery, 'gallery.json')).files.columns[0];
  const file = readFileSync(join(gallery, path));
  fill(gallery, { [path]: Buffer.from(file).fill(0x20, 60, 61) });
  const damaged = await doppel('inspect', gallery);
  assert.equal(damaged.code, 1);
  assert.match(damaged.err, /column-0000\..*is not the file that the gallery lists/);
  fill(gallery, { [path]: file });
});
