/** `doppel build --corrections`: which entries are one person, and which photo shows somebody else. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { doppel, fill, fingerprint, peopleOf, readJson, sample, scratch, sha256 } from './program.mjs';

const folder = scratch();
const photos = fill(join(folder, 'photos'), { 'a.jpg': sample(1), 'b.jpg': sample(4), 'c.jpg': sample(6), 'more/d.jpg': sample(2), 'e.jpg': sample(3) });
const roster = 'name,photo,person_id,rank,year\nAda,a.jpg,1,captain,\nBen,b.jpg,2,,1999\nCleo,c.jpg,3,chief,\nCleo,e.jpg,3,,\nAda,more/d.jpg,4,,2001\n';
fill(folder, { 'roster.csv': roster });

/** @param {string} name @param {object | string} corrections @param {...string} options */
async function build(name, corrections, ...options) {
  fill(folder, { [`${name}.json`]: typeof corrections === 'string' ? corrections : JSON.stringify(corrections) });
  const out = join(folder, name);
  const { code, err } = await doppel('build', join(folder, 'roster.csv'), '--photos', photos, '-o', out, '--quiet', '--title', 'Cast',
    '--corrections', join(folder, `${name}.json`), ...options);
  return { code, err, out, people: code ? [] : peopleOf(out).map(({ id, name, photos, fields }) => [id, name, photos.length, fields.rank, fields.year]) };
}

/** As the page saves it. @param {string} verdict @param {string} id of the person @param {number} photo of the demo @param {string} name of the file @param {object} [about] */
const decision = (verdict, id, photo, name, about = {}) => ({
  verdict, decided: '2026-01-01T00:00:00Z', gallery: 'Cast', gallery_id: 'cast', person_id: id, name: '', similarity: 0.5, less_alike: null,
  photo_name: name, photo_sha256: sha256(readFileSync(demoPhotos[photo - 1])), largest_face: true, face: { x: 0, y: 0, width: 9, height: 9 }, ...about,
});
/** @param {...object} decisions */
const saved = (...decisions) => ({ format: 'doppel-decisions', version: 2, exported: '2026-01-01T00:00:00Z', decisions });
const id = ['--id', 'cast'];

describe('corrections by hand', () => {
  test('join entries under the first one: its id and name, what it lacks from the others', async () => {
    const { code, err, people, out } = await build('same', { same_person: [['1', '4', 'Ben']] });
    assert.equal(code, 0, err);
    assert.deepEqual(readJson(join(out, 'gallery.json')).joined_people, { 2: '1', 4: '1' }, 'for decisions that visitors keep');
    assert.deepEqual(people, [['1', 'Ada', 3, 'captain', '1999'], ['3', 'Cleo', 2, 'chief', undefined]]);
    assert.match(err, /Corrections joined 2 entries with another one\./);
  });

  test('take a photo out of an entry, or give it to another one', async () => {
    const { code, err, people, out } = await build('not', { not_this_person: [{ photo: 'e.jpg', person: 'Cleo', is: '2' }, { photo: 'd.jpg', person: '4' }] });
    assert.equal(code, 0, err);
    assert.deepEqual(people, [['1', 'Ada', 1, 'captain', undefined], ['2', 'Ben', 2, undefined, '1999'], ['3', 'Cleo', 1, 'chief', undefined]]);
    assert.ok(!JSON.stringify(peopleOf(out)).includes('2001'), 'an entry without a photo is nowhere');
    assert.match(err, /Corrections took 2 photos out of an entry/);
  });

  test('may come in several files, and in parts of a build', async () => {
    fill(folder, { 'one.json': '{"same_person": [["1", "4"]]}', 'two.json': '{"not_this_person": [{"photo": "e.jpg", "person": "3"}]}' });
    const command = ['build', join(folder, 'roster.csv'), '--photos', photos, '--quiet', '--corrections', join(folder, 'one.json'), '--corrections', join(folder, 'two.json')];
    const whole = join(folder, 'whole'), merged = join(folder, 'merged');
    assert.equal((await doppel(...command, '-o', whole)).code, 0);
    for (const part of ['1/2', '2/2']) assert.equal((await doppel(...command, '-o', join(folder, part.replace('/', '-')), '--part', part)).code, 0);
    assert.equal((await doppel('merge', join(folder, '1-2'), join(folder, '2-2'), '-o', merged)).code, 0);
    assert.deepEqual(fingerprint(merged), fingerprint(whole));
    assert.deepEqual(readJson(join(merged, 'gallery.json')).joined_people, { 4: '1' });
    assert.deepEqual(peopleOf(whole).map(({ photos }) => photos.length), [2, 1, 1]);
  });

  /** @type {[string, object | string, RegExp][]} */
  const refused = [
    ['an id that no person has', { same_person: [['1', '99']] }, /same_person 1: no person with a photo in this build has the id or name "99"/],
    ['a name that two have', { same_person: [['3', 'Ada']] }, /several people are called "Ada"; write the id/],
    ['a number in place of text', { same_person: [[1, 2]] }, /same_person 1 names no person; write an id or a name, in quotes/],
    ['one person alone', { same_person: [['1']] }, /is not a list of two or more people/],
    ['a photo of somebody else', { not_this_person: [{ photo: 'a.jpg', person: '2' }] }, /the entry of Ben has no photo "a\.jpg"/],
    ['a photo that is the same person and is not', { same_person: [['3', '2']], not_this_person: [{ photo: 'e.jpg', person: '3', is: '2' }] }, /say both that Cleo \(3\) and Ben \(2\) are one person and that they are not/],
    ['a word that is no correction', { same_persons: [] }, /has an entry "same_persons"; there are decisions, same_person and not_this_person/],
    ['another format', { format: 'doppel-gallery', decisions: [] }, /has the format "doppel-gallery"/],
    ['nothing', {}, /holds no corrections/],
    ['a verdict that there is not', saved(decision('yes', '1', 1, 'a.jpg')), /decision 1: the verdict is "yes"/],
    ['what is no JSON', '{"same_person": [', /is not JSON/],
    ['all photos taken away', { not_this_person: ['a.jpg 1', 'b.jpg 2', 'c.jpg 3', 'e.jpg 3', 'd.jpg 4'].map((text) => ({ photo: text.split(' ')[0], person: text.split(' ')[1] })) }, /leave no photo/],
  ];
  for (const [what, corrections, words] of refused)
    test(`${what}: a sentence, and no gallery`, async () => {
      const { code, err } = await build(`refused-${what.replaceAll(/\W/g, '-')}`, corrections);
      assert.equal(code, 1);
      assert.match(err, words);
    });

  test('do not go with --all-faces, where every face is an entry', async () => {
    const { code, err } = await build('faces', { same_person: [] }, '--all-faces');
    assert.equal(code, 2);
    assert.match(err, /with --all-faces every face is an entry/);
  });
});

