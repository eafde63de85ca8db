/** The stage: two faces, one over the other, a sentence, a decision; the strip of the others; the picture to keep. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import * as words from '../../web/words.js';
import { demoPhotos } from '../places.mjs';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { galleryWithFields } from './rosters.mjs';
import { cards, inEachEngine, match, portraitsHere, ready, scriptFirst, stage, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

/** Bitmaps come only after `window.release()` once `window.hold` is set. */
const holdingBitmaps = scriptFirst(`
  const make = createImageBitmap;
  const released = new Promise((done) => (window.release = done));
  window.createImageBitmap = async (...args) => {
    if (window.hold) await released;
    return make(...args);
  };`);

const shown = (/** @type {Page} */ page) =>
  run(page, () => {
    const stage = /** @type {HTMLElement} */ (document.getElementById('stage'));
    const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('stage-match'));
    return {
      name: document.getElementById('stage-name')?.textContent,
      pictures: stage.dataset.pictures,
      width: canvas.width,
      visible: getComputedStyle(canvas).visibility,
      value: /** @type {HTMLInputElement} */ (document.getElementById('stage-slider')).valueAsNumber,
    };
  });

const verdict = (/** @type {Page} */ page, /** @type {number} */ rank) =>
  run(page, (/** @type {number} */ n) => /** @type {HTMLElement} */ (document.querySelector(`#matches li:nth-child(${n}) match-card`)).dataset.verdict ?? '', rank);

