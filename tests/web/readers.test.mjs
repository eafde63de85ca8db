/**
 * What the page reads from its host, damaged at random: each list is a valid object or a sentence, never an error of the
 * program. In node, without a browser.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

/** Answers by the end of the address. @type {Record<string, string>} */
const served = {};
Object.assign(globalThis, {
  document: { baseURI: 'http://host/doppel/', querySelector: () => null },
  fetch: async (/** @type {URL | string} */ url) => new Response(served[String(url).split('/').at(-1) ?? ''] ?? '', { status: 200 }),
});
const { openGallery } = await import('../../web/gallery.js');
const { networkCatalogue, networksOf } = await import('../../web/networks.js');
const { DownloadError } = await import('../../web/download.js');
const { Files } = await import('../../web/files.js');
const { Decisions } = await import('../../web/decisions.js');
const { filesOf } = await import('../../web/offline.js');
const { galleryFacts } = await import('../../web/words.js');

const ROUNDS = 1500;
const sha256 = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex');
const hash = sha256('');
const file = (/** @type {string} */ path) => ({ path, bytes: 10, sha256: hash, count: 2 });

const manifest = () => ({
  format: 'doppel-gallery', version: 2, title: 'Ships', notice: 'A notice', lang: 'de', publisher: 'A museum', joined_people: { 7: '007' }, portraits: 'all', people: 2, photos: 2, people_per_page: 1024,
  embedder: { name: 'mfn', sha256: hash, dimension: 512 }, detector: [{ name: 'yunet', sha256: hash }], metric: 'cosine',
  calibration: { bins: 4, range: [-1, 1], impostor: { pairs: 4, of: 4, first: 0, counts: [4] }, genuine: { pairs: 0, of: 0, first: 0, counts: [] }, nearest: { people: 2, of: 2, first: 1, counts: [2] }, false_matches: [] },
  fields: [{ key: 'rank', label: 'Rank' }], departments: [{ name: 'Crew', jurisdiction: 'X', photos: 2 }], allowed_jurisdictions: [{ jurisdiction: 'X', reason: 'y' }],
  small: { columns: 16, rows: 16, size: 64 }, sheet: { columns: 16, rows: 16, size: 144 }, large: { per_file: 64, size: 384, type: 'image/webp' },
  files: { embeddings: [file('embeddings-0000.00000000.safetensors')], people: [file('people-0000.00000000.json')], columns: [], photos: [file('photos-0000.00000000.jpg')],
    small: [file('small-0000.00000000.webp')], large: [file('large-0000.00000000.bin')], samples: [{ ...file('sample-0000.00000000.jpg'), width: 1, height: 1 }],
    sample_thumbs: [{ ...file('sample-thumb-0000.00000000.webp'), width: 1, height: 1 }], cover: [{ ...file('cover-0000.00000000.jpg'), width: 1440, height: 576, columns: 10, rows: 4 }] },
});
const models = () => ({ set: 'own', networks: [{ role: 'quick', name: 'yunet', path: 'yunet.00000000.safetensors.gz', bytes: 1, unpacked_bytes: 2, sha256: hash, licence: 'MIT' }, { role: 'embedder', name: 'mfn', path: 'mfn.safetensors.gz', bytes: 1, unpacked_bytes: 2, sha256: hash, licence: 'MIT' }] });
const people = () => [{ id: 'a', name: 'Ann', photos: [0], fields: { rank: 'captain' } }, { id: 'b', name: 'Bob', photos: [1], fields: {} }];

/** The same numbers in each run. */
let state = 7;
const random = (/** @type {number} */ below) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % 65521 % below;
const STRANGE = [null, 0, -1, 1.5, 1e300, '', 'x', true, [], {}, [[]], [null], { length: 3 }, '__proto__', 'https://elsewhere/x', '../../x'];

/** One value of a document replaced, removed or repeated; now and then a byte of its text. @param {any} value */
function damaged(value) {
  const document = structuredClone(value);
  for (let times = 1 + random(2); times > 0; times--) {
    let at = document;
    for (;;) {
      const keys = Object.keys(at ?? {});
      if (typeof at !== 'object' || !keys.length) break;
      const key = keys[random(keys.length)];
      if (random(3) && at[key] && typeof at[key] === 'object') at = at[key];
      else {
        if (random(8)) at[key] = structuredClone(STRANGE[random(STRANGE.length)]);
        else delete at[key];
        break;
      }
    }
  }
  const text = JSON.stringify(document);
  return random(10) ? text : text.slice(0, random(text.length));
}

/** What came of it, or null where it was refused with a sentence. @template T @param {() => Promise<T>} read @param {string} text */
async function validOrSentence(read, text) {
  try {
    return await read();
  } catch (error) {
    assert.ok(error instanceof DownloadError, `${text}\n${/** @type {Error} */ (error).stack}`);
    assert.match(error.message, /\w{3,}.*\.$/s, text);
    return null;
  }
}

