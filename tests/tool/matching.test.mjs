/** `doppel build` and those who must not be matched: departments, jurisdictions, marked photos, and the notice. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { doppel, fill, peopleOf, readJson, sample, scratch } from './program.mjs';

const folder = scratch();

/* A photo that was opened would be reported as unreadable: this is none. */
const trap = 'No photo. Opening this is the mistake that the test looks for.';
const photos = fill(join(folder, 'photos'), { 'ada.jpg': sample(1), 'ben.jpg': sample(4), 'trap.jpg': trap, 'trap2.jpg': trap });

const departments =
  'name,jurisdiction,face_matching\nRiver City PD,Ohio,yes\nHill County Sheriff,Ohio,no\nLake Town PD,"Cook County, Illinois",yes\nNorth PD,Texas,\n';

/** @param {string} name @param {string | object[]} roster @param {string | null} rules @param {...string} options */
async function buildFrom(name, roster, rules, ...options) {
  const home = fill(join(folder, name), {
    'roster.json': typeof roster === 'string' ? roster : JSON.stringify(roster),
    ...(rules ? { departments: rules } : {}),
  });
  const out = join(home, 'gallery');
  if (rules) options.push('--departments', join(home, 'departments'));
  const { code, err } = await doppel('build', join(home, 'roster.json'), '--photos', photos, '-o', out, '--quiet', ...options);
  const built = code === 0;
  return {
    code, err, out,
    manifest: built ? readJson(join(out, 'gallery.json')) : null,
    report: built ? readJson(join(`${out}.report`, 'report.json')) : null,
    names: built ? peopleOf(out).map((person) => person.name) : [],
  };
}

const ada = { name: 'Ada', img: 'ada.jpg', department: 'River City PD' };

describe('a departments file', () => {
  test('says where faces may be matched; all else stays out unopened and is counted by reason', async () => {
    const { code, err, manifest, report, names, out } = await buildFrom('mixed', [
      ada,
      { name: 'Ada again', img: 'ada.jpg', department: ' river city  pd' },
      { name: 'No', img: 'trap.jpg', department: 'Hill County Sheriff' },
      { name: 'Unsaid', img: 'trap.jpg', department: 'North PD' },
      { name: 'Illinois', img: 'trap.jpg', department: 'Lake Town PD' },
      { name: 'Unlisted', img: 'trap.jpg', department: 'East PD' },
      { name: 'Of none', img: 'trap.jpg' },
      { name: 'Marked', img: 'trap2.jpg', department: 'River City PD', use_for_matching: false },
    ], departments);
    assert.equal(code, 0, err);
    assert.deepEqual(names, ['Ada', 'Ada again']);
    assert.deepEqual(report.excluded, { use_for_matching: 1, jurisdiction: 1, face_matching: 2, department_not_listed: 1, no_department: 1 });
    assert.deepEqual(report.skipped, { refused: 0, missing: 0, unreadable: 0, no_face: 0, wrong_face: 0, incomplete: 0 });
    assert.deepEqual([report.photos, report.photos_built], [8, 2]);
    assert.deepEqual(manifest.departments, [{ name: 'River City PD', jurisdiction: 'Ohio', photos: 2 }]);
    assert.equal(manifest.allowed_jurisdictions, undefined);
    assert.match(err, /6 photos must not be matched and were not opened: 1 marked .*, 1 from a jurisdiction on the deny list, 2 of departments without face matching/);
    assert.match(err, /Record 6 of the roster names a department that is not in the departments file/);
    assert.match(readFileSync(join(`${out}.report`, 'report.txt'), 'utf8'), /6 photos must not be matched and were not opened/);
    assert.doesNotMatch(JSON.stringify([manifest, report]), /Unsaid|Of none|Marked|East PD|Hill County/, 'names of people who stay out are nowhere');
  });

  test('may be JSON with true and false; --department names the department of all records', async () => {
    const rules = JSON.stringify([{ name: 'River City PD', state: 'Ohio', face_matching: true }, { name: 'B', face_matching: false }]);
    const yes = await buildFrom('json-yes', [{ name: 'Ada', img: 'ada.jpg' }], rules, '--department', 'River City PD');
    assert.equal(yes.code, 0, yes.err);
    assert.equal(yes.manifest.departments[0].jurisdiction, 'Ohio');
    const no = await buildFrom('json-no', [{ name: 'Ada', img: 'trap.jpg' }], rules, '--department', 'B');
    assert.equal(no.code, 1);
    assert.match(no.err, /No photo of the roster may be matched: 1 of departments without face matching\./);
  });

  test('a column of another name; the department in the name of an export', async () => {
    const roster = [{ name: 'Ada', img: 'ada.jpg', precinct: 'River City PD' }];
    const named = await buildFrom('precinct', roster, departments, '--department-column', 'precinct');
    assert.equal(named.code, 0, named.err);
    const wrong = await buildFrom('precinct-wrong', roster, departments, '--department-column', 'office');
    assert.match(wrong.err, /The roster has no column `office` \(--department-column\)\. Columns found: name, img, precinct\./);
    const home = fill(join(folder, 'export'), { 'River_City_PD_Officers.csv': 'id,unique identifier,name,photo\n1,,Ada,ada.jpg\n', departments });
    const { code, err } = await doppel('build', join(home, 'River_City_PD_Officers.csv'), '--photos', photos, '-o', join(home, 'gallery'),
      '--quiet', '--departments', join(home, 'departments'));
    assert.equal(code, 0, err);
  });

  test('a photo that one record keeps out stays out for all records', async () => {
    const { code, err, names, report } = await buildFrom('shared', [
      ada,
      { name: 'Beside', img: './trap.jpg', department: 'River City PD' },
      { name: 'Marked', img: 'trap.jpg', department: 'River City PD', use_for_matching: 'no' },
    ], departments);
    assert.equal(code, 0, err);
    assert.deepEqual(names, ['Ada']);
    assert.equal(report.excluded.use_for_matching, 2);
  });

  /** @type {[string, string, RegExp][]} */
  const refused = [
    ['no-answer', 'name,jurisdiction\nA,Ohio\n', /A departments file has the columns name, jurisdiction and face_matching\. Columns found in .*: name, jurisdiction\./],
    ['no-name', 'title,face_matching\nA,yes\n', /Columns found in .*: title, face_matching\./],
    ['maybe', 'name,face_matching\nA,maybe\n', /record 1 \(A\): face_matching is "maybe"; write yes or no/],
    ['twice', 'name,face_matching\nRiver PD,yes\nriver  pd,no\n', /two departments named/],
    ['nameless', 'name,face_matching\n,yes\n', /record 1 has no name/],
    ['dashes', 'name,face_matching\n--,yes\n', /record 1 has no name/],
  ];
  for (const [name, rules, words] of refused)
    test(`${name} is refused with a sentence`, async () => {
      const { code, err } = await buildFrom(`rules-${name}`, [ada], rules);
      assert.equal(code, 1);
      assert.match(err, words);
    });
});

