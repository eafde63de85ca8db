/**
 * A person all of whose records are out appears nowhere. Words that only excluded records hold are looked for in all that
 * `doppel` writes: gallery, report, work folder, parts, console, and what export, inspect and search make of the gallery.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { seeded } from '../random.mjs';
import { npyFile, stored, voyagerIndex } from '../voyager.mjs';
import { demoPhotos } from '../places.mjs';
import { doppel, fill, peopleOf, readJson, sample, scratch } from './program.mjs';

const ROUNDS = 8;
const SEED = Number(process.env.DOPPEL_SEED ?? 12);

const folder = scratch();
/* Two files whose names nobody may read, one of them with a face that would be shown. */
const photos = fill(join(folder, 'photos'), { 'ada.jpg': sample(1), 'ben.jpg': sample(4), 'HUSHEDpath-one.jpg': sample(5), 'HUSHEDpath-two.jpg': 'no photo', 'HUSHEDdir/HUSHEDin.jpg': sample(6) });

/** All that lies below some folders, file names included. @param {string[]} places */
const contents = (places) =>
  places.flatMap((place) => readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name)))
    .map((path) => `${path.slice(folder.length)}\n${readFileSync(path, 'latin1')}`).join('\n');

/** @param {string} text @param {string} what */
function silent(text, what) {
  const at = text.search(/HUSHED/i);
  assert.equal(at, -1, `${what}: ${JSON.stringify(text.slice(Math.max(0, at - 120), at + 60))}`);
}

/** Everything that can be asked of a gallery. @param {string} gallery */
async function answers(gallery) {
  const out = fill(`${gallery}-answers`, { 'asked.txt': '' });
  const commands = [
    ['inspect', gallery], ['inspect', gallery, '--json'], ['verify', gallery], ['search', gallery, demoPhotos[4], '--json'],
    ...['csv', 'json', 'npy', 'voy'].map((ending) => ['export', gallery, '-o', join(out, `records-${ending}.${ending}`), '--quiet']),
  ];
  let said = '';
  for (const command of commands) {
    const { out: text, err } = await doppel(...command);
    said += text + err;
  }
  return said + contents([out]);
}

/** @template T @param {T[]} list @param {() => number} random @returns {T[]} */
const shuffled = (list, random) => list.map((one) => ({ one, at: random() })).sort((a, b) => a.at - b.at).map(({ one }) => one);

/** The ways in which a record is kept out. @type {object[]} */
const reasons = [
  { use_for_matching: 'no' }, { use_for_matching: 'ＮＯ\u00a0' }, { state: 'Illinois' }, { state: 'HUSHEDtown, IL' }, { department: 'HUSHED Illinois State Police' }, { department: 'Closed HUSHED PD' },
  { department: 'HUSHED unlisted PD' }, { state: ['Ohio', 'Ill.'] },
];

/** Records of people who are out, with their words in every place that a record has. @param {number} i @param {object} reason */
const outRecords = (i, reason) => [
  { person: `HUSHED-${i}`, name: `HUSHED name ${i}`, photo: 'HUSHEDpath-one.jpg', badge: `HUSHEDbadge${i}`, link: `https://hushed${i}.example/`, [`HUSHED key ${i}`]: 'HUSHED value', ...reason },
  { person: `hushed-${i}`, name: `HUSHED other name ${i}`, photo: './HUSHEDPATH-two.jpg', rank: 'HUSHED rank', box: '', ...reason },
  { person: `HUSHED-${i}`, name: 'HUSHED', photo: 'HUSHEDdir/HUSHEDin.jpg', ...reason },
];

/** Ada and Ben, each with a record that is out; what that one says is said by nobody else. @param {object} reason */
const inRecords = (reason) => [
  { person: 'a-1', name: 'Ada', photo: 'ada.jpg', rank: 'captain', department: 'Open PD', state: 'Ohio' },
  { person: 'A-1', name: 'HUSHED Ada', photo: 'HUSHEDpath-two.jpg', rank: 'HUSHED', badge: 'HUSHED', ...reason },
  { person: 'b-2', name: 'Ben', photo: 'ben.jpg', department: 'Open PD', state: 'Ohio' },
  { person: 'b-2', name: 'Ben', photo: 'path-one.jpg', department: 'Open PD', state: 'Ohio' },
  { person: 'b-2', name: 'Ben', photo: 'dir/in.jpg', department: 'Open PD', state: 'Ohio' },
];