test('a damaged gallery.json is refused with a sentence, or everything that the page takes from it is there', async () => {
  let valid = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const text = damaged(manifest());
    served['gallery.json'] = text;
    served['people-0000.00000000.json'] = '';
    const gallery = await validOrSentence(() => openGallery(new Files(), 'reload'), text);
    if (!gallery) continue;
    valid++;
    await validOrSentence(async () => {
      for (const { url, bytes } of filesOf(networksOf(/** @type {any} */ (models()), gallery.manifest), gallery)) assert.ok(url.href.startsWith('http://host/doppel/') && bytes >= 0);
      for (const [term, said] of Object.entries(galleryFacts(gallery.manifest))) assert.ok(typeof said === 'string' && !/undefined|NaN|\[object/.test(said), `${term}: ${said}\n${text}`);
      assert.equal(typeof gallery.title, 'string');
      assert.ok(Number.isFinite(gallery.pairs));
      assert.equal(typeof gallery.isSmall, 'boolean');
      await gallery.person(0);
    }, text);
  }
  assert.ok(valid > ROUNDS / 20 && valid < ROUNDS, `${valid} of ${ROUNDS} were valid`);
});

test('a damaged models.json is refused with a sentence, or names files of its own folder', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const text = damaged(models());
    served['models.json'] = text;
    const catalogue = await validOrSentence(() => networkCatalogue('reload'), text);
    if (catalogue) await validOrSentence(async () => void networksOf(catalogue, /** @type {any} */ (manifest())), text);
  }
});

test('a damaged page of people gives a person with a name and photos, or a sentence', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const text = damaged(people());
    const document = manifest();
    document.files.people[0].sha256 = sha256(text);
    served['gallery.json'] = JSON.stringify(document);
    served['people-0000.00000000.json'] = text;
    const gallery = await openGallery(new Files(), 'reload');
    for (const index of [0, 1]) {
      const person = await validOrSentence(() => gallery.person(index), text);
      if (person) assert.ok(typeof person.name === 'string' && Number.isInteger(person.photoCount) && typeof person.fields === 'object' && person.fields, text);
    }
  }
});

test('a damaged list of names gives a person with a name and photos, or a sentence', async () => {
  const names = { names: ['Ann', 'Bob'], ids: ['a', 'b'], photos: [1, 2], fields: { rank: { values: ['', 'captain'], of: [1, 0] }, lang: { values: ['', 'fr'], of: [0, 1] } } };
  for (let round = 0; round < ROUNDS; round++) {
    const text = damaged(names);
    served['gallery.json'] = JSON.stringify({ ...manifest(), files: { ...manifest().files, names: [{ ...file('names-0000.00000000.json'), bytes: text.length, sha256: sha256(text) }] } });
    served['names-0000.00000000.json'] = text;
    const gallery = await openGallery(new Files(), 'reload');
    for (const index of [0, 1]) {
      const person = await validOrSentence(() => gallery.person(index), text);
      if (person) assert.ok(typeof person.name === 'string' && typeof person.id === 'string' && Number.isInteger(person.photoCount) && Object.values(person.fields).every((value) => typeof value === 'string'), text);
    }
    const ids = await validOrSentence(() => gallery.ids(), text);
    if (ids) assert.ok([...ids].every((id) => typeof id === 'string'), text);
  }
});

test('all names of a gallery of any size are needed before the first photo, and each person has theirs', async () => {
  const parts = [['Ann', 'Bob'], ['Cid']].map((names) => JSON.stringify({ names, ids: names, fields: { rank: { values: ['', 'captain'], of: names.map(() => 1) } } }));
  const listed = parts.map((text, i) => ({ path: `names-000${i}.00000000.json`, bytes: text.length, sha256: sha256(text), count: 2 - i }));
  const document = { ...manifest(), people: 3, files: { ...manifest().files, names: listed } };
  served['gallery.json'] = JSON.stringify(document);
  parts.forEach((text, i) => (served[listed[i].path] = text));
  const gallery = await openGallery(new Files(), 'reload');
  assert.deepEqual(gallery.neededAtOnce.map(({ name }) => name), [document.files.embeddings[0].path, ...listed.map(({ path }) => path)]);
  for (const [index, name] of ['Ann', 'Bob', 'Cid'].entries())
    assert.deepEqual(await gallery.person(index), { id: name, name, photoCount: 1, lang: 'de', fields: { rank: 'captain' } });
  await assert.rejects(gallery.person(3), DownloadError);
  assert.deepEqual(await gallery.ids(), new Set(['Ann', 'Bob', 'Cid']));

  served['gallery.json'] = JSON.stringify({ ...document, people: 300_000, files: manifest().files });
  const old = await openGallery(new Files(), 'reload');
  assert.deepEqual(old.neededAtOnce.map(({ name }) => name), [...document.files.embeddings, ...document.files.people].map(({ path }) => path));
});

test('damaged decisions in the browser’s storage are left alone', () => {
  const decision = { verdict: 'confirm', decided: '2026-01-01', gallery: 'Ships', person: 0, name: 'Ann', similarity: 0.5, less_alike: 0.9, photo_name: 'x', photo_sha256: null, face: { x: 1, y: 2, width: 3, height: 4 } };
  for (let round = 0; round < ROUNDS; round++) {
    const text = damaged(decision);
    const stored = new Map([['doppel.decision.2:%2Fdoppel%2F:x', text], ['doppel.decisions.1', `[${text}]`]]);
    const storage = /** @type {any} */ ({
      get length() { return stored.size; },
      key: (/** @type {number} */ i) => [...stored.keys()][i],
      getItem: (/** @type {string} */ key) => stored.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => void stored.set(key, value),
      removeItem: (/** @type {string} */ key) => void stored.delete(key),
    });
    const decisions = new Decisions(storage, '/doppel/');
    decisions.carryOver('Ships');
    for (const one of decisions.all) assert.ok(one.name !== undefined && one.face.width >= 0, text);
    decisions.verdictOn(/** @type {any} */ (decision));
  }
});
