/** `doppel build` with CSV and JSON as programs of others write them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { lacking, shared } from '../places.mjs';
import { doppel, fill, peopleOf, sample, scratch } from './program.mjs';

const folder = scratch();
const photos = fill(join(folder, 'photos'), { 'ada.jpg': sample(1), 'ben.jpg': sample(4), 'trap.jpg': 'No photo: opening this is the mistake that the test looks for.' });

/** @param {string} name @param {string} roster @param {...string} options */
async function buildFrom(name, roster, ...options) {
  const home = fill(join(folder, name), { roster });
  const out = join(home, 'gallery');
  const { code, err } = await doppel('build', join(home, 'roster'), '--photos', photos, '-o', out, '--quiet', ...options);
  return { code, err, people: code ? [] : peopleOf(out) };
}

describe('separators', () => {
  test('--separator decides, whatever the lines hold most of', async () => {
    const roster = 'name:photo:a;b\nAda:ada.jpg:1;2\n';
    const colon = await buildFrom('colon', roster, '--separator', ':');
    assert.deepEqual(colon.people[0].fields, { 'a;b': '1;2' });
    const tab = await buildFrom('tab', roster.replaceAll(':', '\t'), '--separator', 'tab');
    assert.deepEqual(tab.people[0].fields, { 'a;b': '1;2' });
    assert.equal((await buildFrom('two', roster, '--separator', '::')).code, 2);
    assert.equal((await buildFrom('quote', roster, '--separator', '"')).code, 2);
  });
});

describe('JSON', () => {
  test('JSON Lines are records; a rule in a later line counts', async () => {
    const { code, err, people } = await buildFrom('lines', '{"name":"Ada","photo":"ada.jpg","badge":00}\n'.replace('00', '1.50') + '{"name":"No","photo":"trap.jpg","useForMatching":false}\n');
    assert.equal(code, 0, err);
    assert.deepEqual(people.map(({ name, fields }) => [name, fields]), [['Ada', { badge: '1.50' }]]);
  });

  test('a rule next to the list of records stops the build, and --ignore-column passes it over', async () => {
    const roster = JSON.stringify({ version: 2, state: 'Illinois', officers: [{ name: 'Ada', photo: 'ada.jpg' }] });
    const { code, err } = await buildFrom('outside', roster);
    assert.equal(code, 1);
    assert.match(err, /says `state`: "Illinois" next to its list of records/);
    assert.equal((await buildFrom('outside-passed', roster, '--ignore-column', 'State')).code, 0);
    const plain = await buildFrom('outside-plain', roster.replace('"state":"Illinois",', ''));
    assert.equal(plain.code, 0, plain.err);
  });

  test('a rule in a record within a record stops the build', async () => {
    const roster = JSON.stringify([{ name: 'Ada', photo: 'ada.jpg', meta: { source: 'x', use_for_matching: false } }]);
    const { code, err } = await buildFrom('inside', roster);
    assert.equal(code, 1);
    assert.match(err, /The column meta holds `use_for_matching` \(record 1\)/);
  });

  test('a list within one record is no roster', async () => {
    const { code, err } = await buildFrom('nested', JSON.stringify({ name: 'Ada', photo: 'ada.jpg', history: [{ name: 'Old Name', photo: 'trap.jpg' }] }));
    assert.equal(code, 1);
    assert.match(err, /is one record \(`photo`: "ada\.jpg"\) with a list of records in it/);
  });
});

const cases = join(shared, 'cases/rosters');
describe('files that were misread', { skip: lacking(cases) }, () => {
  /** @param {string} roster @param {...string} options */
  async function build(roster, ...options) {
    const out = join(folder, `case-${roster}`);
    const { code, err } = await doppel('build', join(cases, roster), '--photos', join(cases, 'photos'), '-o', out, '--quiet', ...options);
    return { code, err, people: code ? [] : peopleOf(out).map(({ name, fields }) => [name, fields]) };
  }

  test('big.json: ids as written, three people', async () => {
    const { code, err, people } = await build('big.json');
    assert.equal(code, 0, err);
    assert.deepEqual(people, [
      ['Gwyneth Paltrow', { person_id: '9007199254740993', badge: '1000000000000000' }],
      ['Chanda Rubin', { person_id: '9007199254740992', badge: '1234567890123456' }],
      ['Dennis Powell', { person_id: '675127116845989888', badge: '20000000000000000' }],
    ]);
  });

  /** @type {[string, RegExp][]} */
  const refused = [
    ['cat.json', /line 2, column 1: the end of the file behind the list of records was expected, not `\[`/],
    ['cat2.json', /line 2, column 1: the end of the file behind the list of records was expected, not `\[`/],
    ['tg.json', /line 1, column 60: the end of the file behind the list of records was expected, not `garbage`/],
    ['nan.json', /line 1, column 66: `NaN` is no value of JSON/],
  ];
  for (const [roster, words] of refused)
    test(`${roster} is refused with line, column and what was expected`, async () => {
      const { code, err } = await build(roster);
      assert.equal(code, 1);
      assert.match(err, words);
    });

  test('qd.csv, sep.csv and sq.csv are read', async () => {
    assert.deepEqual((await build('qd.csv')).people.map(([name]) => name), ['Paltrow, Gwyneth', 'Rubin, Chanda']);
    assert.deepEqual((await build('sep.csv')).people, [['Gwyneth Paltrow', { rank: 'captain' }], ['Chanda Rubin', { rank: 'chief' }]]);
    assert.deepEqual((await build('sq.csv')).people, [['Robert "Bob" Griese', { note: 'x' }], ['Chanda Rubin', { note: '6" tall' }]]);
  });
});
