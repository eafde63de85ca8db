/** The picture of the gallery on the start page: asked for by index.html itself, or by the page where that names another one. */
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

/** @typedef {import('./visit.mjs').Site} Site */

const picture = (/** @type {Page} */ page) =>
  until(page, 'the cover', () => {
    const image = /** @type {HTMLImageElement | null} */ (document.querySelector('#cover img'));
    return Boolean(image?.complete) && image?.naturalWidth && { size: [image.naturalWidth, image.naturalHeight], alt: image.alt, blob: image.src.startsWith('blob:') };
  });

const timesAsked = (/** @type {Site} */ site) => site.seen.filter(({ path }) => path.endsWith(cover.path)).length;

/** As `npm start` serves the page, and as a host has it who put another gallery in place. */
const withoutPicture = { 'index.html': (/** @type {Buffer} */ bytes) => bytes.toString().replace(/<img src="gallery[^>]*>/, '') };

inEachEngine('the cover of a gallery', (visit) => {
  for (const [window, width, height] of /** @type {[string, number, number][]} */ ([['a desktop', 1280, 900], ['a phone', 390, 844]]))
    test(`is as wide as the sheet, leaves the buttons in sight, and is asked for once, on ${window}`, async () => {
      const { page, site } = await visit({ gallery: folder });
      await page.size(width, height);
      try {
        await ready(page);
        assert.deepEqual(await picture(page), { size: [cover.width, cover.height], alt: 'Cover of this gallery', blob: false });
        const shown = await run(page, () => {
          const [button, over, frames] = ['choose', 'cover', 'frames'].map((id) => /** @type {Element} */ (document.getElementById(id)).getBoundingClientRect());
          const onTop = document.elementFromPoint(button.x + button.width / 2, button.y + button.height / 2);
          return { wide: Math.abs(over.width - frames.width) < 1, onTop: onTop?.id, inSight: button.bottom <= innerHeight };
        });
        assert.deepEqual(shown, { wide: true, onTop: 'choose', inSight: true });
        assert.equal(timesAsked(site), 1);
      } finally {
        await page.size(1280, 900);
      }
    });

  test('is shown before the networks are here', async () => {
    const { page } = await visit({ gallery: folder, hold: ['.safetensors.gz'] });
    await picture(page);
    assert.equal(await run(page, () => document.documentElement.dataset.engine), 'loading');
  });

  test('is fetched by the page where index.html names none', async () => {
    const { page, site } = await visit({ gallery: folder, change: withoutPicture });
    await ready(page);
    assert.deepEqual(await picture(page), { size: [cover.width, cover.height], alt: 'Cover of this gallery', blob: true });
    assert.equal(timesAsked(site), 1);
  });

  test('is gone where the gallery that is there now has none', async () => {
    const bare = join(folder, 'bare');
    await writeLargeGallery(bare);
    const { page } = await visit({ gallery: bare });
    await ready(page);
    assert.equal(await run(page, () => document.querySelectorAll('#cover img').length), 0);
  });

  test('the page works without it where its host does not send it', async () => {
    const { page } = await visit({ gallery: folder, change: { [cover.path]: () => 404 } });
    await ready(page);
    await until(page, 'the picture to be gone', () => !document.querySelector('#cover img'));
    assert.equal(await run(page, () => document.getElementById('alert')?.hidden), true);
  });
});
