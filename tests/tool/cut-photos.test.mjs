/** Photos whose files were cut short: what is there is used, what is missing is never taken for a face, and the host is told. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { lacking, shared } from '../places.mjs';
import { doppel, fill, fingerprint, peopleOf, readJson, sample, scratch } from './program.mjs';

const folder = scratch();
const cases = join(shared, 'cases/build-cut-progressive');

/** @param {string} name @param {string} roster @param {string} photos @param {...string} options */
async function build(name, roster, photos, ...options) {
  const out = join(folder, name);
  const { code, err } = await doppel('build', roster, '--photos', photos, '-o', out, '--quiet', ...options);
  assert.equal(code, 0, err);
  return { out, report: readJson(join(`${out}.report`, 'report.json')), err };
}

describe('progressive photos that lack their last bytes', { skip: lacking(cases) }, () => {
  const photos = join(cases, 'photos');
  const roster = join(cases, 'roster.csv');

  test('give the same gallery with one thread and with several', async () => {
    const one = await build('one', roster, photos, '-j', '1');
    const several = await build('several', roster, photos, '-j', '4');
    assert.deepEqual(fingerprint(several.out), fingerprint(one.out));
  });

  test('are counted and listed, and no order of the roster changes whose face is published', async () => {
    const [header, ...records] = readFileSync(roster, 'utf8').trim().split('\n');
    fill(folder, { 'turned.csv': [header, ...records.reverse()].join('\n') });
    const straight = await build('straight', roster, photos);
    const turned = await build('turned', join(folder, 'turned.csv'), photos);
    assert.ok(straight.report.photos_cut_short.length > 0);
    assert.deepEqual(turned.report.photos_cut_short.sort(), straight.report.photos_cut_short.sort());
    const names = (/** @type {string} */ out) => peopleOf(out).map(({ name }) => name).sort();
    assert.deepEqual(names(turned.out), names(straight.out));
  });
});

test('a photo whose face is cut away is left out as incomplete, and named', async () => {
  const photos = join(folder, 'photos');
  const whole = readFileSync(sample(1).copy);
  fill(photos, { 'whole.jpg': whole, 'cut.jpg': whole.subarray(0, Math.floor(whole.length * 0.2)) });
  fill(folder, { 'cut.csv': 'name,photo\nAda,whole.jpg\nBen,cut.jpg\n' });
  const { report } = await build('cut', join(folder, 'cut.csv'), photos);
  assert.equal(report.skipped.incomplete, 1);
  const [skip] = report.skips;
  assert.deepEqual([skip.photo, skip.person, skip.reason], ['cut.jpg', 'Ben', 'incomplete']);
  assert.match(skip.detail, /cut short/);
});