describe('jurisdictions on the deny list', () => {
  test('Illinois is always on it, however it is written and wherever it stands', async () => {
    const { code, err, names, report } = await buildFrom('places', [
      { name: 'Ada', img: 'ada.jpg', jurisdiction: 'Ohio' },
      { name: 'Silas', img: 'ben.jpg', jurisdiction: 'Illinoisville' },
      ...['Illinois', 'ILLINOIS', 'Chicago, IL', 'US-IL', 'State of Illinois'].map((jurisdiction) => ({ name: jurisdiction, img: 'trap.jpg', jurisdiction })),
      { name: 'By department', img: 'trap2.jpg', department: 'Illinois State Police' },
    ], null);
    assert.equal(code, 0, err);
    assert.deepEqual(names, ['Ada', 'Silas']);
    assert.equal(report.excluded.jurisdiction, 6);
  });

  test('counts for all records of a person, also for those that do not say it', async () => {
    const { code, err, names } = await buildFrom('silent', [
      { name: 'Ada', img: 'ada.jpg' },
      { person: 'x', name: 'Lee', img: 'trap.jpg' },
      { person: 'x', name: 'Lee', state: 'IL' },
    ], null);
    assert.equal(code, 0, err);
    assert.deepEqual(names, ['Ada']);
  });

  test('grows with --deny-jurisdiction, and reads the roster’s column that is named', async () => {
    const roster = [{ name: 'Ada', img: 'ada.jpg', place: 'Ohio' }, { name: 'T', img: 'trap.jpg', place: 'Austin, Texas' }];
    const { code, err, names } = await buildFrom('texas', roster, null, '--deny-jurisdiction', 'Texas', '--jurisdiction-column', 'place');
    assert.equal(code, 0, err);
    assert.deepEqual(names, ['Ada']);
  });

  const lake = [{ name: 'Lake', img: 'ada.jpg', department: 'Lake Town PD' }];

  test('--allow-jurisdiction opens it with a reason, which the manifest and the report carry', async () => {
    const { code, err, manifest, report, names } = await buildFrom(
      'allowed', lake, departments, '--allow-jurisdiction', 'Illinois=All people gave written consent, 2026 = yes.');
    assert.equal(code, 0, err);
    assert.deepEqual(names, ['Lake']);
    assert.deepEqual(manifest.allowed_jurisdictions, [{ jurisdiction: 'Illinois', reason: 'All people gave written consent, 2026 = yes.' }]);
    assert.match(report.notes.join(), /Photos from Illinois were allowed, because: All people gave written consent/);
  });

  test('--allow-jurisdiction changes nothing for departments that say no', async () => {
    const rules = departments.replace('Illinois",yes', 'Illinois",no');
    const { code, err } = await buildFrom('allowed-no', lake, rules, '--allow-jurisdiction', 'IL=Consent was given.');
    assert.equal(code, 1);
    assert.match(err, /1 of departments without face matching/);
  });

  test('a part of Illinois that is denied by name stays denied', async () => {
    const { code, err } = await buildFrom(
      'part', lake, departments, '--allow-jurisdiction', 'Illinois=Consent was given.', '--deny-jurisdiction', 'Cook County, Illinois');
    assert.equal(code, 1);
    assert.match(err, /1 from a jurisdiction on the deny list/);
  });

  test('no reason, or a place that is not on the list: a sentence', async () => {
    for (const value of ['Illinois', 'Illinois=', 'Illinois=  ']) {
      const { code, err } = await buildFrom('reasonless', lake, departments, '--allow-jurisdiction', value);
      assert.equal(code, 1);
      assert.match(err, /--allow-jurisdiction "Illinois" gives no reason; write/);
    }
    const { err } = await buildFrom('strange', lake, departments, '--allow-jurisdiction', 'Ohio=Why not?');
    assert.match(err, /"Ohio" is not on the deny list/);
  });
});

