/** The host's photos to try the page with. */
import assert from 'node:assert/strict';
import { run, until } from './engines.mjs';
import { goOn, inEachEngine, problem, ready, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

const samples = (/** @type {Page} */ page) =>
  run(page, () => [...document.querySelectorAll('#samples button')].map((button) => /** @type {HTMLElement} */ (button).offsetHeight > 0 && button.getAttribute('aria-label')));

const fetched = (/** @type {import('./visit.mjs').Site} */ site) => site.seen.filter(({ path }) => path.includes('sample-0'));

inEachEngine('sample photos', (visit) => {
  test('are offered on the start page as small pictures, fetched when one is chosen by key, and lead to results', async () => {
    const { page, site } = await visit();
    await ready(page);
    assert.deepEqual(await samples(page), ['Sample photo 1', 'Sample photo 2']);
    await until(page, 'their pictures', () => [...document.querySelectorAll('#samples img')].filter((image) => /** @type {HTMLImageElement} */ (image).naturalHeight === 160).length === 2);
    assert.deepEqual(fetched(site), []);
    await run(page, () => /** @type {HTMLElement} */ (document.querySelector('#samples button')).focus());
    await page.press('Enter');
    await until(page, 'the photo', () => document.documentElement.dataset.photo !== 'none');
    assert.ok((await goOn(page))[0].similarity > 0.9);
    assert.equal(fetched(site).length, 1);
    assert.deepEqual(await samples(page), [false, false], 'with a photo at hand they are not shown');
  });

  test('are not offered by a gallery without any', async () => {
    const withoutSamples = (/** @type {Buffer} */ bytes) => {
      const manifest = JSON.parse(bytes.toString());
      return JSON.stringify({ ...manifest, files: { ...manifest.files, samples: [] } });
    };
    const { page } = await visit({ change: { 'gallery/gallery.json': withoutSamples } });
    await ready(page);
    assert.equal(await run(page, () => document.getElementById('samples')?.hidden), true);
  });

  test('whose small pictures the host does not send are offered by their number', async () => {
    const { page } = await visit({ change: { 'sample-thumb-0000': () => 404 } });
    await ready(page);
    await until(page, 'the second picture', () => document.querySelectorAll('#samples img').length === 1);
    assert.deepEqual(await run(page, () => [...document.querySelectorAll('#samples button')].map((button) => button.textContent)), ['1', '']);
  });

  test('that the host does not send are said to be missing', async () => {
    const { page } = await visit({ change: { 'sample-0000': () => 404 } });
    await ready(page);
    await page.click('#samples button');
    assert.match((await problem(page)).text, /sample-0000/);
  });
});
