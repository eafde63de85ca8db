/** The host's photos to try the page with. */
import assert from 'node:assert/strict';
import { run, until } from './engines.mjs';
import { goOn, inEachEngine, problem, ready, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

const samples = (/** @type {Page} */ page) =>
  run(page, () => [...document.querySelectorAll('#samples button')].map((button) => /** @type {HTMLElement} */ (button).offsetHeight > 0 && button.textContent));

inEachEngine('sample photos', (visit) => {
  test('are offered on the start page, fetched when one is chosen by key, and lead to results', async () => {
    const { page, site } = await visit();
    await ready(page);
    assert.deepEqual(await samples(page), ['Sample 1', 'Sample 2']);
    assert.deepEqual(site.seen.filter(({ path }) => path.includes('sample-')), []);
    await run(page, () => /** @type {HTMLElement} */ (document.querySelector('#samples button')).focus());
    await page.press('Enter');
    await until(page, 'the photo', () => document.documentElement.dataset.photo !== 'none');
    assert.ok((await goOn(page))[0].similarity > 0.9);
    assert.equal(site.seen.filter(({ path }) => path.includes('sample-')).length, 1);
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

  test('that the host does not send are said to be missing', async () => {
    const { page } = await visit({ change: { 'sample-0000': () => 404 } });
    await ready(page);
    await page.click('#samples button');
    assert.match((await problem(page)).text, /sample-0000/);
  });
});
