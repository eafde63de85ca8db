/** What a visitor runs into on the way from a photo to a result, clicked as a visitor clicks. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before } from 'node:test';
import { demoPhotos } from '../places.mjs';
import * as words from '../../web/words.js';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { SUBPATH, give, goOn, inEachEngine, match, outcome, portraitsHere, problem, ready, scriptFirst, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

/** @returns {Promise<{top: number, bottom: number, left: number, right: number, width: number, height: number}>} in the window */
const place = (/** @type {Page} */ page, /** @type {string} */ selector) =>
  run(page, (/** @type {string} */ s) => {
    const { top, bottom, left, right, width, height } = /** @type {Element} */ (document.querySelector(s)).getBoundingClientRect();
    return { top, bottom, left, right, width, height };
  }, selector);

/** The gallery asks to be read before the first match. */
const withNotice = (/** @type {string} */ notice) => ({
  'gallery/gallery.json': (/** @type {Buffer} */ bytes) => JSON.stringify({ ...JSON.parse(bytes.toString()), notice }),
});

const drop = (/** @type {Page} */ page, /** @type {string} */ base64) =>
  run(page, (/** @type {string} */ text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], 'group.jpg', { type: 'image/jpeg' }));
    const event = new Event('drop', { bubbles: true, cancelable: true });
    Object.defineProperty(event, 'dataTransfer', { value: transfer });
    document.body.dispatchEvent(event);
  }, base64);