inEachEngine('the stage', (visit, engine) => {
  test('the face of the result before is gone as soon as another name is shown', async () => {
    const { page } = await visit({ change: holdingBitmaps });
    await ready(page);
    const results = await match(page, await pictures.oneFace());
    await stage(page, 1);
    await run(page, () => void (/** @type {any} */ (window).hold = true));
    await page.click('#matches li:nth-child(2) [data-action=show]');
    const waiting = await shown(page);
    assert.deepEqual([waiting.name, waiting.pictures, waiting.width, waiting.visible], [results[1].name, 'probe', 1, 'hidden']);
    await run(page, () => /** @type {any} */ (window).release());
    await until(page, 'the portrait', () => document.getElementById('stage')?.dataset.pictures === 'probe match');
  });

  for (const [window, width, height, least] of /** @type {[string, number, number, number][]} */ ([['a desktop', 1280, 900, 288], ['a phone', 390, 844, 288]]))
    test(`both faces are shown in the same place and size, at least ${least} px wide, on ${window}`, async () => {
      const { page } = await visit();
      await page.size(width, height);
      try {
        await ready(page);
        await match(page, await pictures.oneFace());
        await stage(page, 1);
        const boxes = await run(page, () => ['stage-probe', 'stage-match'].map((id) => {
          const { x, y, width, height } = /** @type {Element} */ (document.getElementById(id)).getBoundingClientRect();
          return [x, y, width, height];
        }));
        assert.deepEqual(boxes[0], boxes[1]);
        assert.ok(boxes[0][2] >= least && boxes[0][3] >= least, `${boxes[0][2]} px`);
      } finally {
        await page.size(1280, 900);
      }
    });

  test('the slider lays more of the one or the other face open, by pointer and by keys', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    await stage(page, 1);
    await page.click('#stage-slider'); // in its middle
    assert.ok(Math.abs((await shown(page)).value - 50) <= 2);
    for (let i = 0; i < 10; i++) await page.press('ArrowRight');
    const { value } = await shown(page);
    assert.ok(value >= 58 && value <= 62, String(value));
    assert.equal(await run(page, () => document.getElementById('stage-picture')?.style.getPropertyValue('--probe')), String(value / 100));
  });

  test('pressing the picture in Blink shows the other face', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    await stage(page, 1);
    await page.click('#stage-ways [value=blink]');
    const before = (await shown(page)).value;
    assert.equal(await until(page, 'the other face', (/** @type {number} */ value) => /** @type {HTMLInputElement} */ (document.getElementById('stage-slider')).valueAsNumber !== value, before), true);
  });

  if (engine === 'chromium')
    test('the faces play once, and not at all where motion is to be reduced', async () => {
      const { page } = await visit();
      for (const reducedMotion of ['no-preference', 'reduce']) {
        await page.native.emulateMedia({ reducedMotion });
        await page.native.reload();
        await ready(page);
        await run(page, () => {
          /** @type {number[]} */
          const values = (/** @type {any} */ (window).values = []);
          const slider = /** @type {HTMLInputElement} */ (document.getElementById('stage-slider'));
          const note = () => {
            values.push(slider.valueAsNumber);
            requestAnimationFrame(note);
          };
          note();
        });
        await match(page, await pictures.oneFace());
        await new Promise((done) => setTimeout(done, 3200));
        const values = await run(page, () => [...new Set(/** @type {any} */ (window).values)]);
        if (reducedMotion === 'reduce') assert.deepEqual(values, [50]);
        else assert.ok(Math.max(...values) > 90 && Math.min(...values) < 10, String(values));
        assert.equal((await shown(page)).value, 50);
        await page.native.emulateMedia({ reducedMotion: 'no-preference' });
      }
    });

  test('a dark photo is said to be dark above the results, and a good one is not', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    assert.equal(await run(page, () => document.getElementById('quality')?.hidden), true);
    await match(page, await pictures.darkFace());
    const said = await run(page, () => {
      const quality = /** @type {HTMLElement} */ (document.getElementById('quality'));
      const stage = /** @type {HTMLElement} */ (document.getElementById('stage'));
      return { text: quality.innerText, above: quality.getBoundingClientRect().bottom <= stage.getBoundingClientRect().top };
    });
    assert.match(said.text, /^In your photo this face is .*dark/);
    assert.equal(said.above, true);
    assert.match(await run(page, () => document.getElementById('status')?.textContent), /this face is .*dark/, 'a screen reader hears it');
  });

  test('next and previous step through the results and stop at the ends', async () => {
    const { page } = await visit();
    await ready(page);
    const results = await match(page, await pictures.oneFace());
    const enabled = () => run(page, () => ['stage-previous', 'stage-next'].map((id) => !(/** @type {HTMLButtonElement} */ (document.getElementById(id)).disabled)));
    assert.deepEqual(await enabled(), [false, true]);
    for (let i = 1; i < results.length; i++) {
      await page.click('#stage-next');
      assert.equal((await shown(page)).name, results[i].name);
    }
    assert.deepEqual(await enabled(), [true, false]);
    await page.click('#stage-previous');
    assert.equal((await shown(page)).name, results[results.length - 2].name);
    assert.equal(await run(page, () => document.querySelectorAll('#matches [aria-current=true]').length), 1);
  });

  if (engine === 'chromium')
    test('a swipe over the text steps to the next result', async () => {
      const { page } = await visit();
      await ready(page);
      const results = await match(page, await pictures.oneFace());
      const swipe = (/** @type {number} */ from, /** @type {number} */ to) => run(page, (/** @type {number} */ a, /** @type {number} */ b) => {
        const target = /** @type {Element} */ (document.getElementById('stage-text'));
        const touch = (/** @type {number} */ clientX) => new Touch({ identifier: 1, target, clientX, clientY: 300 });
        target.dispatchEvent(new TouchEvent('touchstart', { bubbles: true, touches: [touch(a)] }));
        target.dispatchEvent(new TouchEvent('touchend', { bubbles: true, changedTouches: [touch(b)] }));
      }, from, to);
      await swipe(300, 200);
      assert.equal((await shown(page)).name, results[1].name);
      await swipe(200, 300);
      assert.equal((await shown(page)).name, results[0].name);
    });

  test('a decision stays with its result, and Undo takes it back', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    await page.click('#stage-verdicts [data-decision=reject]');
    assert.deepEqual([await verdict(page, 1), await verdict(page, 2)], ['reject', '']);
    await stage(page, 2);
    assert.equal(await run(page, () => document.getElementById('stage-undo')?.hidden), true);
    await stage(page, 1);
    assert.equal(await run(page, () => document.querySelector('#stage-verdicts [data-decision=reject]')?.getAttribute('aria-pressed')), 'true');
    await page.click('#stage-undo');
    assert.equal(await verdict(page, 1), '');
  });

  test('another face of a group, and a filter, bring their own first result on the stage', async () => {
    const { page } = await visit({ gallery: await galleryWithFields() });
    await ready(page);
    await match(page, demoPhotos[0]);
    await stage(page, 3);
    await page.click('.face-mark[data-face="1"]');
    await until(page, 'the first result', () => Boolean(document.querySelector('#matches li:nth-child(1) [aria-current=true]')));
    assert.equal((await shown(page)).name, (await cards(page))[0].name);
    await stage(page, 2);
    await page.click('#among-open');
    await until(page, 'what can be chosen by', () => Boolean(document.querySelector('#among [type=checkbox]')));
    await page.click('#among [type=checkbox]');
    await until(page, 'fewer results', () => document.querySelectorAll('match-card').length === 2);
    assert.equal((await shown(page)).name, (await cards(page))[0].name);
  });
});

