/**
 * What a host serves and what the page makes of it: files that are kept and not asked for again, connections that break,
 * files that are not those that are listed, and galleries that change while a visitor is there.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import * as words from '../../web/words.js';
import { build, demoPhotos, dist, sets } from '../places.mjs';
import { run, until } from './engines.mjs';
import { firstReal, writeLargeGallery } from './large-gallery.mjs';
import { openPictures } from './pictures.mjs';
import { GALLERY, SUBPATH, cards, give, goOn, inEachEngine, keepOffline, match, outcome, portraitsHere, problem, ready, scriptFirst, stage, test } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */
/** @typedef {import('./visit.mjs').Site} Site */

const { problems } = words;

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
let scratch = '';
/** Two galleries with the same faces at the end and nothing else in common. @type {{folder: string, manifest: any}[]} */
const large = [];
before(async () => {
  pictures = await openPictures();
  scratch = await mkdtemp(join(tmpdir(), 'doppel-hosting-'));
  for (const [i, title] of ['The first', 'The second'].entries()) {
    const folder = join(scratch, String(i));
    large.push({ folder, manifest: await writeLargeGallery(folder, { title, seed: i + 1 }) });
  }
});
after(async () => {
  await pictures?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** The cover is asked for by index.html, on each visit. */
const isListed = (/** @type {string} */ path) => /\.[0-9a-f]{8}\.(safetensors|bin|safetensors\.gz|json|jpg|png|webp)$/.test(path) && !path.includes('/cover-');

/** What was asked for since `from` that a list names, without the path before it. */
const askedFor = (/** @type {Site} */ site, from = 0) =>
  site.seen.slice(from).map(({ path }) => path.slice(SUBPATH.length)).filter(isListed).sort();

/** All that the lists name, and scripts ask for. @returns {Promise<string[]>} */
async function listedIn(/** @type {any} */ { files }) {
  const { networks } = JSON.parse(await readFile(join(dist, 'models/models.json'), 'utf8'));
  const paths = (/** @type {any[]} */ list, /** @type {string} */ folder) => list.map(({ path }) => `${folder}/${path}`);
  return [...paths(networks, 'models'), ...paths(Object.values(files).flat(), 'gallery')].filter(isListed).sort();
}

const demoManifest = async () => JSON.parse(await readFile(join(build, 'gallery/gallery.json'), 'utf8'));

/** What the browser keeps for this page: sha256 as the key says and as the bytes have it. @returns {Promise<{sha256: string, bytes: string}[]>} */
const keptFiles = (/** @type {Page} */ page) =>
  run(page, async () => {
    const hex = (/** @type {ArrayBuffer} */ digest) => [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const kept = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) {
        const response = await (await caches.open(name)).match(request);
        kept.push({ sha256: request.url.slice(-64), bytes: hex(await crypto.subtle.digest('SHA-256', await /** @type {Response} */ (response).arrayBuffer())) });
      }
    return kept;
  });

/** Opens the same address once more. */
async function again(/** @type {Page} */ page, /** @type {Site} */ site) {
  await page.goto('about:blank');
  await page.goto(site.origin + SUBPATH);
  await until(page, 'the page’s own script', () => !document.getElementById('not-started'));
}

/** How much the page says that it keeps. @returns {Promise<number>} */
const keptSaid = (/** @type {Page} */ page) =>
  until(page, 'what is kept', () => document.getElementById('kept-text')?.dataset.bytes && `${document.getElementById('kept-text')?.dataset.bytes}`).then(Number);

inEachEngine('what is kept', (visit, engine) => {
  /** Whether this browser has caches at all; without them there is nothing to watch. */
  const hasCaches = (/** @type {Page} */ page) => run(page, () => 'caches' in window);

  test('a second visit asks for the lists, and for no file that they name', async (t) => {
    const { page, site } = await visit();
    await ready(page);
    await portraitsHere(page);
    const manifest = await demoManifest();
    const unasked = /ssd_mobilenetv1|people-|sample-0/; // names come in a file of their own
    assert.deepEqual([...new Set(askedFor(site))], (await listedIn(manifest)).filter((path) => !unasked.test(path)));
    if (!(await hasCaches(page))) return t.skip(`SKIPPED: ${engine} has no caches here`);
    await keptSaid(page);
    const before = site.seen.length;
    await again(page, site);
    await ready(page);
    await portraitsHere(page);
    assert.deepEqual(askedFor(site, before), []);
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });

  test('everything that is kept is a file of the lists, and nothing of a visit', async (t) => {
    const { page } = await visit();
    if (!(await hasCaches(page))) return t.skip(`SKIPPED: ${engine} has no caches here`);
    await ready(page);
    await match(page, demoPhotos[0]);
    await keptSaid(page);
    const listed = await listedIn(await demoManifest());
    const digests = await Promise.all(listed.map(async (path) => createHash('sha256').update(await readFile(join(dist, path))).digest('hex')));
    const kept = await keptFiles(page);
    assert.ok(kept.length >= 4, `${kept.length} files are kept`);
    for (const { bytes } of kept) assert.ok(digests.includes(bytes), 'a file that no list names is kept');
  });

  test('what a browser gives back damaged is fetched again', async (t) => {
    const { page, site } = await visit();
    if (!(await hasCaches(page))) return t.skip(`SKIPPED: ${engine} has no caches here`);
    await ready(page);
    await portraitsHere(page);
    await keptSaid(page);
    await run(page, async () => {
      const cache = await caches.open((await caches.keys())[0]);
      for (const key of await cache.keys()) await cache.put(key, new Response('something else'));
    });
    const before = site.seen.length;
    await again(page, site);
    await ready(page);
    await portraitsHere(page);
    assert.equal(askedFor(site, before).length, (await keptFiles(page)).length);
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });

  test('what the gallery no longer lists is dropped, and “Forget” drops the rest', async (t) => {
    const { page, site, mounts } = await visit();
    if (!(await hasCaches(page))) return t.skip(`SKIPPED: ${engine} has no caches here`);
    await ready(page);
    await keptSaid(page);
    mounts[GALLERY] = large[0].folder;
    await again(page, site);
    await ready(page);
    const { networks } = JSON.parse(await readFile(join(dist, 'models/models.json'), 'utf8'));
    const { embeddings, people } = large[0].manifest.files;
    const listed = [...networks, ...embeddings, ...people].map(({ sha256 }) => sha256);
    await until(page, 'only these to be kept', async (/** @type {string[]} */ sha256s) => {
      const keys = await (await caches.open((await caches.keys())[0])).keys();
      return keys.length && keys.every(({ url }) => sha256s.includes(url.slice(-64)));
    }, listed);
    assert.ok((await keptSaid(page)) > 0);
    await page.click('#offline-forget');
    await until(page, 'nothing kept', () => document.getElementById('offline-forget')?.hidden);
    assert.deepEqual(await run(page, () => caches.keys()), []);
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
    assert.deepEqual(await run(page, () => caches.keys()), [], 'nor is anything kept again');
  });

  /** What a browser does instead of keeping. */
  const CLOSED = {
    'no caches': 'delete window.caches; delete Window.prototype.caches;',
    'caches that are closed to the page': "if (window.caches) CacheStorage.prototype.open = CacheStorage.prototype.keys = () => Promise.reject(new DOMException('', 'SecurityError'));",
    'no room left': "if (window.caches) Cache.prototype.put = () => Promise.reject(new DOMException('', 'QuotaExceededError'));",
  };
  for (const [what, source] of Object.entries(CLOSED))
    test(`with ${what} the page works and says nothing of it`, async () => {
      const { page } = await visit({ change: scriptFirst(source) });
      await ready(page);
      assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
      assert.equal(await run(page, () => document.getElementById('alert')?.hidden), true);
    });
});

inEachEngine('a connection that breaks', (visit) => {
  test('in the middle of a later shard: only that one is asked for again, by the page itself', async () => {
    const shard = large[0].manifest.files.embeddings.at(-1).path;
    let cuts = 0;
    const { page, site } = await visit({
      gallery: large[0].folder,
      change: { [shard]: (bytes) => (cuts++ < 2 ? { bytes, cutAt: bytes.length >> 1 } : bytes) },
    });
    await ready(page);
    assert.ok(cuts >= 3);
    for (const path of await listedIn(large[0].manifest)) {
      if (/photos|ssd/.test(path)) continue;
      const times = askedFor(site).filter((asked) => asked === path).length;
      assert.equal(times, path.endsWith(shard) ? cuts : 1, `${path} was asked for ${times} times`);
    }
    const [first] = await match(page, await pictures.oneFace());
    assert.ok(first.similarity > 0.9);
  });

  test('for longer: a sentence, and “Try again” fetches what is missing', async () => {
    const shard = large[0].manifest.files.embeddings.at(-1).path;
    let broken = true;
    const { page, site } = await visit({
      gallery: large[0].folder,
      change: { [shard]: (bytes) => (broken ? { bytes, cutAt: bytes.length >> 1 } : bytes) },
    });
    const shown = await problem(page);
    assert.deepEqual([shown.code, shown.text, shown.actions], ['OFFLINE', words.brokeOff(shard), ['reload']]);
    broken = false;
    const before = site.seen.length;
    await page.click('#alert [data-action=reload]');
    await ready(page);
    assert.deepEqual(askedFor(site, before), [`gallery/${shard}`]);
    assert.equal(await run(page, () => document.getElementById('alert')?.hidden), true);
  });

  test('a host that is busy for a moment is asked again', async () => {
    let busy = 2;
    const { page } = await visit({ change: { 'gallery/gallery.json': (bytes) => (busy-- > 0 ? 503 : bytes) } });
    await ready(page);
    assert.ok(busy < 0);
  });
});

inEachEngine('while it loads', (visit) => {
  test('a few files are fetched at a time, and the page says how much of all that is', async () => {
    const shards = large[0].manifest.files.embeddings.map((/** @type {any} */ { path }) => path);
    assert.ok(shards.length > 5);
    const begun = new Set();
    const { page, site } = await visit({
      gallery: large[0].folder,
      hold: shards,
      change: { '.safetensors': (bytes, path) => void begun.add(path) },
    });
    await until(page, 'all but the shards', () => /^Loading: [12]\.\d of \d+\.\d MB$/.test(document.getElementById('load-text')?.textContent ?? '') || /^Loading: [4-9]\.\d of/.test(document.getElementById('load-text')?.textContent ?? ''));
    assert.ok(begun.size <= 4, `${begun.size} shards at once`);
    const said = await run(page, () => document.getElementById('load-text')?.textContent);
    const { networks } = JSON.parse(await readFile(join(dist, 'models/models.json'), 'utf8'));
    const atOnce = [...networks.filter((/** @type {any} */ { role }) => role !== 'thorough'), ...large[0].manifest.files.embeddings, ...large[0].manifest.files.people];
    const total = atOnce.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    const shown = Number(said.match(/of ([\d.]+) MB/)?.[1]);
    assert.ok(shown >= Math.floor(total * 10) / 10 && shown < total + 1.5, `${said}; the files have ${total} MB, besides the module`);
    site.release();
    await ready(page);
    assert.equal(begun.size, shards.length);
  });
});

inEachEngine('a file that is not the listed one', (visit) => {
  const [first, second] = [() => large[0].manifest.files.embeddings[0], () => large[1].manifest.files.embeddings[0]];

  test('a shard of another gallery under the name of ours is refused, after it was asked for past the caches', async () => {
    let asked = 0;
    const foreign = await readFile(join(large[1].folder, second().path));
    const { page } = await visit({ gallery: large[0].folder, change: { [first().path]: () => (asked++, foreign) } });
    const shown = await problem(page);
    assert.deepEqual([shown.code, shown.text], ['DAMAGED_FILE', words.damaged(first().path)]);
    assert.equal(asked, 2);
  });

  test('also where the browser gives the page no crypto, as on plain http', async () => {
    const withoutCrypto = scriptFirst("Object.defineProperty(window, 'crypto', { value: {} });");
    const { page } = await visit({ gallery: large[0].folder, change: withoutCrypto });
    await ready(page);
    assert.equal(await run(page, () => document.getElementById('kept-text')?.dataset.bytes ?? '0'), '0', 'nothing is kept that cannot be checked');
    const foreign = await readFile(join(large[1].folder, second().path));
    const { page: other } = await visit({ gallery: large[0].folder, change: { ...withoutCrypto, [first().path]: () => foreign } });
    const shown = await problem(other);
    assert.deepEqual([shown.code, shown.text], ['DAMAGED_FILE', words.damaged(first().path)]);
  });

  test('a shard that is listed, and made with another network, is refused by the engine', async () => {
    const { path, sha256 } = first();
    const { embedder } = large[0].manifest;
    const foreign = (/** @type {Buffer} */ bytes) => Buffer.from(bytes.toString('latin1').replace(embedder.sha256, '1'.repeat(64)), 'latin1');
    const hash = createHash('sha256').update(foreign(await readFile(join(large[0].folder, path)))).digest('hex');
    const { page } = await visit({ gallery: large[0].folder, change: { [path]: foreign, 'gallery.json': (bytes) => bytes.toString().replace(sha256, hash) } });
    const shown = await problem(page);
    assert.equal(shown.code, 'WRONG_NETWORK');
    assert.match(shown.text, /11111111.*\.$/);
  });

  test('another network under the name of ours is refused', async () => {
    const { networks } = JSON.parse(await readFile(join(dist, 'models/models.json'), 'utf8'));
    const [one, other] = networks;
    const foreign = await readFile(join(dist, 'models', other.path));
    const { page } = await visit({ change: { [one.path]: () => foreign } });
    const shown = await problem(page);
    assert.deepEqual([shown.code, shown.text], ['DAMAGED_FILE', words.damaged(one.name)]);
  });

  test('a copy on the way that is damaged once does no harm', async () => {
    let times = 0;
    const { page } = await visit({ gallery: large[0].folder, change: { [first().path]: (bytes) => (times++ ? bytes : Buffer.from(bytes).fill(0, 100, 200)) } });
    await ready(page);
    assert.equal(times, 2);
  });

  test('a gallery in another format is refused with what to do', async () => {
    for (const [version, code, actions] of /** @type {[number, string, string[]][]} */ ([[3, 'NEWER_GALLERY', ['renew']], [0, 'OLDER_GALLERY', []]])) {
      const { page } = await visit({ change: { 'gallery/gallery.json': (bytes) => JSON.stringify({ ...JSON.parse(bytes.toString()), version }) } });
      const shown = await problem(page);
      assert.deepEqual([shown.code, shown.text, shown.actions], [code, words.galleryVersion(version, 2), actions]);
    }
  });

  for (const [what, manifest] of Object.entries({
    'no manifest': { format: 'something else' },
    'a manifest without files': { format: 'doppel-gallery', version: 1 },
    'a file without its sha256': { files: { embeddings: [{ path: 'a.safetensors', bytes: 1 }], people: [], photos: [] } },
    'a file outside the folder': { files: { embeddings: [{ path: '../index.html', bytes: 1, sha256: '0'.repeat(64) }], people: [], photos: [] } },
  }))
    test(`${what} is refused`, async () => {
      const { page } = await visit({ change: { 'gallery/gallery.json': (bytes) => JSON.stringify('files' in manifest ? { ...JSON.parse(bytes.toString()), ...manifest } : manifest) } });
      const shown = await problem(page);
      assert.equal(shown.code, 'DAMAGED_LIST');
      assert.ok(shown.text.endsWith(problems.DAMAGED_LIST));
    });
});

inEachEngine('an update', (visit) => {
  const title = (/** @type {Page} */ page) => run(page, () => document.getElementById('gallery-title')?.textContent);

  test('between the list and a shard: all starts over with the new gallery', async () => {
    let lists = 0;
    const { page, site, mounts } = await visit({ gallery: large[0].folder, hold: ['gallery.json'], change: { 'gallery.json': () => void lists++ } });
    while (!lists) await new Promise((done) => setTimeout(done, 20));
    mounts[GALLERY] = large[1].folder; // the first one's list has been read, and goes out now
    site.release();
    await ready(page);
    assert.equal(lists, 2);
    assert.equal(await title(page), 'The second');
    const results = await match(page, await pictures.oneFace());
    assert.ok(results[0].similarity > 0.9);
    for (const { name } of results) assert.doesNotMatch(name, /of 1$/);
  });

  test('in the middle of the shards: what is of the old gallery is not used', async () => {
    const last = large[0].manifest.files.embeddings.at(-1).path;
    const { page } = await visit({
      gallery: large[0].folder,
      change: {
        [last]: (_, path, mounts) => {
          mounts[GALLERY] = large[1].folder;
          return 404;
        },
      },
    });
    await ready(page);
    assert.equal(await title(page), 'The second');
    const [first] = await match(page, await pictures.oneFace());
    assert.ok(first.similarity > 0.9);
  });

  test('that never ends: a sentence, and “Try again”', async () => {
    let edition = 0;
    const { page } = await visit({
      gallery: large[0].folder,
      change: {
        'gallery.json': (bytes) => JSON.stringify({ ...JSON.parse(bytes.toString()), title: `Edition ${edition++}` }),
        'safetensors': (_, path) => (path.includes('embeddings-0003') ? 404 : undefined),
      },
    });
    const shown = await problem(page);
    assert.deepEqual([shown.code, shown.text, shown.actions], ['UPDATING', problems.UPDATING, ['reload']]);
    assert.ok(edition <= 4, `the list was asked for ${edition} times`);
  });

  test('that is not complete: the missing file is named, and later “Try again” helps', async () => {
    const { path } = large[0].manifest.files.embeddings[2];
    let missing = true;
    const { page } = await visit({ gallery: large[0].folder, change: { [path]: (bytes) => (missing ? 404 : bytes) } });
    const shown = await problem(page);
    assert.deepEqual([shown.code, shown.text, shown.actions], ['UPDATING', words.missingFile(path), ['reload']]);
    missing = false;
    await page.click('#alert [data-action=reload]');
    await ready(page);
  });

  const [inUse, other] = sets();
  test('to another network, whose list comes a moment later', { skip: other.skip }, async () => {
    const before = await readFile(join(inUse.dist, 'models/models.json'));
    let asked = 0;
    const { page } = await visit({ folder: other.dist, change: { 'models/models.json': (bytes) => (asked++ ? bytes : before) } });
    await ready(page);
    assert.equal(asked, 2);
    assert.equal(await run(page, () => document.getElementById('networks-set')?.textContent), words.networkSet(other.name));
  });

  test('after loading: sheets of the old gallery that are gone are not taken from the new one', async () => {
    const { page } = await visit({
      gallery: large[0].folder,
      change: {
        '.webp': (_, path, mounts) => {
          if (path.includes('photos-')) mounts[GALLERY] = large[1].folder;
          return path.includes(large[0].manifest.files.photos.at(-1).path) ? 404 : undefined;
        },
      },
    });
    await ready(page);
    await give(page, await pictures.oneFace());
    await until(page, 'the notice', () => document.documentElement.dataset.photo === 'notice');
    await page.click('#notice-accept');
    const shown = await problem(page);
    assert.deepEqual([shown.code, shown.text, shown.actions], ['OUTDATED', problems.OUTDATED, ['renew']]);
    const names = (await cards(page)).map(({ name }) => name);
    for (const name of names) assert.doesNotMatch(name, /of 2$/);
    await page.click('#alert [data-action=renew]');
    await until(page, 'the page to be new', () => document.documentElement.dataset.photo === 'none' && document.getElementById('gallery-title')?.textContent === 'The second');
    await ready(page);
    assert.ok((await match(page, await pictures.oneFace()))[0].similarity > 0.9);
  });
});

inEachEngine('a gallery of several pages and sheets', (visit, engine) => {
  test('names of everybody come with the gallery, and a match asks for the sheet of its first result alone', async () => {
    const { page, site } = await visit({ gallery: large[0].folder });
    await ready(page);
    const { people, photos, embeddings } = large[0].manifest.files;
    assert.deepEqual([people.length, photos.length, embeddings.length], [2, 6, 7]);
    assert.deepEqual(askedFor(site).filter((path) => /people|photos/.test(path)), people.map((/** @type {any} */ { path }) => `gallery/${path}`), 'before the first photo all names and no portraits');
    const loaded = site.seen.length;
    const results = await match(page, await pictures.oneFace());
    assert.equal(await outcome(page), 'matched');
    await until(page, 'the portraits', () => [...document.querySelectorAll('#matches canvas')].every((canvas) => /** @type {HTMLCanvasElement} */ (canvas).width === 144 || canvas.closest('.no-portrait')));
    const shown = await run(page, () => [...document.querySelectorAll('#matches match-card')].map((card) => Number(/** @type {HTMLElement} */ (card).dataset.photo)));
    assert.ok(shown[0] >= firstReal && results[0].similarity > 0.9);
    assert.ok(await run(page, () => /** @type {HTMLElement} */ (document.getElementById('drop')).offsetHeight < 100), 'the way in makes room for the results');
    const expected = [`gallery/${photos[Math.floor(shown[0] / 256)].path}`]; // the others' sheets would tell who they are
    assert.deepEqual(askedFor(site, loaded), expected);
    await goOn(page);
    await stage(page, 1);
    assert.deepEqual(askedFor(site, loaded), expected, 'looking closer asks for nothing');
  });

  if (engine !== 'webkit')
    test('“Keep for offline use” fetches all, also the sheets nobody looked at, and then no connection is needed', async () => {
      const { page, site } = await visit({ gallery: large[0].folder });
      await ready(page);
      await keepOffline(page);
      assert.deepEqual([...new Set(askedFor(site))], await listedIn(large[0].manifest));
      assert.equal(askedFor(site).length, new Set(askedFor(site)).size, 'no file twice');
      await site.cut();
      await page.goto(site.origin + SUBPATH);
      await ready(page);
      assert.ok((await match(page, await pictures.oneFace()))[0].similarity > 0.9);
      await until(page, 'a portrait', () => /** @type {HTMLCanvasElement} */ (document.querySelector('#matches canvas')).width === 144);
    });

  if (engine !== 'webkit')
    test('a copy that cannot be completed says so, and the next try goes on from there', async () => {
      const last = large[0].manifest.files.photos.at(-1).path;
      let missing = true;
      const { page, site } = await visit({ gallery: large[0].folder, change: { [last]: (bytes) => (missing ? 404 : bytes) } });
      await ready(page);
      await until(page, 'the offer', () => document.getElementById('offline-keep')?.hidden === false);
      await page.click('#offline-keep');
      await until(page, 'the sentence', (/** @type {string} */ text) => document.getElementById('offline-text')?.textContent === text, words.offline.failed);
      missing = false;
      const before = site.seen.length;
      await page.click('#offline-keep');
      await until(page, 'the copy', () => document.getElementById('offline-keep')?.hidden);
      assert.deepEqual(askedFor(site, before), [`gallery/${last}`]);
    });

  if (engine !== 'webkit')
    test('a copy that the browser interrupted is made again by itself', async () => {
      const { page, site } = await visit({ gallery: large[0].folder });
      await ready(page);
      await keepOffline(page);
      const left = await run(page, async () => {
        const name = /** @type {string} */ ((await caches.keys()).find((name) => / copy /.test(name)));
        const copy = await caches.open(name);
        for (const { url } of await copy.keys()) if (!/index\.html$/.test(url)) await copy.delete(url);
        return (await copy.keys()).length;
      });
      assert.equal(left, 1, 'as if it had ended after the first file');
      await again(page, site);
      await ready(page);
      await until(page, 'a whole copy', async () => (await caches.match('engine-worker.js')) && (await caches.match('gallery/gallery.json')) && (await caches.keys()).length === 2);
      await site.cut();
      await page.goto(site.origin + SUBPATH);
      await ready(page);
    });

  if (engine !== 'webkit')
    test('a copy is renewed with the gallery, and where that fails the old one still opens', async () => {
      let missing = '';
      const { page, site, mounts } = await visit({ gallery: large[0].folder, change: { '.webp': (_, path) => (missing && path.endsWith(missing) ? 404 : undefined) } });
      await ready(page);
      await keepOffline(page);

      mounts[GALLERY] = large[1].folder;
      missing = large[1].manifest.files.photos.at(-1).path;
      await again(page, site);
      await ready(page);
      assert.equal(await run(page, () => document.getElementById('gallery-title')?.textContent), 'The second');
      await until(page, 'the sentence', (/** @type {string} */ text) => document.getElementById('offline-text')?.textContent === text, words.offline.failed);
      const kept = (await keptFiles(page)).map(({ sha256 }) => sha256);
      for (const { path, sha256 } of Object.values(large[0].manifest.files).flat()) assert.ok(kept.includes(sha256), `${path} of the old copy is gone`);

      missing = '';
      await again(page, site);
      await ready(page);
      const listed = Object.values(large[1].manifest.files).flat().map(({ sha256 }) => sha256);
      await until(page, 'the new copy', async (/** @type {string[]} */ wanted, /** @type {string[]} */ old) => {
        const names = await caches.keys();
        const files = names.find((name) => name.endsWith(' files')); // opening the old copy's cache after its end would make it anew
        const keys = files ? (await (await caches.open(files)).keys()).map(({ url }) => url.slice(-64)) : [];
        return wanted.every((sha256) => keys.includes(sha256)) && !old.some((sha256) => keys.includes(sha256)) && names.length === 2;
      }, listed, large[0].manifest.files.embeddings.map((/** @type {any} */ { sha256 }) => sha256));
      await site.cut();
      await page.goto(site.origin + SUBPATH);
      await ready(page);
      assert.equal(await run(page, () => document.getElementById('gallery-title')?.textContent), 'The second');
    });
});
