/** What the page says of a share never claims more than the pairs behind it: not a larger share, and no finer one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as words from '../../web/words.js';

/** The largest share that a figure claims. */
function claimed(/** @type {string} */ figure) {
  const [, a, b] = figure.match(/^([\d,]+) of ([\d,]+)$/) ?? [];
  if (a) return Number(a.replaceAll(',', '')) / Number(b.replaceAll(',', ''));
  const [, percent] = figure.match(/^(\d+(?:\.\d+)?) %$/) ?? [];
  assert.ok(percent, figure);
  return Number(percent) / 100;
}

/** The smallest step between two figures of that form. */
const step = (/** @type {string} */ figure, /** @type {number} */ pairs) =>
  figure.includes(' of ') ? 1 / pairs : 10 ** -((figure.match(/\.(\d+)/)?.[1].length ?? 0) + 2);

test('what a match asks for is what the page says of it', () => {
  const said = (/** @type {Partial<import('../../web/gallery.js').Asked>} */ asked, thorough = false) =>
    words.privacySaid({ portraits: 'none', perFile: 64, ...asked }, thorough).join(' ');
  assert.match(said({}), /No request depends on your photo\./);
  assert.doesNotMatch(said({}, true), /No request depends/);
  assert.match(said({}, true), /thorough detector is fetched, once/);
  assert.match(said({ portraits: 'first' }), /portraits of its first result alone.* one of 64 portraits/);
  assert.match(said({ portraits: 'first' }), /names of everybody are fetched in the same order/);
  assert.match(said({ portraits: 'all' }), /often infer which person was found/);
});

test('a share is never said to be larger than it is, and in steps no finer than the pairs', () => {
  for (const pairs of [1, 2, 18, 99, 100, 153, 999, 1000, 1530, 9999, 10_000, 244_639, 4_000_000]) {
    const some = new Set([0, 1, pairs >> 1, pairs - 2, pairs - 1, pairs]);
    for (let i = 0; i < 400; i++) some.add(Math.floor((i / 400) * pairs));
    for (const below of [...some].filter((n) => n >= 0)) {
      const figure = words.portion(Math.fround(below / pairs), pairs);
      const share = claimed(figure);
      assert.ok(share <= Math.max(below / pairs, Math.fround(below / pairs)) + 1e-12, `${below} of ${pairs} is said to be ${figure}`);
      assert.ok(share >= below / pairs - step(figure, pairs) - 1e-7, `${below} of ${pairs} is said to be ${figure}`);
      assert.ok(step(figure, pairs) > 0.999 / pairs, `${figure} is finer than ${pairs} pairs`);
    }
  }
});

test('“all” is said where all are less alike, and nowhere else', () => {
  const nearly = 1 - 2 ** -24;
  for (const pairs of [1, 18, 153, 10_000, 4_000_000]) {
    assert.equal(words.placeSentence(1, pairs), `More alike than all ${words.count(pairs)} pairs of different people here.`);
    assert.doesNotMatch(words.placeSentence(nearly, pairs), /all|100 %|^More alike than (\S+) of \1 /);
    assert.equal(words.placeSentence(0, pairs), `Less alike than all ${words.count(pairs)} pairs of different people here.`);
  }
  assert.equal(words.placeSentence(12 / 18, 18), 'More alike than 12 of 18 pairs of different people here.');
  assert.equal(words.placeSentence(0.997, 153), 'More alike than 99 % of pairs of different people here.');
  assert.match(words.placeSentence(-1, 0), /not calibrated/);
});

test('how rare a similarity is: rounded up, with the pairs behind it and the finest claim', () => {
  const impostor = { pairs: 4_000_000, of: 3_941_000_000, first: 0, counts: [] };
  const row = { rate: 0.001, similarity: 0.4101, pairs: 3999, genuine: 0.9876 };
  assert.equal(words.calibration.row(row, 0), 'Of 1,000 pairs of different people, at most 1 is this much alike or more: 0.411.');
  assert.match(words.calibration.row(row, 500), / Of pairs that show one person, 98 % are\.$/);
  assert.equal(words.calibration.limit(impostor, 0.00001),
    'Counted over a sample of 4,000,000 of the 3,941,000,000 pairs of photos of different people. Nothing rarer than 1 in 100,000 can be told from them.');
  assert.match(words.calibration.tooFew({ pairs: 153, of: 153, first: 0, counts: [] }), /^Counted over 153 pairs .* too few/);
});