/** How far the portrait lies beside the visitor's face, by whole pixels, at 288 pixels: where the two differ least. */
const shift = (/** @type {Page} */ page) =>
  run(page, () => {
    const size = 288, reach = 5;
    const [probe, match] = ['stage-probe', 'stage-match'].map((id) => {
      const picture = document.createElement('canvas');
      picture.width = picture.height = size;
      const pen = /** @type {CanvasRenderingContext2D} */ (picture.getContext('2d'));
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(/** @type {HTMLCanvasElement} */ (document.getElementById(id)), 0, 0, size, size);
      return pen.getImageData(0, 0, size, size).data;
    });
    const best = { x: NaN, y: NaN, difference: Infinity };
    for (let y = -reach; y <= reach; y++)
      for (let x = -reach; x <= reach; x++) {
        let difference = 0;
        for (let v = reach; v < size - reach; v++)
          for (let u = reach; u < size - reach; u++) difference += Math.abs(probe[4 * (v * size + u) + 1] - match[4 * ((v + y) * size + u + x) + 1]);
        if (difference < best.difference) Object.assign(best, { x, y, difference });
      }
    return best;
  });

inEachEngine('the stage on a screen with two pixels per CSS pixel', (visit) => {
  for (const [window, width, height] of /** @type {[string, number, number][]} */ ([['a desktop', 1280, 900], ['a phone', 390, 844], ['a small phone', 320, 640]]))
    test(`shows eyes on eyes and no portrait larger than it is, on ${window}`, async () => {
      const { page } = await visit();
      await page.size(width, height);
      try {
        await ready(page);
        await portraitsHere(page);
        await match(page, demoPhotos[0]);
        await stage(page, 1);
        const { x, y } = await shift(page); // the same photo is in the gallery
        assert.ok(Math.hypot(x, y) <= 1, `${x}, ${y} px of 288`);
        for (const way of ['fade', 'both']) {
          await page.click(`#stage-ways [value=${way}]`);
          const sizes = await run(page, () => ['stage-probe', 'stage-match'].map((id) => {
            const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById(id));
            return { natural: canvas.width, shown: canvas.getBoundingClientRect().width };
          }));
          for (const { natural, shown } of sizes) assert.ok(natural >= shown, `${natural} px shown at ${shown}`);
        }
      } finally {
        await page.size(1280, 900);
      }
    });
}, { only: ['chromium'], options: async () => ({ scale: 2 }) });

