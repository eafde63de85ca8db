/** `doppel build` as a host uses it: rosters of all kinds, what is left out and why, and a folder that is whole or not there. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { doppel, fill, fingerprint, greyPng, peopleOf, readJson, sample, scratch, sha256 } from './program.mjs';

const folder = scratch();
const photos = join(folder, 'photos');

fill(photos, {
  'ada.jpg': sample(1),
  'ben.jpg': sample(4),
  'deep/er/cleo.jpg': sample(6),
  'wall.png': greyPng(200, 160),
  'notes.jpg': 'This is no photo.',
  'cut.jpg': readFileSync(sample(2).copy).subarray(0, 3000),
});
mkdirSync(join(photos, 'folder.jpg'));
fill(folder, { 'outside.jpg': sample(2) });

/** Builds from a roster's text; `out` is the gallery's folder. @param {string} name @param {string | Uint8Array} roster @param {...string} options */
async function buildFrom(name, roster, ...options) {
  const out = join(folder, 'out', name);
  fill(folder, { [name]: roster });
  const { code, err } = await doppel('build', join(folder, name), '--photos', photos, '-o', out, '--quiet', ...options);
  return { code, err, out };
}

const everything = JSON.stringify([
  { name: 'Ada', img: 'ada.jpg', rank: 'Captain', badge: 12345, active: true, tags: ['a', 'b'], note: null },
  { name: 'Ben', img: 'ben.jpg', rank: 'Ranger' },
  { name: 'Cleo', img: 'deep/er/cleo.jpg' },
  { name: 'Ada', img: 'ben.jpg', rank: 'Major', unit: '7' },
  { name: 'Wall', img: 'wall.png' },
  { name: 'Notes', img: 'notes.jpg' },
  { name: 'Cut', img: 'cut.jpg' },
  { name: 'Folder', img: 'folder.jpg' },
  { name: 'Nobody', img: 'nobody.jpg' },
  { name: 'Climber', img: '../outside.jpg' },
  { name: 'Climber 2', img: 'deep/../../outside.jpg' },
  { name: 'Root', img: '/etc/passwd' },
  { name: 'Web', img: 'https://example.org/a.jpg' },
  { name: 'Windows', img: '..\\outside.jpg' },
  { name: 'Paperless', img: '' },
]);

