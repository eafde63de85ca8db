/** What the host of a gallery can infer from the requests for portraits, and when which portraits are fetched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../random.mjs';
import { Portraits } from '../../web/portraits.js';

/** @typedef {import('../../web/files.js').Listed} Listed */

const perSheet = 256;
const perPack = 64;
const probes = 120;
const dimension = 24;

// @ts-ignore: node has no pictures; a crop is as good as any other here
globalThis.requestIdleCallback = (/** @type {() => void} */ act) => act();
// @ts-ignore
globalThis.createImageBitmap = async () => ({ width: 1024, height: 1024, close() {} });

/** As large as LFW's. @param {number} people */
function galleryOf(people, { portraits = /** @type {'all' | undefined} */ (undefined) } = {}) {
  const files = (/** @type {string} */ stem, /** @type {number} */ per, /** @type {number} */ bytesEach) =>
    Array.from({ length: Math.ceil(people / per) }, (_, i) => {
      const bytes = Math.min(per, people - i * per) * bytesEach;
      return /** @type {Listed} */ ({ name: `${stem}-${i}`, url: new URL(`http://host/${stem}-${i}`), bytes, sha256: `${stem}${i}` });
    });
  const sheet = (/** @type {number} */ size) => ({ columns: 16, rows: 16, size });
  const manifest = /** @type {any} */ ({ portraits, small: sheet(64), sheet: sheet(144), large: { per_file: perPack, size: 288 } });
  return { manifest, files: { small: files('small', perSheet, 1200), sheet: files('photos', perSheet, 3600), large: files('large', perPack, 10_000) } };
}

/** All requests of a visit in which these people are matched, as the page makes them. @param {ReturnType<typeof galleryOf>} gallery @param {number[]} matched */
async function requestsOf({ manifest, files }, matched, { failAt = '' } = {}) {
  /** @type {string[]} */
  const requests = [];
  const here = new Set();
  let fail = failAt;
  const get = async (/** @type {Listed} */ { name }) => {
    if (!here.has(name)) requests.push(name);
    if (name === fail) {
      fail = '';
      throw new Error('The connection broke.');
    }
    here.add(name);
    return new Blob([new Uint8Array(4 * (perPack + 1))]);
  };
  const portraits = new Portraits(manifest, files, get);
  await portraits.begin().catch(() => {});
  portraits.allowFirst(matched);
  for (const size of portraits.sizes) await Promise.all(matched.map((photo) => portraits.portrait(photo, size).catch(() => null)));
  return requests;
}

