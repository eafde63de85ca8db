/** `doppel build --part` and `doppel merge`: shares made apart become the gallery that one build makes, or a sentence. */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { sets } from '../places.mjs';
import { buildAll, journalOf, journalSize, optionsOf, portraits } from './portraits.mjs';
import { doppel, fill, fingerprint, readJson, scratch } from './program.mjs';
import { interruptedWhen } from './signals.mjs';

const folder = scratch();
const whole = join(folder, 'whole');
const part = (/** @type {number} */ number) => join(folder, `part-${number}`);
const parts = [2, 3, 1].map(part);

/** @param {number} number @param {...string} more */
const buildPart = (number, ...more) => buildAll(folder, part(number), '--part', `${number}/3`, ...more);

/** A copy of a part that a test may spoil. @param {number} number @param {string} name */
function copyOf(number, name) {
  const copy = join(folder, name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(part(number), copy, { recursive: true });
  return copy;
}

/** @param {RegExp} words @param {...string} args */
async function refused(words, ...args) {
  const { code, err } = await doppel('merge', ...args, '-o', join(folder, 'never'));
  assert.equal(code, 1, err);
  assert.match(err, words);
  assert.equal(existsSync(join(folder, 'never')), false);
}

before(async () => {
  portraits(folder, 24);
  const { code, err } = await buildAll(folder, whole, '--quiet', '--jobs', '2');
  assert.equal(code, 0, err);
});

describe('three parts', () => {
  test('one of them interrupted and run again, each with other threads, are merged into the same bytes', async () => {
    const begun = () => journalSize(part(2)) > 10000;
    const stopped = await interruptedWhen(begun, 'build', ...optionsOf(folder), '-o', part(2), '--part', '2/3', '--jobs', '1');
    assert.equal(stopped.code, 1, stopped.err);
    assert.match(stopped.err, /Interrupted after \d+ of 12 photos; the same command goes on from there\./);
    await refused(/The part .*part-2 is not finished; run its command again\./, part(2));
    for (const number of [1, 2, 3]) {
      const { code, err, out } = await buildPart(number, '--quiet', '--jobs', String(number));
      assert.equal(code, 0, err);
      assert.match(out, new RegExp(`part ${number} of 3, 12 photos`));
    }
    const { code, err, out } = await doppel('merge', ...parts, '-o', join(folder, 'merged'));
    assert.equal(code, 0, err);
    assert.deepEqual(fingerprint(join(folder, 'merged')), fingerprint(whole));
    assert.match(out, /people from .* photos/);
    assert.match(err, /1 photos must not be matched and were not opened/);
    const { skipped, excluded } = readJson(join(folder, 'merged.report/report.json'));
    assert.deepEqual([skipped.missing, skipped.refused, skipped.no_face, skipped.unreadable, excluded.face_matching], [1, 1, 2, 1, 1]);
  });

  test('run once more know everything already, and merge the same', async () => {
    const again = await buildPart(1, '--quiet');
    assert.match(again.out, /part 1 of 3, 12 photos, 1\d of them known already/);
    const { code, err } = await doppel('merge', ...parts, '-o', join(folder, 'merged'), '--force');
    assert.equal(code, 0, err);
    assert.deepEqual(fingerprint(join(folder, 'merged')), fingerprint(whole));
  });

  test('a gallery that is there is replaced only with --force', async () => {
    const { code, err } = await doppel('merge', ...parts, '-o', join(folder, 'merged'));
    assert.equal(code, 1);
    assert.match(err, /There is already a gallery at .*; --force replaces it\./);
  });
});

describe('parts that cannot be merged', () => {
  test('one is missing, or there twice', async () => {
    await refused(/Part 2 of 3 is missing; name all parts\./, part(1), part(3));
    await refused(/part-1 and .*part-1 are both part 1 of 3; leave one out\./, ...parts, part(1));
  });

  test('a folder that is no part, or not there', async () => {
    await refused(/whole is no part of a build; `doppel build --part` makes parts\./, whole);
    await refused(/There is no folder .*nowhere\./, join(folder, 'nowhere'));
  });

  test('of builds that were divided otherwise', async () => {
    const other = join(folder, 'other-2');
    await buildAll(folder, other, '--part', '2/2', '--quiet');
    await refused(/is one of 3 parts, and .*other-2 one of 2; they do not belong together\./, part(1), other);
  });

  test('of other rosters', async () => {
    const other = join(folder, 'other-title');
    await buildAll(folder, other, '--part', '2/3', '--quiet', '--title', 'Other');
    await refused(/have different plans; make all parts from the same roster, with the same title, notice and rules\./, part(1), other, part(3));
  });

  test('of other options, and of other networks', async () => {
    const other = join(folder, 'other-score');
    await buildAll(folder, other, '--part', '2/3', '--quiet', '--min-face', '40');
    await refused(/were made with different networks, options or versions of doppel/, part(1), other, part(3));
  });

  const [, second] = sets();
  test('of the other set', { skip: second.skip }, async () => {
    const other = join(folder, 'other-set');
    await buildAll(folder, other, '--part', '2/3', '--quiet', '--models', second.models);
    await refused(/were made with different networks, options or versions of doppel/, part(1), other, part(3));
  });

  test('a journal that is damaged, cut short or gone; the same command heals it', async () => {
    const broken = copyOf(2, 'part-broken');
    const journal = journalOf(broken);
    const bytes = readFileSync(journal);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1] ^= 1;
    const words = /The journal of the part .*part-broken is damaged; run the command of this part again/;
    for (const content of [flipped, bytes.subarray(0, bytes.length - 100), bytes.subarray(0, 5), new Uint8Array()]) {
      writeFileSync(journal, content);
      await refused(words, part(1), broken, part(3));
    }
    rmSync(journal);
    await refused(words, part(1), broken, part(3));
    writeFileSync(journal, flipped);
    const { code, err } = await buildAll(folder, broken, '--part', '2/3', '--quiet');
    assert.equal(code, 0, err);
    assert.match(err, /was damaged or cut short/);
    const merged = await doppel('merge', part(1), broken, part(3), '-o', join(folder, 'healed'));
    assert.equal(merged.code, 0, merged.err);
    assert.deepEqual(fingerprint(join(folder, 'healed')), fingerprint(whole));
  });

  test('a list or a plan that is damaged', async () => {
    const broken = copyOf(1, 'part-list');
    const list = readFileSync(join(broken, 'part.json'), 'utf8');
    for (const text of ['', '{', '[]', list.slice(0, -20), list.replace('"doppel-part"', '"part"'), list.replace(/"part":1/, '"part":9'), list.replace(/"journal":"/, '"journal":"../')]) {
      writeFileSync(join(broken, 'part.json'), text);
      await refused(/part\.json is damaged; run the command of this part again/, broken, part(2), part(3));
    }
    writeFileSync(join(broken, 'part.json'), list.replace(/"version":1/, '"version":2'));
    await refused(/was made by a later version of doppel; use that one\./, broken, part(2), part(3));
    writeFileSync(join(broken, 'part.json'), list.replace(/"photos":\["[^"]*",/, '"photos":['));
    await refused(/lists 11 photos and should list 12; run its command again\./, broken, part(2), part(3));
    writeFileSync(join(broken, 'part.json'), list);
    appendFileSync(join(broken, 'plan.json'), ' ');
    await refused(/plan\.json is damaged; run the command of this part again\./, broken, part(2), part(3));
  });
});

describe('--part', () => {
  test('wants a number of a number, and nothing of a work folder', async () => {
    for (const wrong of ['0/3', '4/3', '1', '1/', '/3', '1/3x', '-1/3', 'a/b', '1/100001'])
      assert.equal((await buildAll(folder, join(folder, 'wrong'), '--part', wrong)).code, 2, wrong);
    assert.equal((await buildAll(folder, join(folder, 'wrong'), '--part', '1/3', '--work', 'x')).code, 2);
  });

  test('leaves a folder with other things in it alone', async () => {
    const diary = fill(join(folder, 'diary'), { 'diary.txt': 'dear diary' });
    for (const place of [diary, whole]) {
      const { code, err } = await buildAll(folder, place, '--part', '1/3');
      assert.equal(code, 1);
      assert.match(err, /has other things in it \(.*\); name another one with --output\./);
    }
  });

  test('more parts than photos: the last ones are empty, and merge all the same', async () => {
    const places = [];
    fill(folder, { 'two.csv': 'name,photo\nAda,demo-0.jpg\nBen,demo-3.jpg\n' });
    const options = [join(folder, 'two.csv'), '--photos', join(folder, 'photos'), '--quiet'];
    for (const number of [1, 2, 3]) {
      places.push(join(folder, `two-${number}`));
      const { code, err } = await doppel('build', ...options, '-o', places[number - 1], '--part', `${number}/3`);
      assert.equal(code, 0, err);
    }
    assert.equal((await doppel('build', ...options, '-o', join(folder, 'two'))).code, 0);
    assert.equal((await doppel('merge', ...places, '-o', join(folder, 'two-merged'))).code, 0);
    assert.deepEqual(fingerprint(join(folder, 'two-merged')), fingerprint(join(folder, 'two')));
  });
});
