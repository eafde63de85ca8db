/** How a visit begins: what is asked for, and what has to wait for what. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SUBPATH, inEachEngine, ready } from './visit.mjs';

/** @typedef {import('./visit.mjs').Site} Site */

/** What was asked for, without the path before it; the icon is the browser's own business. */
const asked = (/** @type {Site} */ site) => site.seen.map(({ path }) => path.slice(SUBPATH.length)).filter((path) => path !== 'icon.svg');

const isOfWorker = (/** @type {string} */ path) => ['engine-worker.js', 'guard.js', 'heap.js', 'doppel.mjs'].includes(path);

inEachEngine('how a visit begins', (visit) => {
  test('the page is four files; nothing but the worker’s scripts is asked for twice', async () => {
    const { page, site } = await visit();
    await ready(page);
    const paths = asked(site).filter((path) => !isOfWorker(path));
    assert.deepEqual(paths.filter((path) => !/^(models|gallery)\/|\.wasm$/.test(path)).sort(), ['', 'app.js', 'boot.js', 'style.css']);
    assert.equal(paths.filter((path) => path.endsWith('.wasm')).length, 1, 'one module, for both workers');
    assert.deepEqual(paths, [...new Set(paths)]);
  });

  test('the lists, the module and the worker are asked for at once', async () => {
    const { page } = await visit({ together: ['gallery/gallery.json', 'models/models.json', 'doppel.wasm', 'engine-worker.js'] });
    await ready(page);
  });

  test('networks and gallery wait for the lists alone', async () => {
    const { page } = await visit({ together: ['doppel.wasm', 'engine-worker.js', '.safetensors.gz', '.safetensors', '.jpg'] });
    await ready(page);
  });
});
