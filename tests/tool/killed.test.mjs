/**
 * Builds that end before their end: killed at any moment, interrupted, their journal cut short or spoilt. Whatever
 * happens, the same command ends with the gallery that an undisturbed build makes, byte for byte.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { seeded } from '../random.mjs';
import { buildAll, journalOf, journalSize, optionsOf, portraits } from './portraits.mjs';
import { fill, fingerprint, scratch } from './program.mjs';
import { hasOpen, interruptedWhen, killedAfter, signalledWhen, stagesOf } from './signals.mjs';

const KILLS = 20;
const SEED = Number(process.env.DOPPEL_SEED ?? 4);

const folder = scratch();
const undisturbed = join(folder, 'undisturbed');
/** @type {import('./portraits.mjs').Portraits} */
let made;
/** @type {string[]} */
let expected;
/** Milliseconds that an undisturbed build takes. */
let whole = 0;

before(async () => {
  made = portraits(folder, 60);
  if (!made.lfw) process.stderr.write('SKIPPED: the photos of ../shared/data/lfw-dev are not here; the demo photos alone are used\n');
  const started = Date.now();
  const { code, err } = await buildAll(folder, undisturbed, '--quiet');
  whole = Date.now() - started;
  assert.equal(code, 0, err);
  expected = fingerprint(undisturbed);
});

const workOf = (/** @type {string} */ out) => `${out}.work`;

/** Ends `out` undisturbed. @param {string} out @param {...string} more */
async function finished(out, ...more) {
  const { code, err, out: said } = await buildAll(folder, out, '--force', ...more);
  assert.equal(code, 0, err);
  assert.deepEqual(fingerprint(out), expected);
  assert.equal(existsSync(`${out}.unfinished`), false);
  return { err, known: Number(said.match(/this time ([\d,]+) photos/)?.[1].replaceAll(',', '')) };
}

test(`killed ${KILLS} times at random moments`, async (context) => {
  const out = join(folder, 'killed');
  const random = seeded(SEED);
  /** @type {number[]} */
  const moments = [];
  for (let kills = 0; kills < KILLS; ) {
    // Short at first, so that many kills fall while photos are being looked at, and later anywhere.
    const after = Math.round(random() * whole * (kills < KILLS / 2 ? 0.25 : 1));
    const before = journalSize(workOf(out));
    const { signal, err } = await killedAfter(after, 'build', ...optionsOf(folder), '-o', out, '--force', '--quiet', '--jobs', String(1 + (kills % 3)));
    if (existsSync(out)) assert.deepEqual(fingerprint(out), expected, `after ${moments.join(', ')} ms: what is at OUT is whole`);
    if (signal) {
      kills++;
      moments.push(after);
      assert.ok(journalSize(workOf(out)) >= before || existsSync(out), 'the journal only grows until the gallery is there');
    } else if (kills % 2) {
      rmSync(workOf(out), { recursive: true }); // it came to its end: begin again, with and without the gallery
    } else {
      assert.doesNotMatch(err, /cannot/);
      rmSync(workOf(out), { recursive: true });
      rmSync(out, { recursive: true });
    }
  }
  context.diagnostic(`seed ${SEED} (DOPPEL_SEED): killed after ${moments.join(', ')} ms; an undisturbed build takes ${whole} ms`);
  await finished(out);
});

test('Ctrl-C: ends after the photos at hand, says how far it is, and goes on from there', async () => {
  const out = join(folder, 'interrupted');
  const stopped = await interruptedWhen(() => journalSize(workOf(out)) > 50000, 'build', ...optionsOf(folder), '-o', out, '--jobs', '1');
  assert.equal(stopped.code, 1, stopped.err);
  const done = Number(stopped.err.match(/Interrupted after (\d+) of (\d+) photos; the same command goes on from there\./)?.[1]);
  assert.ok(done > 0 && done < made.count, stopped.err);
  assert.equal(existsSync(out), false);
  const { known, err } = await finished(out);
  assert.ok(known >= done - 4, `${known} of ${done}`); // a few have no content to know
  assert.match(err, /, [\d,]+ known already\n/);
});

