/**
 * Work that is shared among threads: only where the host has made the page cross-origin isolated and the device is fit for
 * it, with the same results, and given up without a word where anything about it fails.
 */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { withIsolation } from '../../tools/setup/isolation.mjs';
import { demoPhotos } from '../places.mjs';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { SUBPATH, inEachEngine, keepOffline, match, ready, scriptFirst, test } from './visit.mjs';
import { WAYS_OUT } from './ways-out.mjs';

/** @typedef {import('./engines.mjs').Page} Page */
/** @typedef {import('./visit.mjs').Site} Site */

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

/** What a host says to have its page isolated. */
const ISOLATING = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** What the page says that it runs. @returns {Promise<{file: string, threads: string}>} */
const moduleOf = (/** @type {Page} */ page) => run(page, () => ({ ...document.getElementById('module')?.dataset }));

const threadsOf = async (/** @type {Page} */ page) => Number((await moduleOf(page)).threads);

const askedFor = (/** @type {Site} */ site, /** @type {RegExp} */ what) => site.seen.map(({ path }) => path.slice(SUBPATH.length)).filter((path) => what.test(path));

/** Why this browser has no threads to test, or nothing. */
async function lackOfThreads(/** @type {Page} */ page) {
  if (!(await run(page, () => globalThis.crossOriginIsolated && typeof SharedArrayBuffer === 'function'))) return 'this browser shares no memory';
  return (await run(page, () => navigator.hardwareConcurrency)) > 1 ? '' : 'there is only one core';
}

