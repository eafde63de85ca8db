/** What `doppel build` keeps in its work folder: what is looked at again and what is not, and that nobody stays in it. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { demoPhotos, sets } from '../places.mjs';
import { doppel, fill, fingerprint, sample, scratch } from './program.mjs';

const folder = scratch();
const photos = join(folder, 'photos');
const out = join(folder, 'gallery');
const work = `${out}.work`;

/** Builds from a list of [name, photo, …]; says how many photos came from the work folder. @param {string[][]} people @param {...string} options */
async function build(people, ...options) {
  writeFileSync(join(folder, 'roster.csv'), `name,photo,box\n${people.map(([name, photo, box = '']) => `${name},${photo},${box}`).join('\n')}\n`);
  const { code, err, out: said } = await doppel('build', join(folder, 'roster.csv'), '--photos', photos, '-o', out, '--force', '--quiet', ...options);
  assert.equal(code, 0, err);
  const [, place, known] = said.match(/^(.*) keeps what was computed, so that the next build is quick \(this time (\d+) photos were known already\); it may be deleted$/m) ?? [];
  assert.ok(place, said);
  return { place, known: Number(known), err };
}

const journals = (place = work) => readdirSync(place).filter((name) => name.endsWith('.journal'));
const bytesKept = (place = work) => journals(place).reduce((sum, name) => sum + readFileSync(join(place, name)).length, 0);

const everybody = [['Ada', 'ada.jpg'], ['Ben', 'ben.jpg'], ['Cleo', 'cleo.jpg']];

before(() => {
  fill(photos, { 'ada.jpg': sample(1), 'ben.jpg': sample(4), 'cleo.jpg': sample(6) });
});

describe('a build after a build', () => {
  test('takes everything from the work folder, and gives the same bytes', async () => {
    assert.deepEqual(await build(everybody).then(({ place, known }) => [place, known]), [work, 0]);
    const first = fingerprint(out);
    assert.equal((await build(everybody)).known, 3);
    assert.deepEqual(fingerprint(out), first);
    rmSync(work, { recursive: true });
    assert.equal((await build(everybody)).known, 0);
    assert.deepEqual(fingerprint(out), first);
  });

  test('looks at a photo again when its content has changed, and not when its name or its person has', async () => {
    appendFileSync(join(photos, 'ben.jpg'), 'more');
    assert.equal((await build(everybody)).known, 2);
    copyFileSync(join(photos, 'cleo.jpg'), join(photos, 'cleopatra.jpg'));
    assert.equal((await build([['Ada', 'ada.jpg'], ['Ben', 'ben.jpg'], ['Cleopatra', 'cleopatra.jpg']], '--title', 'Other')).known, 3);
    assert.equal((await build(everybody)).known, 3);
  });

  test('looks at the same content once, however many files have it', async () => {
    rmSync(work, { recursive: true });
    const twins = [...everybody, ['Cleopatra', 'cleopatra.jpg'], ['Cleo', 'cleo.jpg']];
    assert.equal((await build(twins)).known, 2);
    assert.equal((await build(twins)).known, 5);
  });

  test('looks again when the roster gives another face', async () => {
    await build(everybody);
    const boxed = [['Ada', 'ada.jpg', '"100,40,160,200"'], ...everybody.slice(1)];
    assert.equal((await build(boxed)).known, 2);
    assert.equal((await build(boxed)).known, 3);
    assert.equal((await build(everybody)).known, 2);
  });

  test('looks again with other options of the detector, and with other networks', async () => {
    await build(everybody);
    assert.equal((await build(everybody, '--min-face', '30')).known, 0);
    assert.equal((await build(everybody, '--score', '0.55')).known, 0);
    assert.equal((await build(everybody)).known, 0, 'only what the last gallery used is kept');
  });

  const [, second] = sets();
  test('looks again with the other set', { skip: second.skip }, async () => {
    assert.equal((await build(everybody, '--models', second.models)).known, 0);
    assert.equal((await build(everybody, '--models', second.models)).known, 3);
    assert.equal((await build(everybody)).known, 0);
  });
});

describe('the work folder', () => {
  test('forgets whom the gallery no longer has', async () => {
    await build(everybody);
    const all = bytesKept();
    await build(everybody.slice(1));
    assert.ok(bytesKept() < all * 0.9, `${bytesKept()} of ${all} bytes`);
    assert.equal((await build(everybody)).known, 2);
    await build(everybody, '--min-face', '30');
    assert.equal(journals().length, 1, 'and what other options gave');
  });

  test('keeps what was computed for a build that fails', async () => {
    rmSync(work, { recursive: true });
    await build(everybody);
    fill(folder, { 'wall.csv': 'name,photo\nWall,wall.jpg\n' });
    const { code } = await doppel('build', join(folder, 'wall.csv'), '--photos', photos, '-o', out, '--force', '--quiet');
    assert.equal(code, 1);
    assert.equal((await build(everybody)).known, 3);
  });

  test('lies where --work says', async () => {
    const elsewhere = join(folder, 'else', 'where');
    assert.deepEqual(await build(everybody, '--work', elsewhere).then(({ place, known }) => [place, known]), [elsewhere, 0]);
    assert.equal((await build(everybody, '--work', elsewhere)).known, 3);
  });

  test('does not lie in the gallery, which is replaced', async () => {
    for (const place of [out, `${out}/`, join(out, 'work')]) {
      const { code, err } = await doppel('build', join(folder, 'roster.csv'), '--photos', photos, '-o', out, '--force', '--work', place);
      assert.equal(code, 2);
      assert.match(err, /--work lies in OUT, which a build replaces; name a folder beside it/);
    }
  });

  test('is for one build at a time', async () => {
    mkdirSync(work, { recursive: true });
    const lock = spawn('flock', ['--no-fork', join(work, 'lock'), 'sleep', '60']);
    try {
      while (spawnSync('flock', ['-n', join(work, 'lock'), 'true']).status === 0) await new Promise((done) => setTimeout(done, 20));
      const { code, err } = await doppel('build', join(folder, 'roster.csv'), '--photos', photos, '-o', out, '--force');
      assert.equal(code, 1);
      assert.match(err, /Another build is at work in .*gallery\.work; wait for it, or name another folder with --work\./);
    } finally {
      lock.kill();
      await new Promise((done) => lock.on('close', done));
    }
  });

  test('that cannot be made is an error that names it', async () => {
    fill(folder, { file: 'a file' });
    const { code, err } = await doppel('build', join(folder, 'roster.csv'), '--photos', photos, '-o', out, '--force', '--work', join(folder, 'file'));
    assert.equal(code, 1);
    assert.match(err, /The folder .*file cannot be made|.*file\/lock cannot be opened/);
  });
});

test('what a killed build left beside the gallery is cleared away', async () => {
  fill(`${out}.unfinished`, { 'embeddings-0000.12345678.safetensors': 'half of it' });
  await build(everybody);
  assert.equal(existsSync(`${out}.unfinished`), false);
});

test('without photos to look at again, a build of the whole demo says so as it goes', async () => {
  const options = ['build', '--all-faces', ...demoPhotos, '-o', join(folder, 'demo')];
  await doppel(...options);
  const { code, err } = await doppel(...options, '--force');
  assert.equal(code, 0);
  assert.match(err, /6 of 6 photos, \d+ s in all, 6 known already\n/);
});
