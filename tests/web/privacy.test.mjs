/** The photo never leaves the tab: what a host sees of a whole visit, and what the worker with the photo could do. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { cards, goOn, inEachEngine, match, outcome, portraitsHere, ready, SUBPATH, stage, test } from './visit.mjs';

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

inEachEngine('privacy', (visit, engine) => {
  test('a visit asks its own host for files of its own folder, and nobody else for anything', async () => {
    const { page, site } = await visit();
    await ready(page);
    await match(page, demoPhotos[0]);
    await stage(page, 1);
    for (const { method, path, body } of site.seen) {
      assert.equal(method, 'GET');
      assert.equal(body.length, 0, `${path} carries ${body.length} bytes`);
      assert.ok(path === '/favicon.ico' || path.startsWith(SUBPATH), `outside the folder: ${path}`);
      assert.ok(!path.includes('?'), `a query: ${path}`);
    }
    const asked = page.requests?.() ?? [];
    const abroad = asked.filter((url) => !url.startsWith(site.origin) && /^(https?|wss?|ftp):/.test(url) && !url.includes('127.0.0.1'));
    assert.deepEqual(abroad, []);
  });

  test('after loading nothing is asked for, except the thorough detector where a photo wants it', async () => {
    const { page, site } = await visit();
    await ready(page);
    await until(page, 'the sample photos', () => document.querySelectorAll('#samples img').length === 2);
    await portraitsHere(page);
    const loaded = site.seen.length;
    const later = (/** @type {RegExp} */ but) => site.seen.slice(loaded).map(({ path }) => path).filter((path) => !/favicon/.test(path) && !but.test(path));
    await match(page, await pictures.oneFace());
    assert.deepEqual(later(/^$/), []);
    await match(page, demoPhotos[1]);
    await stage(page, 1);
    assert.deepEqual(later(/models\/ssd_mobilenetv1/), []);
  });

  test('no request carries a piece of the photo', async () => {
    const { page, site } = await visit();
    await ready(page);
    const photo = demoPhotos[2];
    await match(page, photo);
    const bytes = await readFile(photo);
    const base64 = bytes.toString('base64');
    const pieces = [base64.slice(4000, 4024), base64.slice(40000, 40024), bytes.subarray(5000, 5016).toString('hex')];
    for (const { path, body, headers } of site.seen) {
      const text = `${path} ${JSON.stringify(headers)} ${body.toString('latin1')}`;
      for (const piece of pieces) assert.ok(!text.includes(piece), `${path} carries ${piece}`);
      assert.ok(!text.includes('sample3'), `${path} carries the photo's name`);
    }
  });

  test('with the network cut after loading everything still works', async () => {
    const { page, site } = await visit();
    await ready(page);
    await portraitsHere(page);
    await site.cut();
    const results = await match(page, await pictures.oneFace());
    assert.ok(results[0].similarity > 0.9);
    await stage(page, 1);
    await page.choose('#file-input', demoPhotos[3]);
    await until(page, 'the next photo', () => document.documentElement.dataset.photo !== 'matched');
    assert.ok(['choose', 'matched', 'notice'].includes(await outcome(page)));
    await goOn(page);
    assert.ok((await cards(page)).length > 0);
  });

  if (engine !== 'webkit')
    test('a copy kept for offline use opens without a connection', async () => {
      const { page, site } = await visit();
      await ready(page);
      const keep = await until(page, 'the offer', () => {
        const text = document.getElementById('offline-text')?.textContent;
        return text && (document.getElementById('offline-keep')?.hidden ? `no: ${text}` : 'yes');
      });
      assert.equal(keep, 'yes');
      await page.click('#offline-keep');
      await until(page, 'the copy', () => document.getElementById('offline-keep')?.hidden);
      await site.cut();
      await page.goto(site.origin + SUBPATH);
      await ready(page);
      assert.equal((await match(page, demoPhotos[0]))[0].rank, 1);
      await page.click('#offline-forget');
      await until(page, 'no copy', () => document.getElementById('offline-forget')?.hidden);
      assert.deepEqual(await run(page, () => caches.keys()), []);
    });
});