inEachEngine('threads', (visit, engine) => {
  test('without isolation nothing of them is asked for, and no service worker is registered', async () => {
    const { page, site } = await visit();
    await ready(page);
    const { file, threads } = await moduleOf(page);
    assert.match(file, /^(relaxed\/)?doppel\.wasm$/);
    assert.equal(threads, '1');
    assert.deepEqual(askedFor(site, /threads|helper/), []);
    assert.equal(await run(page, async () => (await navigator.serviceWorker?.getRegistrations())?.length ?? 0), 0);
  });

  test('an isolated page uses them, and finds the same people as alike as without', async (t) => {
    const { page: alone } = await visit();
    await ready(alone);
    const expected = await match(alone, demoPhotos[0]);
    const { page, site } = await visit({ headers: ISOLATING });
    await ready(page);
    const lack = await lackOfThreads(page);
    assert.equal((await threadsOf(page)) > 1, !lack, lack);
    assert.deepEqual(await match(page, demoPhotos[0]), expected);
    if (lack) return t.skip(`SKIPPED: ${engine}: ${lack}`);
    const { file, threads } = await moduleOf(page);
    assert.match(file, /^threads\/(relaxed\/)?doppel\.wasm$/);
    assert.match(await run(page, () => document.getElementById('module')?.textContent), new RegExp(`on ${threads} threads\\.$`));
    assert.equal(await run(page, () => JSON.parse(document.getElementById('results')?.dataset.times ?? '').threads), Number(threads));
    assert.deepEqual(askedFor(site, /wasm$/), [file], 'one module');
  });

  /** Devices that browsers say they are. */
  const UNFIT = {
    'with one core': "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });",
    'an iPhone': "Object.defineProperty(navigator, 'userAgent', { value: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)' });",
    'an iPad, which calls itself a Mac': "Object.defineProperty(navigator, 'platform', { value: 'MacIntel' }); Object.defineProperty(navigator, 'maxTouchPoints', { value: 5 });",
  };
  for (const [what, source] of Object.entries(UNFIT))
    test(`a device that is not fit for them: ${what}`, async () => {
      const { page, site } = await visit({ headers: ISOLATING, change: scriptFirst(source) });
      await ready(page);
      assert.equal(await threadsOf(page), 1);
      assert.deepEqual(askedFor(site, /threads|helper/), []);
    });

  const first = (/** @type {string} */ source) => (/** @type {Buffer} */ bytes) => `${source}\n${bytes}`;
  /** What may go wrong, by what is served instead. @type {Record<string, Parameters<typeof visit>[0]>} */
  const FAILURES = {
    'the module is not there': { change: { 'threads/relaxed/doppel.wasm': () => 404, 'threads/doppel.wasm': () => 404 } },
    'the module is not one': { change: { 'threads/relaxed/doppel.wasm': () => 'something else', 'threads/doppel.wasm': () => 'something else' } },
    'its script is not there': { change: { 'threads/doppel.mjs': () => 404 } },
    'the helpers are not there': { change: { 'helper.js': () => 404 } },
    'the helpers never come': { hold: ['helper.js'] },
    'the helpers come and never answer': { change: { 'helper.js': () => 'for (;;);' } },
    'the helpers end': { change: { 'helper.js': () => "throw new Error('no');" } },
    'the memory is refused': { change: { 'threads/doppel.mjs': first("WebAssembly.Memory = function () { throw new RangeError('could not allocate memory'); };") } },
    'a worker stops while it hires them': { change: { 'guard.js': first('self.Worker = function () { for (;;); };') } },
    'a worker may hire none': { change: { 'guard.js': first('delete self.Worker;') } },
  };
  for (const [what, options] of Object.entries(FAILURES))
    test(`where ${what}, the page goes on without them and says nothing`, async (t) => {
      const { page, site } = await visit({ headers: ISOLATING, ...options });
      await ready(page);
      assert.equal(await threadsOf(page), 1);
      assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
      assert.equal(await run(page, () => document.getElementById('alert')?.hidden), true);
      assert.equal(askedFor(site, /^$/).length, 1, 'the page was opened once');
      const lack = await lackOfThreads(page);
      if (lack) return t.skip(`SKIPPED: ${engine}: ${lack}`);
      assert.ok(askedFor(site, /threads|helper/).length > 0 || 'hold' in (options ?? {}), 'they were tried');
    });

  test('the helpers, who see the photo too, have no network and no storage left', async (t) => {
    const { page } = await visit({ headers: ISOLATING, change: { 'helper.js': (bytes) => `${bytes}\n${trying}` } });
    await ready(page);
    const lack = await lackOfThreads(page);
    if (lack) return t.skip(`SKIPPED: ${engine}: ${lack}`);
    assert.ok((await threadsOf(page)) > 1, 'a helper could reach something');
    const { page: other } = await visit({ headers: ISOLATING, change: { 'helper.js': (bytes) => `self.found = 1; ${bytes}\n${trying.replace('ways = {', 'ways = { found: () => self.found.toFixed(),')}` } });
    await ready(other);
    assert.equal(await threadsOf(other), 1, 'and this test would see it');
  });

  test('with the network cut after loading everything still works', async (t) => {
    const { page, site } = await visit({ headers: ISOLATING });
    await ready(page);
    const lack = await lackOfThreads(page);
    if (lack) return t.skip(`SKIPPED: ${engine}: ${lack}`);
    const loaded = site.seen.length;
    assert.ok((await match(page, await pictures.oneFace()))[0].similarity > 0.9);
    assert.deepEqual(site.seen.slice(loaded).map(({ path }) => path).filter((path) => !/\.m?js$|favicon|models\/ssd/.test(path)), []);
    await until(page, 'the spare’s scripts', () => new Promise((done) => setTimeout(done, 1000, true)));
    await site.cut();
    assert.ok((await match(page, demoPhotos[3])).length > 0);
    assert.ok((await threadsOf(page)) > 1);
  });

  test('a copy for offline use opens with them', async (t) => {
    const { page, site } = await visit({ headers: ISOLATING });
    await ready(page);
    const lack = await lackOfThreads(page);
    if (lack) return t.skip(`SKIPPED: ${engine}: ${lack}`);
    await keepOffline(page);
    await site.cut();
    await again(page, site);
    assert.ok((await threadsOf(page)) > 1);
    assert.equal((await match(page, demoPhotos[0]))[0].rank, 1);
  });
});