test('bytes are counted in the unit of the whole', () => {
  assert.equal(words.loading({ loaded: 12_000_000, total: 68_300_000 }), 'Loading: 12.0 of 68.3 MB');
  assert.equal(words.loading({ loaded: 1000, total: 99_000 }), 'Loading: 1 of 99 kB');
  assert.equal(words.loading({ loaded: 0, total: 0 }), 'Loading');
});

/** A gallery of so many people with a best match of each. */
const galleryOf = (/** @type {number} */ people, /** @type {number} */ bests = people) =>
  /** @type {any} */ ({ pairs: 100_000, manifest: { people, fields: [], calibration: bests ? { nearest: { people: bests } } : {} } });
const everybody = { columns: [], conditions: [], people: 0 };
const result = (/** @type {number} */ chance, /** @type {number} */ bestShare) =>
  /** @type {any} */ ({ similarity: 0.5, lessAlike: 0.99, lessAlikeSame: 0.2, chance, bestShare });

test('a likeness is told by how many people would be as alike by chance', () => {
  const said = (/** @type {number} */ chance) => words.resemblance(result(chance, 0.5), everybody, galleryOf(963)).chance;
  assert.equal(said(2.5), '2 or 3 of 963 people here would look this alike by chance.');
  assert.equal(said(1), 'About 1 of 963 people here would look this alike by chance.');
  assert.equal(said(41.7), 'About 42 of 963 people here would look this alike by chance.');
  assert.equal(said(0.2), 'About 1 stranger in 6 would find anybody this alike among 963 people here.');
  assert.equal(said(0), 'Fewer than 1 stranger in 1,000 would find anybody this alike among 963 people here.');
});

test('only fewer than 0.05 expected chance matches are marked and called a close look-alike', () => {
  for (const [chance, marked] of /** @type {[number, boolean][]} */ ([[5, false], [1, false], [0.3, false], [0.06, false], [0.05, false], [0.049, true], [0, true]])) {
    const said = words.resemblance(result(chance, 0.991), everybody, galleryOf(963));
    assert.equal(said.marked, marked, String(chance));
    assert.equal(/same person/.test(said.place), marked, said.place);
  }
  assert.equal(words.resemblance(result(0.01, 0.991), everybody, galleryOf(963)).place,
    'Closer than 99 of 100 best matches between different people here: the same person, or a very close look-alike.');
});

test('with a filter the sentence speaks of the people who were searched', () => {
  const filtered = { columns: [], conditions: [{ column: 0, values: [1] }], people: 12 };
  assert.equal(words.resemblance(result(2.5, 0.5), filtered, galleryOf(963)).chance, '2 or 3 of the 12 people chosen would look this alike by chance.');
});

test('a share of best matches is never finer than the people who were counted', () => {
  assert.match(words.resemblance(result(0.1, 0.951), everybody, galleryOf(20)).place, /^Closer than 19 of 20 best matches/);
  assert.match(words.resemblance(result(0.01, 1), everybody, galleryOf(20)).place, /^Closer than all 20 best matches/);
  assert.match(words.resemblance(result(0.01, -1), everybody, galleryOf(20, 0)).place, /^Closer than what 99 of 100 strangers get/);
});

test('a gallery without such figures falls back to its pairs', () => {
  const { level, marked, chance, place } = words.resemblance(result(-1, -1), everybody, galleryOf(963));
  assert.deepEqual([level, marked, chance, place], [-1, false, words.placeSentence(0.99, 100_000), '']);
});

test('what is wrong with a photo is said, and nothing of a good one', () => {
  const good = { size: 120, sharpness: 0.12, yaw: 3, pitch: -4, brightness: 0.5, visible: 1, detail: 0.8 };
  assert.equal(words.quality(good), '');
  assert.equal(words.quality(null), '');
  assert.match(words.quality({ ...good, size: 20 }), /this face is small\./);
  assert.match(words.quality({ ...good, size: 20, sharpness: 0.001, brightness: 0.04 }), /this face is small, blurred and dark\./);
  assert.match(words.quality({ ...good, yaw: -60 }), /turned/);
  assert.match(words.quality({ ...good, detail: 0.1 }), /covered/);
});