/** People at random places; a probe is another photo of one of them. @param {number} people */
function facesOf(people) {
  const next = seeded(people);
  const unit = (/** @type {Float32Array} */ v) => {
    const length = Math.hypot(...v);
    return v.map((x) => x / length);
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const vectors = Array.from({ length: people }, () => unit(Float32Array.from({ length: dimension }, normal)));
  const who = Array.from({ length: probes }, () => Math.floor(next() * people));
  const photos = who.map((person) => unit(vectors[person].map((x) => x + 0.09 * normal())));
  return { vectors, who, photos };
}

/** @param {Float32Array[]} vectors @param {Float32Array} probe */
function topTen(vectors, probe) {
  const best = /** @type {{person: number, similarity: number}[]} */ ([]);
  for (let person = 0; person < vectors.length; person++) {
    const vector = vectors[person];
    let similarity = 0;
    for (let k = 0; k < dimension; k++) similarity += vector[k] * probe[k];
    if (best.length === 10 && similarity <= best[9].similarity) continue;
    const at = best.findIndex((other) => other.similarity < similarity);
    best.splice(at < 0 ? best.length : at, 0, { person, similarity });
    best.length = Math.min(best.length, 10);
  }
  return best.map(({ person }) => person);
}

/** How well two lists of requests fit: shared ones, and those at the same place. @param {string[]} a @param {Set<string>} inA @param {string[]} b */
function fit(a, inA, b) {
  const shared = b.filter((name) => inA.has(name)).length;
  return shared / Math.max(1, a.length + b.length - shared) + a.filter((name, i) => b[i] === name).length / (1000 * Math.max(1, a.length));
}

/**
 * The host knows what its own photo of each person would cause, and names the person whose requests fit best.
 * @returns {Promise<number>} the share of probes named rightly; of several that fit alike it names one by chance
 */
async function namedRightly(/** @type {number} */ people, options = {}) {
  const gallery = galleryOf(people, options);
  const { vectors, who, photos } = facesOf(people);
  // What the host's own photos cause: of large galleries one list per pack, as a test below asserts.
  const few = people <= 6 * perSheet;
  const step = few ? 1 : perPack;
  const causes = /** @type {string[][]} */ ([]);
  for (let person = 0; person < people; person += step)
    causes.push(await requestsOf(gallery, few ? topTen(vectors, vectors[person]) : [person]));
  let right = 0;
  for (const [i, probe] of photos.entries()) {
    const seen = await requestsOf(gallery, topTen(vectors, probe));
    const inSeen = new Set(seen);
    const fits = causes.map((caused) => fit(seen, inSeen, caused));
    const best = fits.reduce((a, b) => Math.max(a, b));
    const candidates = step * fits.filter((f) => f === best).length;
    if (fits[Math.floor(who[i] / step)] === best) right += 1 / candidates;
  }
  return right / probes;
}

for (const sheets of [6, 23, 90, 358])
  test(`with ${sheets} sheets the host names at most 3 % of the people from all requests of a visit`, async (t) => {
    const share = await namedRightly(sheets * perSheet);
    t.diagnostic(`${(100 * share).toFixed(2)} %`);
    assert.ok(share <= 0.03, `${share}`);
  });

test('a host may choose portraits of all matches, and then one request after the other names them', async () => {
  const gallery = galleryOf(23 * perSheet, { portraits: 'all' });
  const requests = await requestsOf(gallery, [0, 300, 600]);
  for (const name of ['small-0', 'small-1', 'small-2', 'photos-2']) assert.ok(requests.includes(name), name);
});

test('nothing that is requested depends on any result but the first', async () => {
  for (const people of [6, 23, 90, 358].map((sheets) => sheets * perSheet)) {
    const gallery = galleryOf(people);
    const alone = await requestsOf(gallery, [700]);
    for (const others of [[1, 2, 3], [people - 1, people - 300, 5], [701]])
      assert.deepEqual(await requestsOf(gallery, [700, ...others]), alone, `${people} people`);
  }
});

test('galleries of up to 3,000 people fetch all small portraits in a fixed order, and sheets after them', async () => {
  for (const people of [20, 963, 1549, 3000]) {
    const gallery = galleryOf(people);
    const names = gallery.files.small.map(({ name }) => name);
    const first = await requestsOf(gallery, [people - 1]);
    const other = await requestsOf(gallery, [0]);
    assert.deepEqual(first.slice(0, names.length), names);
    const planned = first.filter((name) => other.includes(name));
    assert.deepEqual(first.slice(0, planned.length), planned);
    const files = [...gallery.files.small, ...gallery.files.sheet, ...gallery.files.large];
    const bytes = planned.reduce((sum, name) => sum + (files.find((file) => file.name === name)?.bytes ?? 0), 0);
    assert.ok(bytes <= 12_000_000, `${bytes}`);
  }
});

test('larger galleries fetch nothing before a match, and then what holds the first result alone', async () => {
  const gallery = galleryOf(23 * perSheet);
  assert.deepEqual(await requestsOf(gallery, []), []);
  assert.deepEqual(await requestsOf(gallery, [300, 900, 4000]), ['small-1', 'photos-1', 'large-4']);
});

test('faces that were not fetched come when the visitor asks for them', async () => {
  const { manifest, files } = galleryOf(23 * perSheet);
  const asked = /** @type {string[]} */ ([]);
  const portraits = new Portraits(manifest, files, async ({ name }) => (asked.push(name), new Blob([])));
  portraits.allowFirst([300, 900]);
  assert.equal(portraits.isAllowed(300), true);
  assert.equal(portraits.isAllowed(900), false);
  await assert.rejects(portraits.portrait(900), (/** @type {any} */ error) => error.code === 'NOT_FETCHED');
  assert.deepEqual(asked, []);
  portraits.allow([300, 900]);
  await portraits.portrait(900);
  assert.deepEqual(asked, ['small-3']);
});

test('what a gallery says of a match is what a match asks for', async () => {
  for (const [people, options, expected] of /** @type {[number, any, string][]} */ ([[600, {}, 'none'], [1549, {}, 'first'], [6000, {}, 'first'], [6000, { portraits: 'all' }, 'all']])) {
    const gallery = galleryOf(people, options);
    const { askedByMatch, fewestPerFile } = new Portraits(gallery.manifest, gallery.files, async () => new Blob([]));
    assert.deepEqual([askedByMatch, fewestPerFile], [expected, perPack]);
    const [ofOne, ofAnother] = [await requestsOf(gallery, [0]), await requestsOf(gallery, [people - 1])];
    assert.equal(expected === 'none', String(ofOne) === String(ofAnother), `${people} people`);
  }
});

test('after a broken connection the plan goes on where it stopped, whichever portrait is wanted', async () => {
  const gallery = galleryOf(1549);
  const whole = await requestsOf(gallery, [1500]);
  const broken = await requestsOf(gallery, [1500], { failAt: 'small-2' });
  assert.deepEqual(broken.filter((name, i) => broken.indexOf(name) === i), whole);
});

test('a slow connection, or one that saves data, fetches no larger portraits unless asked', async () => {
  const connection = { saveData: true, effectiveType: '4g' };
  Object.defineProperty(globalThis, 'navigator', { value: { connection }, configurable: true, writable: true });
  try {
    const gallery = galleryOf(1549);
    assert.deepEqual(await requestsOf(gallery, [1500]), gallery.files.small.map(({ name }) => name));
    Object.assign(connection, { saveData: false, effectiveType: '3g' });
    assert.deepEqual(await requestsOf(gallery, [1500]), gallery.files.small.map(({ name }) => name));
  } finally {
    Object.assign(connection, { effectiveType: '4g' });
  }
});

test('a gallery of version 1 fetches its sheets by the same rule', async () => {
  const { manifest, files } = galleryOf(900);
  const old = { manifest: { sheet: manifest.sheet }, files: { small: [], sheet: files.sheet, large: [] } };
  assert.deepEqual(await requestsOf(old, [5]), files.sheet.map(({ name }) => name));
  const large = galleryOf(5000);
  const oldLarge = { manifest: { sheet: manifest.sheet }, files: { small: [], sheet: large.files.sheet, large: [] } };
  assert.deepEqual(await requestsOf(oldLarge, [300, 900]), ['photos-1']);
});