inEachEngine('isolation by the service worker, where the host has opted in', (visit, engine) => {
  const optedIn = { 'index.html': (/** @type {Buffer} */ bytes) => withIsolation(bytes.toString()) };

  /** Waits for the page that comes after the one reload, or stays. */
  async function settled(/** @type {Page} */ page) {
    await until(page, 'the engine', () => document.documentElement?.dataset.engine === 'ready');
    return run(page, () => globalThis.crossOriginIsolated);
  }
  const visits = (/** @type {Site} */ site) => askedFor(site, /^$/).length;
  /** Why this browser cannot do it, or nothing. */
  const lack = (/** @type {Page} */ page) => run(page, () => (navigator.serviceWorker && 'caches' in window ? '' : 'this browser has no service workers here'));

  test('the page is loaded once more, and then has threads; another visit has them at once', async (t) => {
    const { page, site } = await visit({ change: optedIn });
    const isolated = await settled(page);
    const why = await lack(page);
    if (why) return t.skip(`SKIPPED: ${engine}: ${why}`);
    assert.equal(isolated, true);
    assert.equal(visits(site), 2);
    if (!(await lackOfThreads(page))) assert.ok((await threadsOf(page)) > 1);
    assert.equal((await match(page, demoPhotos[0]))[0].rank, 1);
    await again(page, site);
    assert.equal(await run(page, () => globalThis.crossOriginIsolated), true);
    assert.equal(visits(site), 3);
  });

  test('one service worker has both duties: the copy for offline use is isolated, and forgetting it leaves that', async (t) => {
    const { page, site } = await visit({ change: optedIn });
    await settled(page);
    const why = engine === 'webkit' ? 'it keeps no copies here' : await lack(page);
    if (why) return t.skip(`SKIPPED: ${engine}: ${why}`);
    await keepOffline(page);
    assert.equal(await run(page, async () => (await navigator.serviceWorker.getRegistrations()).length), 1);
    await site.cut();
    await again(page, site);
    assert.equal(await run(page, () => globalThis.crossOriginIsolated), true);
    assert.equal((await match(page, demoPhotos[0]))[0].rank, 1);
    await page.click('#offline-forget');
    await until(page, 'no copy', () => document.getElementById('offline-forget')?.hidden);
    assert.deepEqual(await run(page, () => caches.keys()), []);
    assert.equal(await run(page, async () => (await navigator.serviceWorker.getRegistrations()).length), 1);
  });

  for (const [what, script] of Object.entries({ 'does not help': "self.onactivate = (event) => event.waitUntil(self.clients.claim());", 'does not start': "throw new Error('no');", 'is not there': 404 }))
    test(`where it ${what}, the page is loaded again once at most, and works`, async () => {
      const { page, site } = await visit({ change: { ...optedIn, 'sw.js': () => script } });
      await settled(page);
      await new Promise((done) => setTimeout(done, 1000));
      await settled(page);
      assert.ok(visits(site) <= (what === 'does not help' ? 2 : 1), `${visits(site)} times`);
      assert.equal(await threadsOf(page), 1);
      assert.equal((await match(page, demoPhotos[0]))[0].rank, 1);
    });

  test('a device that is not fit for threads is left alone', async () => {
    const { page, site } = await visit({ change: { ...scriptFirst("Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 });"), 'index.html': (bytes) => withIsolation(scriptFirst('')['index.html'](bytes)) } });
    await settled(page);
    assert.equal(visits(site), 1);
    assert.equal(await run(page, async () => (await navigator.serviceWorker?.getRegistrations())?.length ?? 0), 0);
  });

  test('a host that takes it back has its page as it was', async (t) => {
    let wanted = true;
    const { page, site } = await visit({ change: { 'index.html': (bytes) => (wanted ? withIsolation(bytes.toString()) : bytes) } });
    await settled(page);
    const why = await lack(page);
    if (why) return t.skip(`SKIPPED: ${engine}: ${why}`);
    wanted = false;
    await again(page, site);
    assert.equal(await run(page, () => globalThis.crossOriginIsolated), false);
    assert.equal(await threadsOf(page), 1);
    assert.equal((await match(page, demoPhotos[0]))[0].rank, 1);
  });
});

/** Opens the page once more, from elsewhere: Firefox's driver waits in vain for one that follows itself in a process of its own. */
async function again(/** @type {Page} */ page, /** @type {Site} */ site) {
  await atRest(site);
  await page.goto('about:blank');
  await page.goto(site.origin + SUBPATH);
  await ready(page);
}

/** Until nothing more is asked for: behind a service worker, WebKit may load nothing at all after a page that was left in the middle of a request. */
async function atRest(/** @type {Site} */ site) {
  for (let seen = -1; seen !== site.seen.length; await new Promise((done) => setTimeout(done, 700))) seen = site.seen.length;
}

/** Behind a helper's script: throws where anything works that must not. */
const trying = `${WAYS_OUT}
  for (const way of Object.values(ways)) {
    let works = true;
    try { way(); } catch { works = false; }
    if (works) throw new Error(String(way));
  }`;
