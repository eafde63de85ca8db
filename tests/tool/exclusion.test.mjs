/** `doppel build` and rules as people write them: every spelling keeps a photo out, and nothing of an excluded record is published. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { lacking, shared } from '../places.mjs';
import { doppel, fill, peopleOf, readJson, sample, scratch } from './program.mjs';

const folder = scratch();

/* A photo that was opened would be reported as unreadable: this is none. */
const trap = 'No photo. Opening this is the mistake that the test looks for.';
const photos = fill(join(folder, 'photos'), { 'ada.jpg': sample(1), 'ben.jpg': sample(4), 'trap.jpg': trap });

/** @param {string} name @param {string | object[]} roster @param {...string} options */
async function buildFrom(name, roster, ...options) {
  const home = fill(join(folder, name), { roster: typeof roster === 'string' ? roster : JSON.stringify(roster) });
  const out = join(home, 'gallery');
  const { code, err } = await doppel('build', join(home, 'roster'), '--photos', photos, '-o', out, '--quiet', ...options);
  const built = code === 0;
  const files = built ? [out, `${out}.report`].flatMap((place) => readdirSync(place).map((file) => join(place, file))) : [];
  return {
    code, err,
    report: built ? readJson(join(`${out}.report`, 'report.json')) : null,
    people: built ? peopleOf(out) : [],
    everything: files.map((file) => readFileSync(file, 'latin1')).join('\n'),
  };
}

const ada = { name: 'Ada', photo: 'ada.jpg' };

/** @param {Awaited<ReturnType<typeof buildFrom>>} made */
function onlyAda({ code, err, people, report }) {
  assert.equal(code, 0, err);
  assert.deepEqual(people.map((person) => person.name), ['Ada']);
  assert.equal(report.skipped.unreadable, 0, 'no trap was opened');
}

/** The build either keeps the trap out or stops. @param {Awaited<ReturnType<typeof buildFrom>>} made */
function outOrStopped(made) {
  if (made.code === 0) onlyAda(made);
  else assert.match(made.err, /resembles a rule|write yes or no|two columns/);
}

describe('headers of rules', () => {
  const spellings = ['use_for_matching', 'useForMatching', 'Use For Matching', 'USE-FOR-MATCHING', 'use_for_matching\u00a0', '\ufeff\ufeffuse_for_matching',
    'use\u200b_for_matching', '"use for\nmatching"', '"use for\r\nmatching "', 'ｕｓｅ＿ｆｏｒ＿ｍａｔｃｈｉｎｇ', '“use for matching”', 'use–for–matching', 'use_for_ma\u00adtching'];
  for (const header of spellings)
    test(`${JSON.stringify(header)} is use_for_matching`, async () => {
      onlyAda(await buildFrom(`header-${spellings.indexOf(header)}`, `${header},name,photo\nyes,Ada,ada.jpg\nno,No,trap.jpg\n`));
    });

  test('keys of JSON are tidied like headers', async () => {
    for (const [i, key] of ['useForMatching', 'use_for_matching\u00a0', 'Use for matching', '\u200buse_for_matching'].entries())
      onlyAda(await buildFrom(`key-${i}`, [ada, { name: 'No', photo: 'trap.jpg', [key]: false }]));
  });

  test('a state column is found with spaces, line ends and marks around its name', async () => {
    for (const [i, header] of ['State ', '\u00a0state', '"\nState\n"', 'STATE\u200b', '“State”', 'US State', 'state_code'].entries())
      onlyAda(await buildFrom(`state-${i}`, `name,photo,${header}\nAda,ada.jpg,Ohio\nNo,trap.jpg,Illinois\n`));
  });

  test('all columns with places count, also beside one that is named', async () => {
    onlyAda(await buildFrom('two-places', [ada, { name: 'No', photo: 'trap.jpg', state: 'IL', place: 'Ohio' }], '--jurisdiction-column', 'place'));
    onlyAda(await buildFrom('two-departments', [ada, { name: 'No', photo: 'trap.jpg', department: 'PD', agency: 'Illinois State Police' }]));
  });

  test('a list of places counts with each of its elements', async () => {
    onlyAda(await buildFrom('list', [ada, { name: 'No', photo: 'trap.jpg', state: ['Ohio', 'IL'] }]));
  });
});