/** @param {object[]} records */
function csvOf(records) {
  const keys = [...new Set(records.flatMap(Object.keys))];
  const cell = (/** @type {unknown} */ value) => `"${String(Array.isArray(value) ? value.join('; ') : (value ?? '')).replaceAll('"', '""')}"`;
  return [keys.map(cell).join(), ...records.map((record) => keys.map((key) => cell(/** @type {any} */ (record)[key])).join()), ''].join('\n');
}

before(() => void fill(folder, { 'departments.csv': 'name,jurisdiction,face_matching\nOpen PD,Ohio,yes\nClosed HUSHED PD,Ohio,no\nHUSHED nobody’s PD,Ohio,yes\n' }));
const rules = ['--departments', join(folder, 'departments.csv')];

describe('nothing of excluded records is written', () => {
  for (let round = 0; round < ROUNDS; round++)
    test(`by a build, its parts, and what reads the gallery (seed ${SEED}, round ${round})`, async () => {
      const random = seeded(SEED + round);
      const reason = () => reasons[Math.floor(random() * reasons.length)];
      const records = shuffled([...inRecords(reasons[round % reasons.length]), ...outRecords(1, reason()), ...outRecords(2, reasons[round % reasons.length])], random);
      const home = fill(join(folder, `round-${round}`), { roster: round % 2 ? csvOf(records) : JSON.stringify(records) });
      const gallery = join(home, 'gallery'), command = ['build', join(home, 'roster'), '--photos', photos, ...rules];
      const { code, out, err } = await doppel(...command, '-o', gallery);
      assert.equal(code, 0, err);
      assert.deepEqual(peopleOf(gallery).map(({ id, name, photos: own }) => [id, name, own.length]).sort(), [['a-1', 'Ada', 1], ['b-2', 'Ben', 1]]);
      assert.equal(readJson(join(`${gallery}.report`, 'report.json')).skipped.unreadable, 0, 'a photo of an excluded record was opened');
      silent(out + err, 'console');
      silent(contents([gallery]), 'gallery');
      silent(contents([`${gallery}.report`]), 'report');
      silent(contents([`${gallery}.work`]), 'work folder');
      silent(await answers(gallery), 'export, inspect or search');
      if (round > 1) return;
      for (const part of ['1/2', '2/2']) {
        const made = await doppel(...command, '-o', join(home, part.replace('/', '-')), '--part', part);
        assert.equal(made.code, 0, made.err);
        silent(made.out + made.err + contents([join(home, part.replace('/', '-'))]), `part ${part}`);
      }
      const merged = await doppel('merge', join(home, '1-2'), join(home, '2-2'), '-o', join(home, 'merged'));
      assert.equal(merged.code, 0, merged.err);
      silent(merged.out + merged.err + contents([join(home, 'merged'), join(home, 'merged.report')]), 'merge');
    });

  test('by a build with a list of photos: ids without a partner are named only where their record is let in', async () => {
    const home = fill(join(folder, 'list'), {
      'roster.json': JSON.stringify([{ id: 1, name: 'Ada' }, { id: 2, name: 'Ben' }, { id: 'HUSHED3', name: 'HUSHED', use_for_matching: 'no' }, { id: 'HUSHED4', name: 'HUSHED', state: 'IL' }, { id: 5, name: 'Cleo' }]),
      'list.json': JSON.stringify([
        { officer_id: 1, photo: 'ada.jpg' }, { officer_id: 2, photo: 'ben.jpg' }, { officer_id: 'HUSHED4', photo: 'HUSHEDpath-one.jpg' },
        { officer_id: 'HUSHED7', photo: 'HUSHEDpath-two.jpg', use_for_matching: 'no' }, { officer_id: 8, photo: 'eight.jpg' },
        { officer_id: 2, photo: 'HUSHEDPATH-TWO.jpg' }, { officer_id: '', photo: 'HUSHEDdir/HUSHEDin.jpg', use_for_matching: false },
      ]),
    });
    const gallery = join(home, 'gallery');
    const { code, out, err } = await doppel('build', join(home, 'roster.json'), '--photo-list', join(home, 'list.json'), '--photos', photos, '-o', gallery, '--quiet');
    assert.equal(code, 0, err);
    assert.match(err, /3 photos of the list belong to nobody in the roster \(officer_id: 8 and 2 more\)\./);
    assert.match(err, /2 records of the roster have no photo in the list \(id: 5 and 1 more\)\./);
    assert.deepEqual(peopleOf(gallery).map(({ name, photos: own }) => [name, own.length]), [['Ada', 1], ['Ben', 1]]);
    silent(out + err + contents([gallery, `${gallery}.report`, `${gallery}.work`]), 'build with a list');
  });

  test('as cover or sample photo of the host, under whichever path', async () => {
    const home = fill(join(folder, 'pictures'), {
      'roster.json': JSON.stringify([{ name: 'Ada', photo: 'ada.jpg' }, { name: 'Ben', photo: 'ben.jpg', state: 'Illinois' }]),
      'vectors.npy': npyFile([0, 1].map(() => Array.from({ length: readJson(join(folder, 'round-0', 'gallery', 'gallery.json')).embedder.dimension }, (_, k) => Number(k === 0)))),
    });
    symlinkSync(join(photos, 'ben.jpg'), join(home, 'link.jpg'));
    const roster = join(home, 'roster.json'), out = join(home, 'gallery');
    for (const command of [['build', roster], ['adopt', join(home, 'vectors.npy'), '--roster', roster, '--embedder', 'mfn']])
      for (const picture of ['--sample', '--cover']) {
        const { code, err } = await doppel(...command, '--photos', photos, '-o', out, picture, join(home, 'link.jpg'), '--quiet');
        assert.equal(code, 1);
        assert.match(err, /link\.jpg is a photo that must not be matched, by the roster or its rules; choose another picture\./);
        assert.ok(!existsSync(out));
      }
  });

  test('by adopt: neither records nor ids of vectors that must not be matched', async () => {
    const dimension = readJson(join(folder, 'round-0', 'gallery', 'gallery.json')).embedder.dimension;
    const random = seeded(SEED);
    const vectors = Array.from({ length: 4 }, () => Array.from({ length: dimension }, () => random() - 0.5));
    const home = fill(join(folder, 'adopt'), {
      'roster.json': JSON.stringify([{ id: 'a', name: 'Ada' }, { id: 'HUSHED2', name: 'HUSHED', state: 'IL' }, { id: 'HUSHED3', name: 'HUSHED', use_for_matching: 'no' }, { id: 'b', name: 'Ben' }, { id: 'c', name: 'Cleo' }]),
      'ids.csv': 'id\na\nHUSHED2\nb\nz\n',
      'rule.csv': 'id,use_for_matching\na,yes\nHUSHED2,yes\nb,no\nz,\n',
      'vectors.npy': npyFile(vectors),
      'vectors.voy': voyagerIndex(vectors.map((vector, label) => ({ label, bytes: stored(vector, 'float32') })), { dimension, storage: 'float32', version: 2, kind: 1, named: ['a', 'HUSHED2', 'b', 'z'] }),
    });
    const roster = ['--roster', join(home, 'roster.json'), '--id-column', 'id', '--embedder', 'mfn', '--quiet'];
    for (const [name, ...source] of [['npy', 'vectors.npy', '--ids', join(home, 'ids.csv')], ['voy', 'vectors.voy']]) {
      const [file, ...more] = source, gallery = join(home, name);
      const { code, out, err } = await doppel('adopt', join(home, file), ...more, ...roster, '-o', gallery);
      assert.equal(code, 0, err);
      assert.deepEqual(peopleOf(gallery).map(({ name: person }) => person), ['Ada', 'Ben']);
      const text = readFileSync(join(`${gallery}.report`, 'report.txt'), 'utf8');
      assert.match(text, /1 vectors belong to no record of the roster \(id: z\)\./);
      assert.match(text, /2 records have no vector \(id: c and 1 more\)\./);
      silent(out + err + contents([gallery, `${gallery}.report`]) + (await answers(gallery)), name);
    }
    const stopped = await doppel('adopt', join(home, 'vectors.npy'), '--ids', join(home, 'rule.csv'), ...roster, '-o', join(home, 'rule'));
    assert.equal(stopped.code, 1);
    assert.match(stopped.err, /The column use_for_matching of .*rule\.csv resembles a rule .*put it into the roster/);
  });
});