describe('a JSON roster', () => {
  /** @type {{out: string, code: number, err: string}} */
  let built;
  /** @type {any} */
  let manifest;
  before(async () => {
    built = await buildFrom('everything.json', everything, '--title', 'Three people', '--publisher', ' The  city ', '--notice', 'Made by a test.');
    if (built.code === 0) manifest = readJson(join(built.out, 'gallery.json'));
  });

  test('gives a gallery with the people that have a face', () => {
    assert.equal(built.code, 0, built.err);
    assert.equal(manifest.format, 'doppel-gallery');
    assert.equal(manifest.version, 2);
    assert.equal(manifest.title, 'Three people');
    assert.equal(manifest.notice, 'Made by a test.');
    assert.equal(manifest.publisher, 'The city');
    assert.equal(manifest.people, 3);
    assert.equal(manifest.photos, 4);
    assert.equal(manifest.metric, 'cosine');
    assert.deepEqual(manifest.sheet, { columns: 16, rows: 16, size: 144 });
    assert.deepEqual(peopleOf(built.out).map(({ name, photos }) => [name, photos]), [
      ['Ada', [0, 3]],
      ['Ben', [1]],
      ['Cleo', [2]],
    ]);
  });

  test('lets all other columns travel as fields: first record first, gaps filled by later ones', () => {
    assert.deepEqual(peopleOf(built.out)[0].fields, {
      rank: 'Captain', badge: '12345', active: 'true', tags: 'a, b', unit: '7',
    });
    assert.deepEqual(peopleOf(built.out)[2].fields, {});
    assert.deepEqual(manifest.fields[1], { key: 'badge', label: 'Badge' });
  });

  test('names every file by its sha256 and lists its size', () => {
    const files = Object.values(manifest.files).flat();
    assert.deepEqual(Object.entries(manifest.files).filter(([, listed]) => /** @type {any[]} */ (listed).length).map(([kind]) => kind),
      ['embeddings', 'names', 'people', 'cover', 'small', 'photos', 'large']);
    for (const { path, bytes, sha256: listed } of files) {
      const content = readFileSync(join(built.out, path));
      assert.equal(sha256(content), listed);
      assert.equal(content.length, bytes);
      assert.ok(path.includes(`-0000.${listed.slice(0, 8)}.`), path);
    }
    const names = files.map(({ path }) => path);
    assert.deepEqual(readdirSync(built.out).sort(), [...names, 'gallery.json'].sort());
    assert.deepEqual(readdirSync(`${built.out}.report`).sort(), ['report.html', 'report.json', 'report.txt']);
  });

  test('measures how alike different people are, and photos of one person', () => {
    const { bins, range, impostor, genuine } = manifest.calibration;
    assert.deepEqual([bins, range], [2048, [-1, 1]]);
    assert.equal(impostor.pairs, 5);
    assert.equal(genuine.pairs, 1);
    const sum = (/** @type {number[]} */ counts) => counts.reduce((a, b) => a + b, 0);
    assert.equal(sum(impostor.counts), 5);
    assert.equal(sum(genuine.counts), 1);
    assert.deepEqual([impostor.of, genuine.of], [5, 1]);
    assert.deepEqual(manifest.calibration.false_matches, []); // five pairs say nothing about rates
  });

  test('reports every photo that was left out, with its reason', () => {
    const report = readJson(join(`${built.out}.report`, 'report.json'));
    assert.deepEqual(report.skipped, { refused: 5, missing: 2, unreadable: 2, no_face: 1, wrong_face: 0, incomplete: 0 });
    assert.equal(report.records, 15);
    assert.equal(report.photos, 14);
    assert.equal(report.photos_built, 4);
    assert.equal(report.records_without_photo, 1);
    const reasons = Object.fromEntries(report.skips.map((/** @type {any} */ skip) => [skip.photo, skip.reason]));
    assert.deepEqual(reasons, {
      'wall.png': 'no_face', 'notes.jpg': 'unreadable', 'cut.jpg': 'unreadable', 'folder.jpg': 'missing',
      'nobody.jpg': 'missing', '../outside.jpg': 'refused', 'deep/../../outside.jpg': 'refused',
      '/etc/passwd': 'refused', 'https://example.org/a.jpg': 'refused', '..\\outside.jpg': 'refused',
    });
    assert.ok(report.skips.every((/** @type {any} */ skip) => skip.detail.length > 10));
    const text = readFileSync(join(`${built.out}.report`, 'report.txt'), 'utf8');
    assert.match(text, /^4 of 14 photos are in the gallery, of 3 people\./);
    assert.match(text, /no face: .* \(1\)\n {2}wall\.png \(Wall\)/);
  });

  test('warns that one name may be two people', () => {
    assert.match(built.err, /column rank differs between records of one person .* --person-column/);
    assert.match(built.err, /10 photos were left out \(2 missing, 2 unreadable, 1 without a face, 5 refused, 0 with a wrong face in the roster, 0 cut short\)/);
  });

  test('gives the same bytes with one thread and with two, and once more', async () => {
    const one = await buildFrom('everything-1.json', everything, '--jobs', '1');
    const two = await buildFrom('everything-2.json', everything, '--jobs', '2');
    assert.equal(one.code, 0);
    assert.deepEqual(fingerprint(two.out), fingerprint(one.out));
  });
});

describe('a CSV roster', () => {
  test('with byte order mark, quotes, commas and line ends in cells, blank lines and CRLF', async () => {
    const roster = '\uFEFFName,Photo,"Known ""as""",Unit\r\n"Doe, Ada",ada.jpg,"first line\nsecond line",7\r\n\r\n"Ben ""Benny"" Orr",ben.jpg,,\r\n';
    const { code, err, out } = await buildFrom('quotes.csv', roster);
    assert.equal(code, 0, err);
    assert.deepEqual(peopleOf(out).map(({ name, photos, fields }) => ({ name, photos, fields })), [
      { name: 'Doe, Ada', photos: [0], fields: { 'Known "as"': 'first line\nsecond line', Unit: '7' } },
      { name: 'Ben "Benny" Orr', photos: [1], fields: {} },
    ]);
  });

  test('with semicolons, and a name in two columns', async () => {
    const { code, err, out } = await buildFrom('semicolons.csv', 'first_name;last_name;image\nÅsa;Öberg;ada.jpg\n');
    assert.equal(code, 0, err);
    assert.equal(peopleOf(out)[0].name, 'Åsa Öberg');
  });

  test('with columns of other names, and a column that tells people of one name apart', async () => {
    const roster = 'who,picture,badge\nJo Kim,ada.jpg,1\nJo Kim,ben.jpg,2\nJo Kim,deep/er/cleo.jpg,1\n';
    const { code, err, out } = await buildFrom(
      'columns.csv', roster, '--name-column', 'who', '--photo-column', 'picture', '--person-column', 'badge');
    assert.equal(code, 0, err);
    assert.deepEqual(peopleOf(out).map(({ name, photos, fields }) => [name, photos, fields.badge]), [
      ['Jo Kim', [0, 2], '1'],
      ['Jo Kim', [1], '2'],
    ]);
  });
});