test('Ctrl-C while a large roster is read ends the build there: no folder is made, not even for work', async () => {
  const out = join(folder, 'early');
  const roster = join(folder, 'large.csv');
  writeFileSync(roster, `name,photo\n${'Ada,ada.jpg\n'.repeat(3_000_000)}`);
  const stopped = await interruptedWhen((pid) => hasOpen(pid, roster), 'build', roster, '--photos', folder, '-o', out);
  assert.deepEqual([stopped.code, stopped.signal], [1, null], stopped.err);
  assert.match(stopped.err, /Interrupted/);
  assert.equal(existsSync(workOf(out)), false);
});

describe('SIGTERM with a large roster', () => {
  const home = join(folder, 'large'), roster = join(home, 'roster.csv');
  before(() => {
    fill(join(home, 'photos'), Object.fromEntries(demoPhotos.map((path, i) => [`${i}.jpg`, { copy: path }])));
    writeFileSync(roster, `id,name,photo\n${Array.from({ length: 200_000 }, (_, i) => `${i},Person ${i},${i % 6}.jpg\n`).join('')}`);
  });

  for (const stage of ['reading', 'planning', 'analysing', 'assembling', 'writing'])
    test(`while ${stage} ends the build with a sentence, and nothing half done takes the gallery’s place`, async () => {
      const out = join(home, stage);
      const stopped = await signalledWhen('SIGTERM', stagesOf(roster, out)[stage], 'build', roster, '--photos', join(home, 'photos'), '-o', out, '--quiet');
      assert.deepEqual([stopped.code, stopped.signal], [1, null], stopped.err);
      assert.match(stopped.err, /Interrupted/);
      assert.deepEqual([existsSync(out), existsSync(`${out}.report`)], [false, false]);
    });
});

describe('a journal', () => {
  const out = join(folder, 'spoilt');
  const random = seeded(SEED + 1);
  before(() => finished(out, '--quiet'));

  test('cut short anywhere loses what was behind, and no more', async () => {
    const bytes = readFileSync(journalOf(workOf(out)));
    for (let i = 0; i < 4; i++) {
      const length = i ? Math.floor(random() * bytes.length) : 0;
      writeFileSync(journalOf(workOf(out)), bytes.subarray(0, length));
      const { known } = await finished(out, '--quiet');
      assert.ok(Math.abs(known / made.count - length / bytes.length) < 0.25, `${known} known of a journal of ${length}`);
    }
  });

  test('with flipped bits loses the records that they are in, and no others', async () => {
    const bytes = readFileSync(journalOf(workOf(out)));
    for (let i = 0; i < 4; i++) {
      const spoilt = Buffer.from(bytes);
      const flips = 3;
      for (let k = 0; k < flips; k++) spoilt[Math.floor(random() * spoilt.length)] ^= 1 << Math.floor(random() * 8);
      writeFileSync(journalOf(workOf(out)), spoilt);
      const { known, err } = await finished(out, '--quiet');
      assert.ok(known >= made.count - flips - 8, `${known} of ${made.count}`);
      assert.match(err, /was damaged or cut short; [\d,]+ bytes of it were left out|^(?!.*cannot)/);
      assert.equal(readFileSync(journalOf(workOf(out))).length, bytes.length, 'healed');
    }
  });

  test('that is something else altogether is begun again', async () => {
    for (const content of ['a diary\n', Buffer.alloc(200000, 'rec\n'), Buffer.from(Array.from({ length: 50000 }, () => random() * 256))]) {
      writeFileSync(journalOf(workOf(out)), content);
      const { known } = await finished(out, '--quiet');
      assert.ok(known < 8, `${known}`);
    }
  });
});