describe('decisions that the page has saved', () => {
  test("join the entry of a photo with that of the person it was confirmed as, and take out what was rejected as its own", async () => {
    const { code, err, people } = await build('decided', saved(decision('confirm', '1', 2, 'd.jpg'), decision('reject', '3', 3, 'e.jpg'), decision('unsure', '1', 4, 'b.jpg')), ...id);
    assert.equal(code, 0, err);
    assert.deepEqual(people, [['1', 'Ada', 2, 'captain', '2001'], ['2', 'Ben', 1, undefined, '1999'], ['3', 'Cleo', 1, 'chief', undefined]]);
    assert.match(err, /2 decisions of visitors were applied/);
  });

  test('change nothing where they are about another gallery, photo, face or person; the report counts them', async () => {
    const { code, err, people, out } = await build('elsewhere', saved(
      decision('confirm', '1', 2, 'd.jpg', { gallery_id: 'crew' }),
      decision('confirm', '1', 5, 'd.jpg'),
      decision('confirm', '1', 2, 'holiday.jpg'),
      decision('confirm', '1', 2, 'd.jpg', { largest_face: false }),
      decision('confirm', '77', 2, 'd.jpg'),
    ), ...id);
    assert.equal(code, 0, err);
    assert.equal(people.length, 4);
    const { notes } = readJson(join(`${out}.report`, 'report.json'));
    assert.ok(notes.some((/** @type {string} */ text) => /^1 decisions are about another gallery/.test(text)), notes.join('\n'));
    assert.ok(notes.some((/** @type {string} */ text) => /^4 decisions change nothing/.test(text)), notes.join('\n'));
  });

  test('that contradict each other stop the build', async () => {
    const { code, err } = await build('both', saved(decision('confirm', '1', 2, 'd.jpg'), decision('reject', '1', 2, 'd.jpg')), ...id);
    assert.equal(code, 1);
    assert.match(err, /say both that Ada \(1\) and Ada \(4\) are one person and that they are not/);
  });

  test('open no photo of a record that must not be matched', async () => {
    fill(folder, { 'trap.csv': 'name,photo,person_id,use_for_matching\nAda,a.jpg,1,\nTrap,trap.jpg,2,no\n', 'trap.json': JSON.stringify(saved(decision('confirm', '1', 1, 'trap.jpg', { photo_sha256: null }))) });
    const out = join(folder, 'trap');
    const { code, err } = await doppel('build', join(folder, 'trap.csv'), '--photos', photos, '-o', out, '--quiet', '--id', 'cast', '--corrections', join(folder, 'trap.json'));
    assert.equal(code, 0, err);
    assert.deepEqual(peopleOf(out).map(({ name, photos }) => [name, photos.length]), [['Ada', 1]]);
    assert.match(err, /1 decisions change nothing/);
    const merged = await doppel('build', join(folder, 'trap.csv'), '--photos', photos, '-o', join(folder, 'trap2'), '--quiet', '--corrections', join(fill(folder, { 'join.json': '{"same_person": [["1", "2"]]}' }), 'join.json'));
    assert.equal(merged.code, 1);
    assert.match(merged.err, /no person with a photo in this build has the id or name "2"/);
  });
});