inEachEngine('the picture to keep', (visit, engine) => {
  test('is made in two shapes, with name and own face only if ticked', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    await stage(page, 1);
    await page.click('#stage-keep');
    const state = () => run(page, () => {
      const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('card-canvas'));
      const ticked = ['card-face', 'card-name'].map((id) => /** @type {HTMLInputElement} */ (document.getElementById(id)).checked);
      return { size: [canvas.width, canvas.height], ticked, url: canvas.toDataURL().length + canvas.toDataURL().slice(-200) };
    });
    const plain = await state();
    assert.deepEqual([plain.size, plain.ticked], [[1080, 1080], [false, false]]);
    const looks = new Set([plain.url]);
    for (const id of ['card-face', 'card-name']) {
      await page.click(`#${id}`);
      looks.add((await state()).url);
    }
    await page.click('#card [name=card-shape][value=tall]');
    const tall = await state();
    assert.deepEqual(tall.size, [1080, 1350]);
    looks.add(tall.url);
    assert.equal(looks.size, 4, 'each choice changes the picture');
    await page.click('#card-close');
    await page.click('#stage-keep');
    assert.deepEqual((await state()).ticked, [false, false], 'nothing is ticked the next time');
  });

  test('is copied, and shared where the browser can; what the browser refuses is said, what the visitor breaks off is not', async () => {
    const { page } = await visit({ change: scriptFirst(`
      window.copied = [];
      window.shared = [];
      window.refusal = '';
      const answer = async () => {
        if (window.refusal) throw new DOMException('', window.refusal);
      };
      window.ClipboardItem = class { constructor(items) { this.items = items; } };
      const put = (name, value) => Object.defineProperty(navigator, name, { value, configurable: true });
      put('clipboard', { write: async (items) => { await answer(); copied.push(await items[0].items['image/png']); } });
      put('canShare', ({ files }) => files?.length === 1 && files[0].type === 'image/png');
      put('share', async (data) => { await answer(); shared.push(data); });`) });
    await ready(page);
    await match(page, await pictures.oneFace());
    await stage(page, 1);
    await page.click('#stage-keep');
    const said = (/** @type {string} */ text) => until(page, `“${text}”`, (/** @type {string} */ wanted) => document.getElementById('card-said')?.textContent === wanted, text);
    await page.click('#card-copy');
    await said(words.keepsake.copied);
    await page.click('#card-share');
    await until(page, 'the shared picture', () => /** @type {any} */ (window).shared.length);
    const sent = await run(page, async () => {
      const { copied: [copy], shared: [{ files: [picture], ...rest }] } = /** @type {any} */ (window);
      const sizes = await Promise.all([copy, picture].map(async (file) => {
        const { width, height } = await createImageBitmap(file);
        return [file.type, width, height];
      }));
      return { sizes, name: picture.name, rest: Object.keys(rest) };
    });
    assert.deepEqual(sent, { sizes: [['image/png', 1080, 1080], ['image/png', 1080, 1080]], name: 'doppel.png', rest: [] });
    for (const [refusal, text] of [['NotAllowedError', words.keepsake.failed], ['AbortError', '']])
      for (const way of ['copy', 'share']) {
        await run(page, (/** @type {string} */ name) => void (/** @type {any} */ (window).refusal = name), refusal);
        await run(page, () => void (/** @type {HTMLElement} */ (document.getElementById('card-said')).textContent = 'before'));
        await page.click(`#card-${way}`);
        await said(text);
      }
  });

  test('is not offered to be shared where the browser cannot share files', async () => {
    const { page } = await visit({ change: scriptFirst("Object.defineProperty(navigator, 'canShare', { value: undefined });") });
    await ready(page);
    assert.equal(await run(page, () => /** @type {HTMLElement} */ (document.getElementById('card-share')).hidden), true);
  });

  if (engine === 'chromium')
    test('is on the clipboard after Copy', async () => {
      const { page } = await visit();
      await page.native.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await ready(page);
      await match(page, await pictures.oneFace());
      await stage(page, 1);
      await page.click('#stage-keep');
      await page.click('#card-copy');
      await until(page, 'the end', (/** @type {string} */ wanted) => document.getElementById('card-said')?.textContent === wanted, words.keepsake.copied);
      assert.deepEqual(await run(page, async () => (await navigator.clipboard.read()).flatMap(({ types }) => types)), ['image/png']);
    });

  if (engine === 'chromium')
    test('is saved as a PNG, and nothing is sent', async () => {
      const { page, site } = await visit();
      await ready(page);
      await match(page, await pictures.oneFace());
      await stage(page, 1);
      const asked = site.seen.length;
      await page.click('#stage-keep');
      const [download] = await Promise.all([page.native.waitForEvent('download'), page.click('#card-save')]);
      assert.equal(download.suggestedFilename(), 'doppel.png');
      assert.equal(site.seen.length, asked);
    });
});
