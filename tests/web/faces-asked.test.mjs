/** Faces of a large gallery that come only when the visitor asks for them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { run, until } from './engines.mjs';
import { writeLargeGallery } from './large-gallery.mjs';
import { openPictures } from './pictures.mjs';
import { inEachEngine, match, portraitsHere, ready, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
let folder = '';
/** @type {any} */
let manifest;
before(async () => {
  pictures = await openPictures();
  folder = await mkdtemp(join(tmpdir(), 'doppel-faces-'));
  manifest = await writeLargeGallery(folder);
});
after(async () => {
  await pictures?.close();
  await rm(folder, { recursive: true, force: true });
});

const strip = (/** @type {Page} */ page) =>
  run(page, () => [...document.querySelectorAll('#matches match-card')].map((card) => ({
    photo: Number(/** @type {HTMLElement} */ (card).dataset.photo),
    missing: card.matches('.not-fetched'),
  })));

const allSettled = (/** @type {Page} */ page) => until(page, 'the strip', () => !document.querySelector('match-card.waiting'));
const offered = (/** @type {Page} */ page) => run(page, () => document.getElementById('others')?.hidden === false);

inEachEngine('the faces of a large gallery', (visit) => {
  test('other results than the first show their faces after a press on a key, and only then the page asks for their files', async () => {
    const { page, site } = await visit({ gallery: folder });
    await ready(page);
    await match(page, await pictures.oneFace());
    await allSettled(page);
    const before = await strip(page);
    const sheetOf = (/** @type {number} */ photo) => Math.floor(photo / 256);
    const others = [...new Set(before.map((/** @type {{photo: number}} */ { photo }) => sheetOf(photo)))].filter((sheet) => sheet !== sheetOf(before[0].photo));
    assert.ok(others.length > 0, 'all results are in one sheet');
    for (const { photo, missing } of before) assert.equal(missing, others.includes(sheetOf(photo)), `photo ${photo}`);
    assert.equal(await offered(page), true);
    const described = await run(page, () => document.getElementById(document.getElementById('others-show')?.getAttribute('aria-describedby') ?? '')?.textContent);
    assert.match(described, /the host can often infer who was found/);

    const asked = site.seen.length;
    await run(page, () => document.getElementById('others-show')?.focus());
    await page.press('Enter');
    await until(page, 'the faces', () => !document.querySelector('match-card:is(.waiting, .no-portrait)'));
    const paths = site.seen.slice(asked).map(({ path }) => path.split('/').at(-1)).sort();
    assert.deepEqual(paths, others.map((sheet) => manifest.files.photos[sheet].path).sort());
    assert.equal(await offered(page), false);
    assert.equal(await run(page, () => Boolean(document.activeElement?.closest('match-card'))), true, 'the focus is in the strip');
  });

  test('a face that was not on the stage comes there when the visitor asks for the faces', async () => {
    const { page } = await visit({ gallery: folder });
    await ready(page);
    await match(page, await pictures.oneFace());
    await allSettled(page);
    const missing = (await strip(page)).findIndex((/** @type {{missing: boolean}} */ { missing }) => missing);
    await page.click(`#matches li:nth-child(${missing + 1}) [data-action=show]`);
    assert.deepEqual(await run(page, () => ({ ...document.getElementById('stage')?.dataset }.pictures)), 'probe');
    await run(page, () => document.getElementById('others-show')?.focus());
    await page.press('Enter');
    await until(page, 'both faces', () => document.getElementById('stage')?.dataset.pictures === 'probe match');
  });

  test('a gallery whose portraits all come by themselves asks nothing of the visitor', async () => {
    const { page } = await visit();
    await ready(page);
    await portraitsHere(page);
    await match(page, await pictures.oneFace());
    assert.equal(await offered(page), false);
  });
});