describe('marks on photos', () => {
  test('yes, no, numbers and nothing; anything else is refused', async () => {
    const roster = 'name,photo,use_for_matching\nAda,ada.jpg,YES\nAda,ben.jpg,\nAda,trap.jpg,0\nNo,trap2.jpg,False\n';
    const { code, err, manifest, report } = await buildFrom('marks', roster, null);
    assert.equal(code, 0, err);
    assert.equal(manifest.photos, 2);
    assert.equal(report.excluded.use_for_matching, 2);
    assert.deepEqual(manifest.fields, [], 'the mark does not travel to the page');
    const odd = await buildFrom('odd', roster.replace('YES', 'perhaps'), null);
    assert.equal(odd.code, 1);
    assert.match(odd.err, /Record 1 of the roster has "perhaps" in the column use_for_matching; write yes or no/);
  });

  test('a list of photos carries them too', async () => {
    fill(folder, { 'list.csv': 'person,photo,allowed\na,ada.jpg,1\na,trap.jpg,0\n' });
    const { code, err, report } = await buildFrom(
      'listed', [{ person: 'a', name: 'Ada' }], null, '--photo-list', join(folder, 'list.csv'), '--matching-column', 'allowed');
    assert.equal(code, 0, err);
    assert.equal(report.excluded.use_for_matching, 1);
  });
});

describe('a roster and its list of photos', () => {
  /** @param {string} name @param {object} record @param {string} list */
  function joined(name, record, list) {
    fill(folder, { [`${name}.csv`]: list });
    const roster = [{ id: 1, name: 'Ada', department: 'River City PD' }, { id: 2, name: 'Held', ...record }];
    return buildFrom(name, roster, departments, '--photo-list', join(folder, `${name}.csv`));
  }

  test('the list opens nothing that the roster keeps out', async () => {
    const { code, err, report } = await joined(
      'kept', { department: 'River City PD', use_for_matching: 'no' }, 'officer_id,photo,use_for_matching\n1,ada.jpg,yes\n2,trap.jpg,yes\n');
    assert.equal(code, 0, err);
    assert.equal(report.excluded.use_for_matching, 1);
    const place = await joined(
      'place', { department: 'River City PD', state: 'Illinois' }, 'officer_id,photo,jurisdiction\n1,ada.jpg,Ohio\n2,trap.jpg,Ohio\n');
    assert.equal(place.code, 0, place.err);
    assert.equal(place.report.excluded.jurisdiction, 1);
  });

  test('two departments for one photo are a sentence', async () => {
    const { code, err } = await joined(
      'two', { department: 'Hill County Sheriff' }, 'officer_id,photo,department\n1,ada.jpg,River City PD\n2,trap.jpg,River City PD\n');
    assert.equal(code, 1);
    assert.match(err, /Record 2 of the list of photos has department "River City PD", but the roster has "Hill County Sheriff" for the same person/);
  });
});

describe('the notice', () => {
  test('comes from a file, with its lines', async () => {
    fill(folder, { 'notice.txt': '\uFEFFPortraits of 1926.\nWrite to the archive.\n\n' });
    const { code, err, manifest } = await buildFrom('notice', [ada], null, '--notice-file', join(folder, 'notice.txt'));
    assert.equal(code, 0, err);
    assert.equal(manifest.notice, 'Portraits of 1926.\nWrite to the archive.');
  });

  test('an empty, a long and a missing file, or two notices: a sentence', async () => {
    fill(folder, { 'empty.txt': '\n \n', 'long.txt': 'word '.repeat(5000) });
    assert.match((await buildFrom('n1', [ada], null, '--notice-file', join(folder, 'empty.txt'))).err, /is empty; a notice says something/);
    assert.match((await buildFrom('n2', [ada], null, '--notice-file', join(folder, 'long.txt'))).err, /has 25000 bytes; a notice has at most 20000/);
    assert.match((await buildFrom('n3', [ada], null, '--notice-file', join(folder, 'none.txt'))).err, /cannot be read/);
    assert.equal((await buildFrom('n4', [ada], null, '--notice', 'a', '--notice-file', 'b')).code, 2);
  });
});
