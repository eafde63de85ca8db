/** The picture of a large gallery on the start page. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { run, until } from './engines.mjs';
import { writeLargeGallery } from './large-gallery.mjs';
import { inEachEngine, ready, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

let folder = '';
/** @type {any} */
let cover;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doppel-cover-'));
  [cover] = (await writeLargeGallery(folder, { cover: true })).files.cover;
});
after(() => rm(folder, { recursive: true, force: true }));

const boxes = (/** @type {Page} */ page) =>
  run(page, () => ['headline', 'frames', 'drop', 'load'].map((id) => {
    const { x, y, width, height } = /** @type {Element} */ (document.getElementById(id)).getBoundingClientRect();
    return [id, x, y, width, height];
  }));

inEachEngine('the cover of a large gallery', (visit) => {
  for (const [window, width, height] of /** @type {[string, number, number][]} */ ([['a desktop', 1280, 900], ['a phone', 390, 844]]))
    test(`fills the frames and moves nothing, on ${window}`, async () => {
      const { page, site } = await visit({ gallery: folder, hold: ['.safetensors.gz', cover.path] });
      await page.size(width, height);
      try {
        await until(page, 'the title', () => document.getElementById('edge-title')?.textContent === 'A large gallery');
        await until(page, 'the progress', () => /MB/.test(document.getElementById('load-text')?.textContent ?? ''));
        const before = await boxes(page);
        site.release();
        await until(page, 'the cover', () => Boolean(document.querySelector('#frames .cover')));
        const shown = await run(page, () => {
          const image = /** @type {HTMLImageElement} */ (document.querySelector('#frames .cover'));
          const drop = /** @type {Element} */ (document.getElementById('choose')).getBoundingClientRect();
          const [own, frames] = [image, /** @type {Element} */ (image.parentElement)].map((one) => one.getBoundingClientRect());
          const onTop = document.elementFromPoint(drop.x + drop.width / 2, drop.y + drop.height / 2);
          return { size: [image.naturalWidth, image.naturalHeight, image.width > 0], alt: image.alt, fills: own.width === frames.width && own.height === frames.height, onTop: onTop?.id };
        });
        assert.deepEqual(shown, { size: [cover.width, cover.height, true], alt: 'Cover of this gallery', fills: true, onTop: 'choose' });
        const after = await boxes(page);
        assert.deepEqual(after.slice(0, 3), before.slice(0, 3));
        await ready(page);
      } finally {
        await page.size(1280, 900);
      }
    });

  test('is shown before the networks are here', async () => {
    const { page } = await visit({ gallery: folder, hold: ['.safetensors.gz'] });
    await until(page, 'the cover', () => Boolean(document.querySelector('#frames .cover')));
    assert.equal(await run(page, () => document.documentElement.dataset.engine), 'loading');
  });

  test('is not fetched where the portraits of everybody are', async () => {
    const { page, site } = await visit();
    await ready(page);
    await until(page, 'the contact sheet', () => document.querySelectorAll('#frames .frame canvas').length);
    assert.deepEqual(site.seen.map(({ path }) => path).filter((path) => path.includes('cover-')), []);
  });

  test('the page works without it where its host does not send it', async () => {
    const { page } = await visit({ gallery: folder, change: { [cover.path]: () => 404 } });
    await ready(page);
    assert.deepEqual(await run(page, () => [document.querySelectorAll('.cover').length, document.getElementById('alert')?.hidden]), [0, true]);
  });
});