describe('what resembles a rule but is not understood', () => {
  for (const header of ['State (of department)', 'use for matchng', 'consent', 'opt-out', 'home state', 'department_title', 'jursdiction', 'do not publish'])
    test(`a column ${header} stops the build with its name and value`, async () => {
      const roster = [ada, { name: 'No', photo: 'trap.jpg', [header]: 'Illinois or no' }];
      const stopped = await buildFrom(`like-${header}`, roster);
      assert.equal(stopped.code, 1);
      assert.ok(stopped.err.includes(header) && stopped.err.includes('Illinois or no') && stopped.err.includes('record 2'), stopped.err);
      assert.match(stopped.err, /--ignore-column/);
      const passed = await buildFrom(`past-${header}`, [ada, { name: 'Ben', photo: 'ben.jpg', [header]: 'x' }], '--ignore-column', header.toUpperCase());
      assert.equal(passed.code, 0, passed.err);
      assert.equal(passed.people.length, 2);
    });

  test('a column that says nothing stops nothing', async () => {
    onlyAda(await buildFrom('silent', [{ ...ada, consent: ' \u200b' }]));
  });

  test('a value that is neither yes nor no stops the build with column and value', async () => {
    for (const value of ['maybe', 'nope', 'no!', 'yes?', 'n.v.t.', '2']) {
      const { code, err } = await buildFrom('value', [ada, { name: 'No', photo: 'trap.jpg', use_for_matching: value }]);
      assert.equal(code, 1);
      assert.ok(err.includes(`"${value}"`) && err.includes('use_for_matching'), err);
    }
    const passed = await buildFrom('value-passed', [{ ...ada, use_for_matching: 'maybe' }], '--ignore-column', 'use_for_matching');
    assert.equal(passed.code, 0, passed.err);
  });

  test('--ignore-column wants a column that exists', async () => {
    const { code, err } = await buildFrom('ignore-none', [ada], '--ignore-column', 'shoe');
    assert.equal(code, 1);
    assert.match(err, /The roster has no column `shoe` \(--ignore-column\)\. Columns found: name, photo\./);
  });

  test('--deny-jurisdiction without a word is refused', async () => {
    const { code, err } = await buildFrom('deny-nothing', [ada], '--deny-jurisdiction', ' \u200b-');
    assert.equal(code, 1);
    assert.match(err, /names no place/);
  });
});

describe('values of rules', () => {
  test('“no” is no in every spelling', async () => {
    const values = ['no', 'NO\u00a0', 'n\u200bo', 'ＮＯ', '\u2028no', 'fal\u00adse', 'Ｆ', '\ufeff0'];
    onlyAda(await buildFrom('no', [ada, ...values.map((value, i) => ({ name: `No ${i}`, photo: 'trap.jpg', use_for_matching: value }))]));
  });

  test('a denied place is found decomposed, in capitals, by its code and without accents', async () => {
    const places = ['Québec', 'Que\u0301bec', 'QUÉBEC', 'Montréal, QC', 'Ville de Quebec', 'ＱＵÉＢＥＣ'];
    for (const rule of ['Québec', 'Que\u0301bec', 'QC'])
      onlyAda(await buildFrom(`quebec-${rule.length}`, [ada, ...places.map((state, i) => ({ name: `No ${i}`, photo: 'trap.jpg', state }))], '--deny-jurisdiction', rule));
  });

  test('a record without a place is out where another record of the person names a denied one, whichever comes first', async () => {
    onlyAda(await buildFrom('silent-person', [ada,
      { person: 'x', name: 'Lee', photo: 'ben.jpg', state: 'Ohio', use_for_matching: 'no' },
      { person: 'x', name: 'Lee', photo: 'trap.jpg' },
      { person: 'Ｘ ', name: 'Lee', state: 'IL' },
    ]));
  });
});

describe('only records that are let in speak', () => {
  test('fields, names and departments of excluded records appear nowhere, in whichever order they come', async () => {
    const records = [
      { person: 1, name: 'Secret Name', photo: 'trap.jpg', state: 'Illinois', badge: 'SECRET-1', team: 'Secret Team' },
      { person: 1, name: 'Ada', photo: 'ada.jpg', state: 'Ohio' },
      { person: 1, photo: 'trap.jpg', use_for_matching: 'no', link: 'https://secret.example/', team: 'Secret Team' },
      { person: 2, name: 'Secret Ben', photo: 'trap.jpg', state: 'IL', badge: 'SECRET-2', team: 'Secret Team' },
    ];
    for (const [i, roster] of [records, [...records].reverse()].entries()) {
      const made = await buildFrom(`speak-${i}`, roster);
      onlyAda(made);
      assert.deepEqual(made.people[0].fields, { person: '1', state: 'Ohio' });
      assert.doesNotMatch(made.everything, /secret/i);
    }
  });

  test('a record whose photo is out through another record says nothing', async () => {
    const made = await buildFrom('speak-file', [
      { ...ada },
      { name: 'Ada', photo: './trap.jpg', badge: 'SECRET-1' },
      { name: 'Marked', photo: 'TRAP.jpg', use_for_matching: 'no' },
    ]);
    onlyAda(made);
    assert.doesNotMatch(made.everything, /secret/i);
  });
});

