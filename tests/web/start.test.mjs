/** How a visit begins, and what the engine does when nothing is asked of it: before the first photo, and long after one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { SUBPATH, give, inEachEngine, match, outcome, portraitsHere, problem, ready, scriptFirst, test, watchingWorkers } from './visit.mjs';

/** @typedef {import('./engines.mjs').Page} Page */
/** @typedef {import('./visit.mjs').Site} Site */

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

/** What was asked for, without the path before it; the icon is the browser's own business. */
const asked = (/** @type {Site} */ site) => site.seen.map(({ path }) => path.slice(SUBPATH.length)).filter((path) => path !== 'icon.svg');

inEachEngine('how a visit begins', (visit, engine) => {
  test('the page is six files, and nothing is asked for twice', async () => {
    const { page, site } = await visit();
    await ready(page);
    const paths = asked(site);
    assert.deepEqual(paths.filter((path) => !/^(models|gallery)\/|\.wasm$/.test(path)).sort(), ['', 'ahead.js', 'app.js', 'engine-worker.js', 'style.css']);
    assert.equal(paths.filter((path) => path.endsWith('.wasm')).length, 1, 'one module, for both workers');
    assert.deepEqual(paths, [...new Set(paths)]);
  });

  test('the lists, the module and the worker are asked for at once, before the page’s own scripts are here', async () => {
    const scripts = engine === 'webkit' ? [] : ['app.js']; // WebKit does not send requests of a document whose scripts it waits for
    const { page } = await visit({ together: [...scripts, 'gallery/gallery.json', 'models/models.json', 'doppel.wasm', 'engine-worker.js'] });
    await ready(page);
  });

  test('networks and gallery wait for the lists alone', async () => {
    const { page } = await visit({ together: ['doppel.wasm', 'engine-worker.js', '.safetensors.gz', '.safetensors'] });
    await ready(page);
  });
});

// WebKitGTK under automation keeps no files over HTTP; that it asks for none that a list names, hosting.test.mjs says.
inEachEngine('a second visit', (visit) => {
  test('costs no byte of a file: what has no hash in its name is asked for with “has it changed?”, the rest not at all', async () => {
    const { page, site } = await visit({ headers: { 'cache-control': 'no-cache' } });
    await ready(page);
    await portraitsHere(page);
    await until(page, 'what is kept', () => document.getElementById('kept-text')?.dataset.bytes);
    const before = site.seen.length;
    await page.goto('about:blank');
    await page.goto(site.origin + SUBPATH);
    await ready(page);
    const again = site.seen.slice(before).filter(({ path }) => !path.endsWith('.svg') && !path.endsWith('favicon.ico'));
    assert.ok(again.length >= 5, 'the page and its lists');
    for (const { path, status } of again) {
      assert.doesNotMatch(path, /\/(?!cover-)[^/]*\.[0-9a-f]{8}\./); // index.html itself names the cover
      assert.equal(status, 304, path);
    }
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });
}, { only: ['chromium', 'firefox'] });

/** In front of the page's scripts: notes what workers are told, and when they end. */
const watching = `
  window.told = [];${watchingWorkers(`(Plain) => class extends Plain {
    postMessage(message, ...rest) {
      told.push(message.args.step ? message.call + ' ' + message.args.step : message.call);
      super.postMessage(message, ...rest);
      window.afterwards?.(message);
    }
    terminate() {
      told.push('end');
      super.terminate();
    }
  }`)}`;

/** @returns {Promise<string[]>} */
const told = (/** @type {Page} */ page) => run(page, () => /** @type {any} */ (window).told);

const warmUps = ['decode', 'face', 'embed', 'search', 'forget'].map((step) => `warmUp ${step}`);