/** Rosters that cannot be used, with the sentence that says why. @type {[string, string | Uint8Array, RegExp, string[]?][]} */
const refused = [
  ['unmapped.csv', 'who,picture\nAda,ada.jpg\n', /No column of the roster holds photos; say which with --photo-column or --photo-pattern, or give a table that does with --photo-list. Columns found: who, picture\./],
  ['unnamed.csv', 'who,photo\nAda,ada.jpg\n', /No column of the roster holds names; say which with --name-column. Columns found: who, photo\./],
  ['wrong-column.csv', 'name,photo\nAda,ada.jpg\n', /has no column `face` \(--photo-column\)\. Columns found: name, photo\./, ['--photo-column', 'face']],
  ['empty.csv', '', /is empty; a header line/],
  ['header.csv', 'name,photo\n', /holds no records/],
  ['quote.csv', 'name,photo\n"Ada,ada.jpg\n', /record 1 \(line 2\) has a quote that is not closed/],
  ['long.csv', 'name,photo\nAda,ada.jpg,more\n', /record 1 \(line 2\) has more cells than the header has columns \(2\)/],
  ['twice.csv', 'name,photo,Name\nAda,ada.jpg,Ada\n', /two columns named `Name` \(the other is written `name`\)/],
  ['latin1.csv', Buffer.from('name,photo\nÅsa,ada.jpg\n', 'latin1'), /is not UTF-8 text \(line 2\)/],
  ['utf16.csv', Buffer.from('name,photo\nAda,ada.jpg\n', 'utf16le'), /is not UTF-8 text \(line 1\)/],
  ['half.csv', Buffer.from('\uFEFFname,photo\nAda,ada.jpg\n', 'utf16le').subarray(0, -1), /begins like UTF-16LE text, but byte 47 is none/],
  ['broken.json', '[{"name": "Ada",\n "photo": }]', /line 2, column 11: `\}` is no value of JSON; a value .* was expected/],
  ['numbers.json', '[1, 2]', /line 1, column 2: a record in braces was expected, not `1`/],
  ['nothing.json', '[]', /holds no records/],
  ['object.json', '{"name": "Ada"}', /No column of the roster holds photos/],
  ['no-photos.json', '[{"name": "Ada", "photo": ""}]', /names no photos/],
  ['no-faces.json', '[{"name": "Wall", "photo": "wall.png"}]', /No photo had a face that could be used: 0 missing, 0 unreadable, 1 without a face/],
];

describe('a roster that cannot be used', () => {
  for (const [name, roster, words, options = []] of refused) {
    test(`${name}: a sentence, exit code 1, and no folder`, async () => {
      const { code, out, err } = await buildFrom(name, roster, ...options);
      assert.equal(code, 1);
      assert.match(err, words);
      assert.equal(statSync(out, { throwIfNoEntry: false }), undefined);
    });
  }

  test('is missing', async () => {
    const { code, err } = await doppel('build', join(folder, 'none.csv'), '--photos', photos, '-o', join(folder, 'none'));
    assert.equal(code, 1);
    assert.match(err, /none\.csv cannot be read: No such file/);
  });

  test('has no folder of photos', async () => {
    fill(folder, { 'ada.csv': 'name,photo\nAda,ada.jpg\n' });
    const { code, err } = await doppel('build', join(folder, 'ada.csv'), '--photos', join(folder, 'nowhere'), '-o', join(folder, 'none'));
    assert.equal(code, 1);
    assert.match(err, /There is no folder .*nowhere/);
  });
});