describe('a list of photos opens nothing that the roster keeps out', () => {
  /** @param {string} name @param {object} record @param {object} listed */
  async function joined(name, record, listed) {
    fill(folder, { [`${name}.json`]: JSON.stringify([{ officer_id: 1, photo: 'ada.jpg' }, { officer_id: 2, photo: 'trap.jpg', ...listed }]) });
    return buildFrom(name, [{ id: 1, name: 'Ada' }, { id: 2, name: 'No', ...record }], '--photo-list', join(folder, `${name}.json`));
  }

  test('not by another place, in whichever column', async () => {
    const { code, err } = await joined('list-state', { jurisdiction: '', state: 'Illinois' }, { State: 'Ohio', jurisdiction: 'Ohio' });
    assert.equal(code, 1);
    assert.match(err, /has state "Ohio", but the roster has "Illinois" for the same person/);
  });

  test('not by a yes where the roster’s word is not understood', async () => {
    const { code, err } = await joined('list-maybe', { use_for_matching: 'maybe' }, { useForMatching: 'yes' });
    assert.equal(code, 1);
    assert.match(err, /"maybe"/);
  });

  test('not through another record of the same id', async () => {
    fill(folder, { 'list-two.json': JSON.stringify([{ officer_id: 1, photo: 'ada.jpg' }, { officer_id: 2, photo: 'trap.jpg' }]) });
    for (const rule of [{ use_for_matching: 'no' }, { state: 'Illinois' }])
      onlyAda(await buildFrom(`list-two-${Object.keys(rule)[0]}`, [{ id: 1, name: 'Ada' }, { id: 2, name: 'No', state: 'Ohio' }, { id: 2, name: 'No', ...rule }], '--photo-list', join(folder, 'list-two.json')));
  });

  test('and keeps out what it says no to itself', async () => {
    onlyAda(await joined('list-no', { use_for_matching: 'yes' }, { useForMatching: 'no\u00a0' }));
  });
});

const cases = join(shared, 'cases/rosters');
describe('rosters that published what somebody had excluded', { skip: lacking(cases) }, () => {
  /** @param {string} roster @param {string[]} copies */
  async function build(roster, copies) {
    const place = join(folder, `case-${roster}`);
    mkdirSync(place, { recursive: true });
    for (const photo of readdirSync(join(cases, 'photos'))) copyFileSync(join(cases, 'photos', photo), join(place, photo));
    for (const name of copies) fill(place, { [name]: trap });
    const out = join(folder, `case-${roster}-gallery`);
    const { code, err } = await doppel('build', join(cases, roster), '--photos', place, '-o', out, '--quiet');
    return { code, err, out, names: code ? [] : peopleOf(out).map(({ name, fields }) => [name, fields]) };
  }

  test('deny.csv: all fifteen spellings stay out', async () => {
    const { code, err } = await build('deny.csv', Array.from({ length: 15 }, (_, i) => `d${i}.jpg`));
    assert.equal(code, 1);
    assert.match(err, /No photo of the roster may be matched: 15 from a jurisdiction on the deny list/);
  });

  test('ufm.csv, ufm3.csv and qs.csv are counted as what they say', async () => {
    for (const [roster, names] of /** @type {[string, string[]][]} */ ([['ufm.csv', ['Chanda Rubin']], ['ufm3.csv', ['Chanda Rubin']], ['qs.csv', ['Dennis Powell']]])) {
      const made = await build(roster, ['Gwyneth_Paltrow.jpg']);
      assert.equal(made.code, 0, made.err);
      assert.deepEqual(made.names.map(([name]) => name), names);
    }
  });

  test('lb.csv stops the build: a state with words behind it is not understood', async () => {
    const { code, err } = await build('lb.csv', []);
    assert.equal(code, 1);
    assert.match(err, /The column State \(of department\) resembles a rule/);
  });

  test('dep.csv: badge and department of the denied records are nowhere', async () => {
    const { code, err, out, names } = await build('dep.csv', ['g2.jpg', 'Eli_Broad.jpg']);
    assert.equal(code, 0, err);
    assert.deepEqual(names, [
      ['Gwyneth Paltrow', { department: 'Columbus PD', state: 'Ohio' }],
      ['Chanda Rubin', { department: 'Toledo PD', state: 'Ohio' }],
      ['Dennis Powell', { department: 'Toledo PD', state: 'Ohio', badge: '9' }],
    ]);
    for (const place of [out, `${out}.report`]) {
      for (const file of readdirSync(place)) assert.doesNotMatch(readFileSync(join(place, file), 'latin1'), /SECRET|IL-777|Chicago/);
    }
  });

  test('nbsp.csv, nbspn.csv, qs2.csv and bom2.csv: headers and names are tidied, one person is one', async () => {
    for (const roster of ['nbsp.csv', 'nbspn.csv', 'qs2.csv', 'bom2.csv']) {
      const made = await build(roster, []);
      assert.equal(made.code, 0, made.err);
      assert.deepEqual(made.names.map(([name]) => name), roster === 'nbspn.csv' ? ['Gwyneth Paltrow', 'Chanda Rubin', 'Dennis Powell'] : ['Gwyneth Paltrow']);
    }
  });
});