inEachEngine('before the first photo', (visit) => {
  test('everything runs once on a made-up one', async () => {
    const { page } = await visit({ change: scriptFirst(watching) });
    await ready(page);
    await until(page, 'the last step', () => /** @type {any} */ (window).told.includes('warmUp forget'));
    const all = await told(page);
    assert.deepEqual(all.filter((call) => call !== 'addNetwork' && call !== 'addShard'), ['start', 'openGallery', ...warmUps]);
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });

  test('one that is there already does not wait for that', async () => {
    const { page, site } = await visit({ hold: ['doppel.wasm'], change: scriptFirst(watching) });
    await give(page, demoPhotos[0]);
    await until(page, 'the photo to be taken in', () => document.documentElement.dataset.photo === 'working');
    site.release();
    await outcome(page);
    assert.deepEqual((await told(page)).filter((call) => call.startsWith('warmUp')), []);
  });

  test('one that is there already is read while the networks are on their way', async () => {
    const { page, site } = await visit({ hold: ['.safetensors.gz'], change: scriptFirst(watching) });
    await give(page, demoPhotos[0]);
    await until(page, 'the photo to be read', () => /** @type {any} */ (window).told.includes('openPhoto'));
    site.release();
    assert.equal(await outcome(page), 'choose');
    assert.deepEqual((await told(page)).filter((call) => call === 'openPhoto'), ['openPhoto'], 'once');
  });

  test('where reading it early goes wrong, everything is loaded all the same, and the photo says why', async () => {
    const trap = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 116, 0, 0, 10, 5, 1, 3, 0, 0, 11];
    const failing = `
      const openPhoto = Session.prototype.openPhoto;
      Session.prototype.openPhoto = function (bytes) {
        if (bytes.length === ${readFileSync(demoPhotos[0]).length}) new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([${trap}]))).exports.t();
        return openPhoto.call(this, bytes);
      };`;
    const { page, site } = await visit({ hold: ['.safetensors.gz'], change: { ...scriptFirst(watching), 'engine-worker.js': (bytes) => `${bytes}\n${failing}` } });
    await give(page, demoPhotos[0]);
    await until(page, 'the photo to be read', () => /** @type {any} */ (window).told.includes('openPhoto'));
    site.release();
    assert.equal((await problem(page)).code, 'TRAP');
    await ready(page);
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });

  test('one that comes meanwhile waits for the step at hand alone', async () => {
    const choosing = `
      const canvas = document.createElement('canvas');
      canvas.toBlob((blob) => (window.early = new File([blob], 'early.png', { type: 'image/png' })));
      window.afterwards = ({ args }) => {
        if (args.step !== 'decode') return;
        const files = new DataTransfer();
        files.items.add(window.early);
        const input = document.getElementById('file-input');
        input.files = files.files;
        input.dispatchEvent(new Event('change'));
      };`;
    const { page } = await visit({ change: scriptFirst(watching + choosing) });
    await ready(page);
    assert.equal(await outcome(page), 'noface');
    const all = await told(page);
    assert.deepEqual(all.slice(all.indexOf('warmUp decode'), all.indexOf('detect') + 1), ['warmUp decode', 'openPhoto', 'detect']);
    assert.ok(!all.includes('warmUp face'));
  });
});

/** Four minutes pass in no time. */
const impatient = `
  const later = window.setTimeout.bind(window);
  window.setTimeout = (act, ms, ...rest) => later(act, ms === 240000 ? 300 : ms, ...rest);`;

inEachEngine('after four minutes without work', (visit, engine) => {
  test('the worker ends, and the next photo finds another, without a file being asked for', async () => {
    const { page, site } = await visit({ change: scriptFirst(watching + impatient) });
    await ready(page);
    const [first] = await match(page, await pictures.oneFace());
    await until(page, 'the end of the worker', () => /** @type {any} */ (window).told.at(-1) === 'end');
    const before = site.seen.length;
    const [again] = await match(page, await pictures.oneFace());
    assert.deepEqual(again, first);
    assert.ok((await told(page)).lastIndexOf('start') > (await told(page)).indexOf('end'));
    assert.deepEqual(asked(site).slice(before), []);
  });

  if (engine === 'chromium')
    test('its memory goes back to the system', async () => {
      const { page } = await visit({ change: scriptFirst(watching + impatient.replace('300', '3000')) });
      await ready(page);
      await match(page, demoPhotos[1]);
      const heap = await run(page, () => JSON.parse(document.getElementById('results')?.dataset.times ?? '{}').heap);
      const full = await residentBytes(page);
      await until(page, 'the end of the worker', () => /** @type {any} */ (window).told.at(-1) === 'end');
      let left = full;
      for (let tries = 0; tries < 100 && full - left < heap / 2; tries++) {
        await new Promise((done) => setTimeout(done, 100));
        left = await residentBytes(page);
      }
      assert.ok(full - left >= heap / 2, `${full} bytes became ${left}, of which the module had ${heap}`);
    });
});

/** What all of this browser's pages hold. @returns {Promise<number>} */
async function residentBytes(/** @type {Page} */ page) {
  const session = await page.native.context().browser().newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const pages = processInfo.filter((/** @type {any} */ { type }) => type === 'renderer');
  const resident = pages.map((/** @type {any} */ { id }) => Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]) * 4096);
  return resident.reduce((/** @type {number} */ sum, /** @type {number} */ bytes) => sum + bytes, 0);
}
