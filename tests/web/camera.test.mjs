/** A picture from the camera: Chromium's fake camera shows a demo photo. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import * as words from '../../web/words.js';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { goOn, inEachEngine, outcome, ready, test } from './visit.mjs';

const pictures = await openPictures();
after(() => pictures.close());

inEachEngine(
  'the camera',
  (visit) => {
    test('a press of the button takes a picture, and its faces are found in the gallery', async () => {
      const { page, site } = await visit();
      await ready(page);
      await page.click('#camera-open');
      await until(page, 'the camera', () => !(/** @type {HTMLButtonElement} */ (document.getElementById('camera-shutter')).disabled));
      assert.equal(await run(page, () => document.getElementById('camera-text')?.textContent), words.camera.ready);
      assert.equal(await run(page, () => document.documentElement.dataset.photo), 'none', 'nothing happens before the press');
      await page.click('#camera-shutter');
      await until(page, 'the picture', () => document.documentElement.dataset.photo !== 'none');
      const faces = await outcome(page);
      assert.ok(faces === 'choose' || faces === 'matched', faces);
      const [first] = await goOn(page);
      assert.ok(first.similarity > 0.9, `the face in the gallery has ${first.similarity}`);
      assert.match(first.name, /sample ?1/i);
      assert.ok(site.seen.every(({ body }) => body.length === 0));
    });

    test('closing the dialog switches the camera off', async () => {
      const { page } = await visit();
      await ready(page);
      await page.click('#camera-open');
      await until(page, 'the camera', () => !(/** @type {HTMLButtonElement} */ (document.getElementById('camera-shutter')).disabled));
      await run(page, () => {
        const video = /** @type {HTMLVideoElement} */ (document.getElementById('camera-video'));
        [/** @type {any} */ (window).track] = /** @type {MediaStream} */ (video.srcObject).getTracks();
      });
      await page.press('Escape');
      assert.equal(await until(page, 'the end', () => /** @type {any} */ (window).track.readyState === 'ended'), true);
    });
  },
  { only: ['chromium'], options: async () => ({ camera: await pictures.camera() }) },
);
