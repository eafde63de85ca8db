/** The cache of what is downloaded and built: whole or not at all, made once, keyed by its recipe. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cacheFolder, cached, linkTo, lock, recipeHash } from '../../tools/setup/cache.mjs';
import { madeFrom } from '../../tools/setup/stamp.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'doppel-cache-'));
const before_ = process.env.XDG_CACHE_HOME;

before(() => {
  process.env.XDG_CACHE_HOME = scratch;
  process.env.DOPPEL_QUIET = '1'; // the failures below are meant
});

after(() => {
  if (before_ === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before_;
  rmSync(scratch, { recursive: true });
});

describe('the cache', () => {
  it('lies in XDG_CACHE_HOME, unless that is no absolute path', () => {
    assert.equal(cacheFolder(), join(scratch, 'doppel'));
    process.env.XDG_CACHE_HOME = 'relative';
    assert.match(cacheFolder(), /\/\.cache\/doppel$/);
    process.env.XDG_CACHE_HOME = scratch;
  });

  it('makes a thing once, also when two ask at the same time', async () => {
    let made = 0;
    const ask = () =>
      cached('thing', 'hash', 'Making a thing', async (folder) => {
        made++;
        await new Promise((wake) => setTimeout(wake, 50));
        writeFileSync(join(folder, 'file'), 'whole');
      });
    const [one, other] = await Promise.all([ask(), ask()]);
    assert.equal(one, other);
    assert.equal(readFileSync(join(await ask(), 'file'), 'utf8'), 'whole');
    assert.equal(made, 1);
  });

  it('leaves nothing of a thing that failed, and makes it the next time', async () => {
    const fail = cached('broken', 'hash', 'Making', async (folder) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('no more');
    });
    await assert.rejects(fail, /no more/);
    assert.deepEqual(readdirSync(cacheFolder()).filter((name) => name.startsWith('broken')), []);
    assert.ok(existsSync(await cached('broken', 'hash', 'Making', async () => {})));
  });

  it('gives another recipe, or another file in it, another name', () => {
    const file = join(scratch, 'recipe');
    writeFileSync(file, 'a');
    const hashes = [recipeHash([1]), recipeHash([2]), recipeHash([1], [file])];
    writeFileSync(file, 'b');
    hashes.push(recipeHash([1], [file]));
    assert.equal(new Set(hashes).size, 4);
  });

  it('does not wait for the lock of a run that is gone', async () => {
    const path = join(scratch, 'dead.lock');
    writeFileSync(path, '4194303'); // no process has this number
    const unlock = await lock(path);
    assert.equal(readFileSync(path, 'utf8'), String(process.pid));
    unlock();
    assert.ok(!existsSync(path));
  });

  it('turns a link, or a folder in its place, to a new target', () => {
    const link = join(scratch, 'links/link');
    mkdirSync(link, { recursive: true });
    assert.equal(linkTo(link, '/one'), true);
    assert.equal(linkTo(link, '/one'), false);
    assert.equal(linkTo(link, '/two'), true);
  });
});

describe('what is made from other things', () => {
  it('is made again only when they change, and stays whole when making fails', async () => {
    const folder = join(scratch, 'made/gallery');
    let made = 0;
    const make = (/** @type {string} */ inputs) =>
      madeFrom(folder, inputs, async (fresh) => writeFileSync(join(fresh, 'n'), String(++made)));
    await make('a');
    await make('a');
    assert.equal(made, 1);
    await make('b');
    assert.equal(readFileSync(join(folder, 'n'), 'utf8'), '2');
    await assert.rejects(madeFrom(folder, 'c', async () => assert.fail('no')));
    assert.equal(readFileSync(join(folder, 'n'), 'utf8'), '2');
  });
});
