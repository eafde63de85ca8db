/** For everybody: the keyboard alone, a phone's window, light and dark, and what axe-core finds. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { galleryWithFields } from './rosters.mjs';
import { give, goOn, inEachEngine, match, outcome, ready, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

const focused = (/** @type {Page} */ page) =>
  run(page, () => {
    const e = document.activeElement;
    return e && `${e.id ? `#${e.id}` : e.tagName.toLowerCase()}${[...(e.attributes ?? [])].filter((a) => /^data-|^name$|^value$/.test(a.name)).map((a) => `[${a.name}=${a.value}]`).join('')}`;
  });

const onStage = (/** @type {Page} */ page) => run(page, () => document.getElementById('stage-name')?.textContent);

/** Presses Tab until the focus is where it should be; fails after a whole round. */
async function tabTo(/** @type {Page} */ page, /** @type {RegExp} */ where) {
  const passed = [];
  for (let i = 0; i < 80; i++) {
    const at = await focused(page);
    if (at && where.test(at)) return;
    passed.push(at);
    await page.press('Tab');
  }
  assert.fail(`Tab does not come to ${where}: ${passed.join(' ')}`);
}

inEachEngine('for everybody', (visit, engine) => {
  test('the keyboard alone goes from the way in to a decision', async () => {
    const { page } = await visit();
    await ready(page);
    await tabTo(page, /^#choose/); // what it opens is the browser's own dialog, so the file is given here
    await give(page, demoPhotos[0]);
    assert.equal(await outcome(page), 'choose');
    await tabTo(page, /name=face/);
    await page.press(' ');
    await until(page, 'the choice', () => document.documentElement.dataset.photo !== 'choose');
    if ((await outcome(page)) === 'notice') {
      await tabTo(page, /^#notice-accept/);
      await page.press('Enter');
      await until(page, 'the results', () => document.documentElement.dataset.photo !== 'notice');
    }
    assert.equal(await outcome(page), 'matched');
    await tabTo(page, /#stage-slider/);
    const slider = () => run(page, () => /** @type {HTMLInputElement} */ (document.getElementById('stage-slider')).valueAsNumber);
    await page.press('ArrowLeft'); // what plays stops
    const before = await slider();
    await page.press('ArrowLeft');
    assert.equal(await slider(), before - 1);
    await tabTo(page, /#stage-next/);
    await page.press('Enter');
    assert.equal(await onStage(page), await run(page, () => document.querySelector('#matches li:nth-child(2) .match-name')?.textContent));
    await page.press('ArrowLeft');
    assert.equal(await onStage(page), await run(page, () => document.querySelector('#matches li:nth-child(1) .match-name')?.textContent));
    await tabTo(page, /data-decision=unsure/);
    await page.press('Enter');
    assert.equal(await run(page, () => document.querySelector('#matches li:nth-child(1) match-card')?.getAttribute('data-verdict')), 'unsure');
    await tabTo(page, /#stage-undo/);
    await page.press('Enter');
    assert.equal(await run(page, () => document.querySelector('#matches li:nth-child(1) match-card')?.getAttribute('data-verdict')), null);
    await tabTo(page, /data-action=show/);
    await page.press('ArrowRight');
    assert.equal(await onStage(page), await run(page, () => document.querySelector('#matches li:nth-child(2) .match-name')?.textContent));
  });

  test('the keyboard alone chooses among whom to look, and takes it back', async () => {
    const { page } = await visit({ gallery: await galleryWithFields() });
    await ready(page);
    await match(page, demoPhotos[2]);
    await tabTo(page, /^#among-open/);
    await page.press('Enter');
    await until(page, 'what can be chosen by', () => document.querySelector('#among details') !== null);
    await tabTo(page, /^input\[value=0\]/);
    await page.press(' ');
    await until(page, 'fewer results', () => document.querySelectorAll('match-card').length === 2);
    assert.match(String(await run(page, () => document.getElementById('status')?.textContent)), /^Among 2 of 6 people\. Rank: captain\./);
    assert.match(String(await focused(page)), /^input\[value=0\]/, 'the focus stays');
    await run(page, () => document.getElementById('among-open')?.focus());
    await tabTo(page, /^#among-clear/);
    await page.press('Enter');
    await until(page, 'everybody', () => document.querySelectorAll('match-card').length === 6);
    assert.match(String(await focused(page)), /^#among-open/, 'the focus goes on where the button went away');
  });

  test('the arrow keys go from face to face', async () => {
    const { page } = await visit();
    await ready(page);
    await give(page, demoPhotos[0]);
    await outcome(page);
    await tabTo(page, /name=face/);
    await page.press('ArrowDown');
    await goOn(page, 1);
    assert.equal(await run(page, () => /** @type {HTMLInputElement} */ (document.querySelector('#faces input:checked')).value), '1');
  });

  test('a box can be drawn with the keyboard', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    await page.click('#draw');
    await until(page, 'the box', () => document.activeElement?.id === 'hand-box');
    const before = await run(page, () => document.getElementById('hand-box')?.style.left);
    await page.press('ArrowRight', 'ArrowRight', 'Shift+ArrowDown');
    assert.notEqual(await run(page, () => document.getElementById('hand-box')?.style.left), before);
    await page.press('ArrowLeft', 'ArrowLeft', 'Enter');
    await until(page, 'the results', () => document.documentElement.dataset.photo !== 'drawing');
    await goOn(page);
    assert.equal(await run(page, () => document.querySelectorAll('.face-mark').length), 2);
  });

  test('a phone’s window needs no scrolling sideways', async () => {
    const { page } = await visit({ gallery: await galleryWithFields() });
    await page.size(390, 844);
    try {
      await ready(page);
      for (const state of ['empty', 'several faces', 'results', 'two photos, among some', 'side by side', 'the card to keep']) {
        if (state === 'several faces') await give(page, demoPhotos[0]).then(() => outcome(page));
        if (state === 'results') await goOn(page);
        if (state === 'two photos, among some') await ask(page);
        if (state === 'side by side') await page.click('#stage-ways [value=both]');
        if (state === 'the card to keep') await page.click('#stage-keep');
        const { inner, wide } = await run(page, () => ({ inner: innerWidth, wide: document.documentElement.scrollWidth }));
        assert.ok(wide <= inner, `${state}: ${wide} px in a window of ${inner}`);
      }
    } finally {
      await page.size(1280, 900);
    }
  });

  const schemes = engine === 'chromium' ? ['light', 'dark'] : ['light'];
  for (const scheme of schemes)
    test(`axe-core finds nothing to object to, in ${scheme}`, async () => {
      const { page } = await visit({ gallery: await galleryWithFields() });
      if (engine === 'chromium') await page.native.emulateMedia({ colorScheme: scheme });
      await ready(page);
      await assertAccessible(page, 'empty');
      await give(page, await pictures.noFace());
      await outcome(page);
      await assertAccessible(page, 'no face');
      await match(page, demoPhotos[0]);
      await assertAccessible(page, 'results');
      await ask(page);
      await assertAccessible(page, 'two photos, among some, and a question');
      for (const way of ['fade', 'blink', 'both']) {
        await page.click(`#stage-ways [value=${way}]`);
        await assertAccessible(page, way);
      }
      await page.click('#meaning summary');
      await page.click('#technical summary');
      await assertAccessible(page, 'the folds open');
      await page.click('#stage-keep');
      await assertAccessible(page, 'the card to keep');
    });
});

/** Asks more closely: opens what people can be chosen by, adds one photo, and another that shows several faces. */
async function ask(/** @type {Page} */ page) {
  await page.click('#among-open');
  await until(page, 'what can be chosen by', () => document.querySelector('#among details') !== null);
  await run(page, () => /** @type {HTMLElement} */ (document.querySelector('#among [type=checkbox]')).click());
  await outcome(page);
  await page.choose('#looks-input', await pictures.oneFace());
  await until(page, 'both photos', () => document.querySelectorAll('#looks-photos li').length === 2);
  await outcome(page);
  await page.choose('#looks-input', demoPhotos[0]);
  await until(page, 'the question', () => !document.getElementById('looks-choices')?.hidden);
}

async function assertAccessible(/** @type {Page} */ page, /** @type {string} */ state) {
  const violations = await page.evaluate(`(async () => {
    if (!window.axe) { ${axe} }
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, help, nodes }) => id + ': ' + help + ' (' + nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(', ') + ')');
  })()`);
  assert.deepEqual(violations, [], state);
}
