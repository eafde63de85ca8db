/** From a photo to the people it resembles. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { demoPhotos, lacking, sets } from '../places.mjs';
import * as words from '../../web/words.js';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { cards, give, goOn, inEachEngine, match, howMeasured, outcome, ready, test } from './visit.mjs';

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

inEachEngine('the way of a photo', (visit, engine) => {
  test('a demo photo finds its own faces first, then resemblance in falling order', async () => {
    const { page } = await visit();
    await ready(page);
    const results = await match(page, demoPhotos[0]);
    assert.ok(results[0].similarity > 0.99, `the same face in the gallery has ${results[0].similarity}`);
    assert.ok(results.length > 1 && results.length <= 10);
    results.forEach(({ rank }, i) => assert.equal(rank, i + 1));
    for (let i = 1; i < results.length; i++) assert.ok(results[i].similarity <= results[i - 1].similarity);
    assert.match(await howMeasured(page), /of pairs of different people here|calibrated|pairs of different people here/);
  });

  test('of several faces each is boxed, and another one can be picked', async () => {
    const { page } = await visit();
    await ready(page);
    await give(page, demoPhotos[0]);
    assert.equal(await outcome(page), 'choose');
    const { marks, choices } = await run(page, () => ({
      marks: document.querySelectorAll('.face-mark').length,
      choices: document.querySelectorAll('#faces input[name=face]').length,
    }));
    assert.ok(marks >= 2, `${marks} faces`);
    assert.equal(choices, marks);
    const first = await goOn(page, 0);
    await page.click('.face-mark[data-face="1"]');
    await until(page, 'other results', (/** @type {string} */ name) => {
      return document.querySelector('#matches .match-name')?.textContent !== name;
    }, first[0].name);
    assert.equal(await outcome(page), 'matched');
    assert.ok((await cards(page))[0].similarity > 0.99);
  });

  test('of several files the first photo is used, and the page says so', async () => {
    const { page } = await visit();
    await ready(page);
    await run(page, () => document.getElementById('file-input')?.setAttribute('multiple', ''));
    await give(page, demoPhotos[0], demoPhotos[1]);
    await outcome(page);
    assert.equal(await run(page, () => document.getElementById('note')?.textContent), words.status.firstOfMany(2));
  });

  test('a photo can be given before everything is loaded', async () => {
    const { page, site } = await visit({ hold: ['doppel.wasm'] });
    await give(page, await pictures.oneFace());
    await until(page, 'the photo to be taken in', () => document.documentElement.dataset.photo === 'working');
    assert.equal(await run(page, () => document.documentElement.dataset.engine), 'loading');
    site.release();
    assert.equal((await goOn(page))[0].rank, 1);
  });

  test('a photo that is dropped, or pasted, is taken like one that is chosen', async () => {
    const { page } = await visit();
    await ready(page);
    const photo = (await readFile(await pictures.oneFace())).toString('base64');
    for (const way of ['drop', 'paste']) {
      await run(page, deliver, way, photo);
      await until(page, way, () => document.documentElement.dataset.photo !== 'none');
      assert.equal((await goOn(page))[0].rank, 1, way);
      await page.click('#forget');
      assert.equal(await run(page, () => document.documentElement.dataset.photo), 'none');
    }
  });

  if (engine === 'chromium')
    test('the browser’s own drop and its own clipboard work as well', async () => {
      const { page } = await visit();
      await ready(page);
      const devtools = await page.native.context().newCDPSession(page.native);
      const data = { items: [], files: [await pictures.oneFace()], dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'])
        await devtools.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
      await until(page, 'the drop', () => document.documentElement.dataset.photo !== 'none');
      assert.equal((await goOn(page))[0].rank, 1);
      await page.click('#forget');

      await page.native.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await run(page, copyPicture, (await readFile(await pictures.oneFace())).toString('base64'));
      await page.press('Control+v');
      await until(page, 'the paste', () => document.documentElement.dataset.photo !== 'none');
      assert.equal((await goOn(page))[0].rank, 1);
    });

  test('cancelling leaves a page that takes the next photo', async () => {
    const { page, site } = await visit({ hold: ['doppel.wasm'] });
    await give(page, await pictures.oneFace());
    await until(page, 'the photo to be taken in', () => document.documentElement.dataset.photo === 'working');
    await page.click('#cancel');
    assert.equal(await run(page, () => document.documentElement.dataset.photo), 'none');
    site.release();
    await ready(page);
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });
});

/** The main way once more with each set of networks: first the one in use. */
for (const { name, dist: folder } of sets()) {
  const skip = lacking(folder);
  inEachEngine(`with the ${name} set`, (visit) => {
    test('each face of a demo photo finds itself, a portrait finds its person, and the page says which networks these are', { skip }, async () => {
      const { page } = await visit({ folder });
      await ready(page);
      const first = await match(page, demoPhotos[4]);
      assert.ok(first[0].similarity > 0.99, `the same face in the gallery has ${first[0].similarity}`);
      await page.click('.face-mark[data-face="1"]');
      await until(page, 'other results', (/** @type {string} */ before) => {
        return document.querySelector('#matches .match-name')?.textContent !== before;
      }, first[0].name);
      assert.ok((await cards(page))[0].similarity > 0.99);
      await page.click('#forget');
      const [portrait] = await match(page, await pictures.oneFace());
      assert.ok(portrait.similarity > 0.9, `a portrait cut from a demo photo has ${portrait.similarity}`);

      const { networks } = JSON.parse(await readFile(join(folder, 'models/models.json'), 'utf8'));
      const shown = await run(page, () => ({
        set: document.getElementById('networks-set')?.textContent,
        names: [...document.querySelectorAll('#networks dt')].map((term) => term.textContent),
      }));
      assert.equal(shown.set, words.networkSet(name));
      assert.deepEqual(shown.names, networks.map((/** @type {{name: string}} */ network) => network.name));
    });
  });
}

/** Runs in the page: an event as the browser makes it when a file is dropped or pasted. */
function deliver(/** @type {string} */ way, /** @type {string} */ base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], 'given.png', { type: 'image/png' }));
  const event = new Event(way, { bubbles: true, cancelable: true });
  Object.defineProperty(event, way === 'drop' ? 'dataTransfer' : 'clipboardData', { value: transfer });
  document.body.dispatchEvent(event);
}

/** Runs in the page: puts a picture into the clipboard. */
async function copyPicture(/** @type {string} */ base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) })]);
}