describe('the folder of the gallery', () => {
  const roster = 'name,photo\nAda,ada.jpg\n';

  test('a gallery that is there is replaced only with --force', async () => {
    const first = await buildFrom('there.csv', roster);
    const before = fingerprint(first.out);
    const second = await buildFrom('there.csv', 'name,photo\nBen,ben.jpg\n');
    assert.equal(second.code, 1);
    assert.match(second.err, /There is already a gallery at .*; --force replaces it/);
    assert.deepEqual(fingerprint(first.out), before);
    const third = await buildFrom('there.csv', 'name,photo\nBen,ben.jpg\n', '--force');
    assert.equal(third.code, 0, third.err);
    assert.equal(peopleOf(first.out)[0].name, 'Ben');
  });

  test('a build that fails leaves the gallery that was there, and nothing beside it but what was computed', async () => {
    const first = await buildFrom('kept.csv', roster);
    const before = fingerprint(first.out);
    const second = await buildFrom('kept.csv', 'name,photo\nWall,wall.png\n', '--force');
    assert.equal(second.code, 1);
    assert.deepEqual(fingerprint(first.out), before);
    assert.deepEqual(readdirSync(join(folder, 'out')).filter((name) => name.startsWith('kept.csv')), ['kept.csv', 'kept.csv.report', 'kept.csv.work']);
  });

  test('a folder with other things in it is never touched', async () => {
    const out = join(folder, 'out', 'other.csv');
    fill(out, { 'diary.txt': 'dear diary' });
    const { code, err } = await buildFrom('other.csv', roster, '--force');
    assert.equal(code, 1);
    assert.match(err, /is not empty and not a gallery/);
    assert.deepEqual(readdirSync(out), ['diary.txt']);
    fill(join(folder, 'out', 'mine.csv.report'), { 'diary.txt': 'dear diary' });
    const beside = await buildFrom('mine.csv', roster, '--force');
    assert.equal(beside.code, 1);
    assert.match(beside.err, /mine\.csv\.report is not empty and not a report on a gallery/);
  });

  test('an empty folder, a slash at the end and folders above that are missing are fine', async () => {
    const out = join(folder, 'out', 'new', 'er', 'gallery');
    mkdirSync(out, { recursive: true });
    fill(folder, { 'slash.csv': roster });
    const { code, err } = await doppel('build', join(folder, 'slash.csv'), '--photos', photos, '-o', `${out}/`, '--quiet');
    assert.equal(code, 0, err);
    assert.equal(peopleOf(out).length, 1);
  });

  test('progress goes to stderr, the result to stdout', async () => {
    const out = join(folder, 'out', 'progress');
    fill(folder, { 'progress.csv': roster });
    const { code, out: said, err } = await doppel('build', join(folder, 'progress.csv'), '--photos', photos, '-o', out);
    assert.equal(code, 0);
    assert.match(err, /1 of 1 photos, [\d.]+ a second, .* in all/);
    assert.match(said, /1 people from 1 photos, 0 photos left out/);
  });
});

describe('--all-faces', () => {
  test('makes every face of every photo an entry, named by photo and position', async () => {
    const out = join(folder, 'out', 'faces');
    const group = fill(join(folder, 'group'), { 'party_1.jpg': sample(4), 'readme.txt': 'no photo' });
    const { code, err } = await doppel('build', '--all-faces', group, '-o', out, '--quiet');
    assert.equal(code, 0, err);
    const people = peopleOf(out);
    assert.deepEqual(people.map(({ name }) => name), [
      'Party 1, far left', 'Party 1, 2nd from left', 'Party 1, 3rd from left', 'Party 1, far right',
    ]);
    assert.deepEqual(people[0].fields, { photo: 'party_1.jpg', faces_in_photo: '4' });
    assert.equal(readJson(join(out, 'gallery.json')).calibration.impostor.pairs, 6);
  });

  test('with a roster: entries with the fields of the record, named by its name and position', async () => {
    const out = join(folder, 'out', 'crowd');
    fill(folder, { 'crowd.csv': 'name,photo,place\nThe board,group/party_1.jpg,Oslo\n,group/party_1.jpg,Rome\nAda,ada.jpg,Bern\n' });
    fill(join(photos, 'group'), { 'party_1.jpg': sample(4) });
    const { code, err } = await doppel('build', '--all-faces', join(folder, 'crowd.csv'), '--photos', photos, '-o', out, '--quiet');
    assert.equal(code, 0, err);
    const people = peopleOf(out);
    assert.deepEqual(people.slice(0, 5).map(({ name, fields }) => [name, fields.place]), [
      ['The board, far left', 'Oslo'], ['The board, 2nd from left', 'Oslo'], ['The board, 3rd from left', 'Oslo'],
      ['The board, far right', 'Oslo'], ['Party 1, far left', 'Rome'],
    ]);
    assert.ok(people.every(({ photos: own }) => own.length === 1));
    assert.deepEqual(readJson(join(`${out}.report`, 'report.json')).photos_with_several_faces, 0);
  });

  test('says so where there is nothing', async () => {
    mkdirSync(join(folder, 'void'));
    const empty = await doppel('build', '--all-faces', join(folder, 'void'), '-o', join(folder, 'out', 'void'));
    assert.equal(empty.code, 1);
    assert.match(empty.err, /There are no photos in what was named\./);
    const missing = await doppel('build', '--all-faces', join(folder, 'gone.jpg'), '-o', join(folder, 'out', 'void'));
    assert.equal(missing.code, 1);
    assert.match(missing.err, /There is no photo or folder .*gone\.jpg/);
  });
});
