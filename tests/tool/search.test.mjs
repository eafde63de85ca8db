/** `doppel search` with more than one photo and a gallery: some people only, and several photos of one person. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { doppel, fill, greyPng, peopleOf, readJson, sample, scratch, sha256 } from './program.mjs';

const folder = scratch();
const gallery = join(folder, 'gallery');
fill(folder, { 'wall.png': greyPng(300, 200) });

before(async () => {
  const photos = fill(join(folder, 'photos'), Object.fromEntries(demoPhotos.map((_, i) => [`${i + 1}.jpg`, sample(i + 1)])));
  const rows = demoPhotos.map((_, i) => `Sample ${i + 1},${i + 1}.jpg,${i % 2 ? 'even' : 'odd'},${2000 + (i >> 1)}`);
  fill(folder, { 'roster.csv': `name,photo,shield_no,year\n${rows.join('\n')}\n` });
  const made = await doppel('build', join(folder, 'roster.csv'), '--photos', photos, '-o', gallery, '--title', 'Six');
  assert.equal(made.code, 0, made.err);
});

/** The answer's JSON. @param {...string} args */
async function search(...args) {
  const { code, out, err } = await doppel('search', gallery, ...args, '--json');
  assert.equal(code, 0, err);
  return { ...JSON.parse(out), err };
}

/** @param {{matches: {name: string, similarity: number}[]}} face */
const names = (face) => face.matches.map(({ name }) => name);
const number = (/** @type {{name: string}} */ { name }) => Number(name.slice('Sample '.length));

describe('--where', () => {
  test('leaves the people who have the value, in the order and with the similarity of a search among all', async () => {
    const { faces } = await search(demoPhotos[2], '-k', '6');
    const { faces: odd } = await search(demoPhotos[2], '-k', '6', '--where', 'shield_no=odd');
    assert.equal(odd.length, faces.length);
    for (const [i, face] of odd.entries())
      assert.deepEqual(
        face.matches.map((/** @type {any} */ match) => ({ ...match, rank: 0 })),
        faces[i].matches.filter((/** @type {any} */ m) => number(m) % 2).map((/** @type {any} */ m) => ({ ...m, rank: 0 })),
      );
  });

  test('takes labels, names and any case; two fields must both hold, of one field either', async () => {
    const asked = async (/** @type {string[]} */ ...conditions) =>
      names((await search(demoPhotos[2], ...conditions.flatMap((c) => ['--where', c]))).faces[0]).sort();
    assert.deepEqual(await asked('Shield no=EVEN'), ['Sample 2', 'Sample 4', 'Sample 6']);
    assert.deepEqual(await asked('shield_no=even', 'year=2000'), ['Sample 2']);
    assert.deepEqual(await asked('year=2000', 'shield_no=odd', 'year=2002'), ['Sample 1', 'Sample 5']);
    assert.deepEqual(await asked('name=sample 4'), ['Sample 4']);
  });

  test('says which fields there are, and when nobody is left', async () => {
    const unknown = await doppel('search', gallery, demoPhotos[2], '--where', 'rank=captain');
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /has no field "rank"; --where can ask for: name, shield_no, year\.$/m);
    const nobody = await doppel('search', gallery, demoPhotos[2], '--where', 'year=2001', '--where', 'name=Sample 1');
    assert.equal(nobody.code, 1);
    assert.match(nobody.err, /Nobody in the gallery .* has year=2001, name=Sample 1;/);
    const wrong = await doppel('search', gallery, demoPhotos[2], '--where', 'captain');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /--where wants FIELD=VALUE, not `captain`/);
  });

  test('fails with a sentence where a people page is not what the manifest says', async () => {
    const copy = join(folder, 'short');
    const manifest = readJson(join(gallery, 'gallery.json'));
    const page = manifest.files.people[0];
    const shard = manifest.files.embeddings[0].path;
    const text = JSON.stringify(peopleOf(gallery).slice(0, 4));
    manifest.files.people = [{ ...page, bytes: text.length, sha256: sha256(text) }];
    fill(copy, { 'gallery.json': JSON.stringify(manifest), [page.path]: text, [shard]: readFileSync(join(gallery, shard)) });
    const { code, err } = await doppel('search', copy, demoPhotos[2], '--where', 'year=2000');
    assert.equal(code, 1);
    assert.match(err, /does not say who person 4 is; build it again\.$/m);
    writeFileSync(join(copy, page.path), '[]');
    assert.equal((await doppel('search', copy, demoPhotos[2], '--where', 'year=2000')).code, 1);
  });
});

describe('--same-person', () => {
  test('searches once with the mean of several photos', async () => {
    const [one, two] = [demoPhotos[2], demoPhotos[3]];
    const { faces, photos, photo, err } = await search(one, two, '--same-person', '-k', '6');
    assert.equal(photo, undefined);
    assert.deepEqual(photos.map((/** @type {any} */ entry) => entry.photo), [one, two]);
    assert.equal(faces.length, 1);
    assert.deepEqual(names(faces[0]).slice(0, 2).sort(), ['Sample 3', 'Sample 4']); /* half way between both */
    const [first, second] = faces[0].matches;
    assert.ok(first.similarity < 0.99 && Math.abs(first.similarity - second.similarity) < 0.02);
    assert.match(err, /do not look like one person/);
  });

  test('the same photo twice is the photo', async () => {
    const { faces: alone } = await search(demoPhotos[1]);
    const { faces, err } = await search(demoPhotos[1], demoPhotos[1], '--same-person');
    assert.deepEqual(names(faces[0]), names(alone[0]));
    assert.equal(err, '');
    const words = await doppel('search', gallery, demoPhotos[1], demoPhotos[1], '--same-person', '-k', '1');
    assert.match(words.out, /^2 photos of one person\n +1\. Sample 2, similarity 1\.000/);
  });

  test('a photo without a face is named', async () => {
    const { code, err } = await doppel('search', gallery, demoPhotos[1], join(folder, 'wall.png'), '--same-person');
    assert.equal(code, 1);
    assert.match(err, /No face was found in .*wall\.png/);
  });

  test('several photos without it are a mistake', async () => {
    const { code, err } = await doppel('search', gallery, demoPhotos[1], demoPhotos[2]);
    assert.equal(code, 2);
    assert.match(err, /several photos of one person go with --same-person/);
  });
});