inEachEngine('from a photo to a result', (visit, engine) => {
  test('with one face the results begin beside the top of the photo', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    const [photo, results] = [await place(page, '#photo'), await place(page, '#results')];
    assert.ok(Math.abs(results.top - photo.top) < 24, `the photo begins at ${photo.top} px, the results at ${results.top} px`);
  });

  test('the first click on a face after a drop chooses it', async () => {
    const { page } = await visit();
    await ready(page);
    await drop(page, (await readFile(demoPhotos[0])).toString('base64'));
    assert.equal(await outcome(page), 'choose');
    await page.click('#face-0');
    await until(page, 'the choice', () => document.documentElement.dataset.photo !== 'choose');
    assert.equal(await goOn(page).then(([first]) => first.rank), 1);
  });

  test('a focused face does not look like a chosen one', async () => {
    const { page } = await visit();
    await ready(page);
    await give(page, demoPhotos[0]);
    await outcome(page);
    const frames = await run(page, () => {
      const look = (/** @type {number} */ i) => {
        const label = /** @type {Element} */ (document.querySelector(`label[for=face-${i}]`));
        return getComputedStyle(label, '::after').content + getComputedStyle(label).boxShadow;
      };
      document.getElementById('face-0')?.focus();
      return [look(0), look(1)];
    });
    assert.equal(frames[0], frames[1]);
  });

  test('a crowd is said to be larger than what is shown', async () => {
    const { page } = await visit();
    await ready(page);
    await give(page, await pictures.crowd());
    assert.equal(await outcome(page), 'choose');
    const [shown, legend] = await run(page, () => [document.querySelectorAll('.face-choice').length, document.getElementById('faces-legend')?.textContent]);
    const found = Number(String(legend).match(/^(\d+) faces found/)?.[1]);
    assert.ok(shown === 64 && found > 64 && found <= 130, `${legend}, ${shown} shown`);
    assert.equal(legend, words.status.faces(shown, found));
  });

  test('no number of a face covers another face', async () => {
    const { page } = await visit();
    await ready(page);
    await give(page, await pictures.crowd());
    await outcome(page);
    const covered = await run(page, () => {
      const marks = [...document.querySelectorAll('.face-mark')].map((mark) => ({ mark, box: mark.getBoundingClientRect() }));
      return marks.flatMap(({ mark }) => {
        const plate = mark.querySelector('.face-number')?.getBoundingClientRect();
        if (!plate || !plate.width) return [];
        return marks.filter(({ mark: other, box }) => other !== mark &&
          Math.min(box.right, plate.right) - Math.max(box.left, plate.left) > 1 && Math.min(box.bottom, plate.bottom) - Math.max(box.top, plate.top) > 1);
      }).length;
    });
    assert.equal(covered, 0);
  });

  test('on a phone the results of the fifty-first face come into the window, and its thumbnail too', async () => {
    const { page } = await visit();
    await page.size(390, 844);
    try {
      await ready(page);
      await give(page, await pictures.crowd());
      await outcome(page);
      await page.click('#face-50');
      await until(page, 'the choice', () => document.documentElement.dataset.photo !== 'choose');
      await goOn(page);
      await settled(page);
      const results = await place(page, '#results');
      assert.ok(results.top >= -1 && results.top < 700, `the results begin at ${results.top} px`);
      const [thumbnail, list] = [await place(page, '.face-choice:has(#face-50)'), await place(page, '#faces-list')];
      assert.ok(thumbnail.left >= list.left - 1 && thumbnail.right <= list.right + 1, 'the thumbnail of the chosen face is in the strip');
    } finally {
      await page.size(1280, 900);
    }
  });

  if (engine === 'chromium')
    for (const [window, width, height] of /** @type {[string, number, number][]} */ ([['a desktop', 1280, 900], ['a phone', 390, 844]]))
      test(`nothing on the start page moves while it loads, on ${window}`, async () => {
        const watching = `
          window.moved = 0;
          window.movers = [];
          new PerformanceObserver((list) => list.getEntries().forEach(({ value, sources }) => {
            window.moved += value;
            window.movers.push(...sources.map(({ node }) => node?.id || node?.className || node?.nodeName));
          })).observe({ type: 'layout-shift', buffered: true });`;
        const { page } = await visit({ change: scriptFirst(watching) });
        await page.size(width, height);
        try {
          await page.native.reload();
          await ready(page);
          await until(page, 'the cover', () => /** @type {HTMLImageElement | null} */ (document.querySelector('#cover img'))?.complete);
          await portraitsHere(page);
          await settled(page);
          const { moved, movers } = await run(page, () => {
            const { moved, movers } = /** @type {any} */ (window);
            return { moved, movers };
          });
          assert.ok(moved <= 0.01, `a layout shift of ${moved}: ${movers}`);
        } finally {
          await page.size(1280, 900);
        }
      });

  test('a phone held sideways shows how to begin without scrolling', async () => {
    const { page } = await visit();
    await page.size(844, 390);
    try {
      await ready(page);
      for (const way of ['#choose', '#camera-open']) {
        const button = await place(page, way);
        assert.ok(button.top >= 0 && button.bottom <= 390, `${way} ends at ${button.bottom} px of 390`);
      }
    } finally {
      await page.size(1280, 900);
    }
  });

  test('a file that fails leaves the start page as it was', async () => {
    const { page } = await visit();
    await ready(page);
    await give(page, await pictures.unknown());
    assert.equal((await problem(page)).code, 'UNSUPPORTED_FORMAT');
    assert.ok((await place(page, '#headline')).height > 30);
    assert.ok((await place(page, '#choose')).height > 30);
    assert.equal(await run(page, () => document.getElementById('workspace')?.hidden), true);
  });

  test('the focus goes to the results after a box was drawn', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    await page.click('#draw');
    await until(page, 'the box', () => document.activeElement?.id === 'hand-box');
    await page.click('#hand-use');
    await until(page, 'the results', () => document.documentElement.dataset.photo !== 'drawing');
    await outcome(page);
    assert.equal(await run(page, () => document.activeElement?.id), 'results-title');
  });

  test('a notice that was read is asked for again only when the gallery or the notice is another one', async () => {
    let notice = 'These are portraits of officials.';
    const { page, site } = await visit({ change: { 'gallery/gallery.json': (bytes) => withNotice(notice)['gallery/gallery.json'](bytes) } });
    const again = async () => {
      await page.goto('about:blank');
      await page.goto(site.origin + SUBPATH);
      await ready(page);
      await give(page, await pictures.oneFace());
      return outcome(page);
    };
    await ready(page);
    await give(page, await pictures.oneFace());
    assert.equal(await outcome(page), 'notice');
    await goOn(page);
    assert.equal(await again(), 'matched');
    notice = 'Another notice.';
    assert.equal(await again(), 'notice');
  });

  test('after a photo was removed the page is at its top', async () => {
    const { page } = await visit();
    await page.size(390, 700);
    try {
      await ready(page);
      await match(page, await pictures.oneFace());
      await run(page, () => document.getElementById('forget')?.scrollIntoView({ behavior: 'instant' }));
      await page.click('#forget');
      assert.equal(await run(page, () => scrollY), 0);
    } finally {
      await page.size(1280, 900);
    }
  });

  test('a browser whose caches throw, as in a sandboxed frame, starts the page', async () => {
    const throwing = `Object.defineProperty(window, 'caches', { get() { throw new DOMException('sandboxed', 'SecurityError'); } });`;
    const { page } = await visit({ change: scriptFirst(throwing) });
    await ready(page);
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });
});

/** Scrolling and transitions have ended. */
const settled = (/** @type {Page} */ page) =>
  run(page, async () => {
    for (let last = NaN; last !== scrollY; ) {
      last = scrollY;
      await new Promise((done) => setTimeout(done, 150));
    }
  });
