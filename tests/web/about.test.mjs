/** What a gallery says of itself: the notice before the first match, and under “About” whom it holds, by which leave, and how alike strangers are. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import * as words from '../../web/words.js';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { decide, cards, give, inEachEngine, match, howMeasured, outcome, ready, stage, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */

const NOTICE = 'These people did not ask to be here.\nA likeness proves nothing.';
const BINS = 2048;

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

/** The demo gallery, whose manifest says something else. */
const saying = (/** @type {object} */ change) => ({
  change: { 'gallery/gallery.json': (/** @type {Buffer} */ bytes) => JSON.stringify({ ...JSON.parse(bytes.toString()), ...change }) },
});

/** Pairs of strangers and of one person, and the rows that follow from them. @returns {import('../../web/types.js').Calibration} */
function calibration(/** @type {number} */ strangers, /** @type {number} */ same) {
  const impostor = bell(strangers, 1100, 60);
  const genuine = bell(same, 1700, 60);
  /** @type {import('../../web/types.js').FalseMatch[]} */
  const rows = [];
  for (const rate of [0.1, 0.01, 0.001, 0.0001, 0.00001]) {
    let bin = BINS;
    let pairs = 0;
    while (bin > 0 && pairs + impostor[bin - 1] <= rate * strangers) pairs += impostor[--bin];
    if (pairs < 30) continue;
    const share = genuine.slice(bin).reduce((a, b) => a + b, 0) / (same || 1);
    rows.push({ rate, similarity: -1 + (2 * bin) / BINS, pairs, ...(same ? { genuine: share } : {}) });
  }
  const distribution = (/** @type {number[]} */ counts, /** @type {number} */ pairs) => ({ pairs, of: pairs, first: 0, counts });
  return {
    bins: BINS, range: [-1, 1], impostor: distribution(impostor, strangers), genuine: distribution(same ? genuine : [], same), false_matches: rows,
  };
}

/** So many, spread over bins as a triangle is. */
function bell(/** @type {number} */ many, /** @type {number} */ middle, /** @type {number} */ width) {
  const counts = new Array(BINS).fill(0);
  for (let i = 0; i < many; i++) counts[Math.round(middle + width * (((i * 0.618034) % 1) + ((i * 0.414214) % 1) - 1) * 3)]++;
  return counts;
}

const aboutText = (/** @type {Page} */ page, /** @type {string} */ id) => run(page, (/** @type {string} */ id) => document.getElementById(id)?.textContent, id);

inEachEngine('the notice', (visit, engine) => {
  for (const [kind, width, height] of /** @type {[string, number, number][]} */ ([['a desktop', 1280, 900], ['a phone', 390, 844]]))
    test(`is read before any match is shown, on ${kind}`, async () => {
      const { page } = await visit(saying({ notice: NOTICE }));
      await page.size(width, height);
      try {
        await ready(page);
        await give(page, await pictures.oneFace());
        assert.equal(await outcome(page), 'notice');
        const shown = await run(page, () => {
          const notice = /** @type {HTMLElement} */ (document.getElementById('notice'));
          const { top, bottom } = notice.getBoundingClientRect();
          return {
            text: document.getElementById('notice-text')?.textContent,
            lines: getComputedStyle(/** @type {Element} */ (document.getElementById('notice-text'))).whiteSpace,
            cards: document.querySelectorAll('match-card').length,
            results: /** @type {HTMLElement} */ (document.getElementById('results')).hidden,
            meaning: /** @type {HTMLElement} */ (document.getElementById('meaning')).hidden,
            focused: document.activeElement === notice,
            inView: top < innerHeight && bottom > 0,
            wide: document.documentElement.scrollWidth <= innerWidth,
          };
        });
        assert.deepEqual(shown, { text: NOTICE, lines: 'pre-line', cards: 0, results: true, meaning: true, focused: true, inView: true, wide: true });
        await page.press('Tab');
        assert.equal(await run(page, () => document.activeElement?.id), 'notice-accept');
        await page.press('Enter');
        await until(page, 'the results', () => document.documentElement.dataset.photo === 'matched');
        assert.equal((await cards(page))[0].rank, 1);
        assert.equal(await until(page, 'the focus', () => document.activeElement?.id), 'results-title');
        await page.click('#forget');
        await give(page, await pictures.oneFace());
        assert.equal(await outcome(page), 'matched', 'it is read once');
      } finally {
        await page.size(1280, 900);
      }
    });

  test('is not there where the gallery has none', async () => {
    const { page } = await visit(saying({ notice: '' }));
    await ready(page);
    await give(page, await pictures.oneFace());
    assert.equal(await outcome(page), 'matched');
    assert.equal(await run(page, () => document.getElementById('gallery-notice')?.hidden), true);
  });
});

inEachEngine('about the gallery', (visit) => {
  test('its notice, its departments, and what is included against the usual rule, with the reason', async () => {
    const { page } = await visit(saying({
      notice: NOTICE,
      departments: [{ name: 'River City PD', jurisdiction: 'Ohio', photos: 12 }, { name: 'Lake Town PD', jurisdiction: 'Illinois', photos: 10 }],
      allowed_jurisdictions: [{ jurisdiction: 'Illinois', reason: 'All portrayed have agreed in writing.' }],
      vectors: { made_elsewhere: true, made_by: 'DeepFace 0.0.93', read_from: 'a Voyager index (cosine, float8)' },
    }));
    await ready(page);
    assert.equal((await aboutText(page, 'gallery-notice')).trim(), NOTICE);
    const facts = await aboutText(page, 'gallery-facts');
    assert.match(facts, /River City PD, Lake Town PD/);
    assert.match(facts, /Illinois is included: All portrayed have agreed in writing\./);
    assert.match(facts, /Computed elsewhere.*by DeepFace 0\.0\.93/s);
  });

  test('how rare a similarity is, from many pairs', async () => {
    const measured = calibration(120_000, 2000);
    const { page } = await visit(saying({ calibration: measured }));
    await ready(page);
    const rows = measured.false_matches ?? [];
    assert.deepEqual(rows.map(({ rate }) => rate), [0.1, 0.01, 0.001]);
    const said = await run(page, () => [...document.querySelectorAll('#calibration :is(li, p)')].map((line) => line.textContent));
    assert.deepEqual(said, [...rows.map((row) => words.calibration.row(row, 2000)), words.calibration.limit(measured.impostor, 0.001)]);
    assert.match(said[2], /^Of 1,000 pairs of different people, at most 1 is this much alike or more: 0\.\d{3}\. Of pairs that show one person, [\d.]+ % are\.$/);
    assert.match(said[3], /^Counted over 120,000 pairs .* Nothing rarer than 1 in 1,000 can be told/);
    const results = await match(page, await pictures.oneFace());
    for (const { rank } of results) {
      await stage(page, rank);
      assert.doesNotMatch(await howMeasured(page), /\.\d{3,} %|100(\.0+)? %/);
    }
  });

  test('that few pairs cannot tell it, and what a result then says', async () => {
    const { page } = await visit(saying({ calibration: calibration(40, 0) }));
    await ready(page);
    assert.equal((await aboutText(page, 'calibration')).trim(), words.calibration.tooFew({ pairs: 40, first: 0, counts: [] }));
    const results = await match(page, await pictures.oneFace());
    assert.match(await howMeasured(page), / More alike than all 40 pairs of different people here\.$/);
    for (const { rank } of results) {
      await stage(page, rank);
      assert.match(await howMeasured(page), /(More|Less) alike than (all 40|\d+ of 40) pairs of different people here\.$/);
    }
  });

  test('that nobody measured it', async () => {
    const { page } = await visit(saying({ calibration: undefined }));
    await ready(page);
    assert.equal((await aboutText(page, 'calibration')).trim(), words.meaning.none);
    await match(page, await pictures.oneFace());
    assert.match(await howMeasured(page), /not calibrated/);
  });
});

inEachEngine('what this browser keeps', (visit) => {
  /** What is listed, without sizes. @returns {Promise<string[]>} */
  const listed = (/** @type {Page} */ page) => run(page, () => [...document.querySelectorAll('#kept-list dt')].map((term) => term.textContent));
  const { files, decisions } = words.keptThings;

  test('is listed with its size, and one button deletes it, decisions only where that is wished', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, await pictures.oneFace());
    await decide(page, 1, 'confirm');
    await until(page, 'the decision in the list', (/** @type {string} */ term) => [...document.querySelectorAll('#kept-list dt')].some(({ textContent }) => textContent === term), decisions);
    const hasCaches = await run(page, () => 'caches' in window && document.getElementById('kept-text')?.dataset.bytes !== '0');
    if (hasCaches) assert.ok((await listed(page)).includes(files));
    for (const size of await run(page, () => [...document.querySelectorAll('#kept-list dd')].map(({ textContent }) => textContent))) assert.match(size, /^[1-9]\d*, [\d.]+ (kB|MB)$/);
    await page.click('#offline-forget');
    await until(page, 'the decision alone', (/** @type {string} */ term) => [...document.querySelectorAll('#kept-list dt')].map(({ textContent }) => textContent).join() === term, decisions);
    await page.click('#forget-decisions');
    await page.click('#offline-forget');
    await until(page, 'nothing', () => document.getElementById('offline-forget')?.hidden);
    assert.deepEqual(await listed(page), []);
    assert.equal(await run(page, () => localStorage.length), 0);
  });
});
