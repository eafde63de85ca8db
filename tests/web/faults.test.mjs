/**
 * What hosts do wrong: each file that the page asks for, with each fault, leads to a page that works or to a sentence that
 * names the file; never to a wait without end. index.html says which sha256 its files have, as it does when it is hosted.
 */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { run, until } from './engines.mjs';
import { inEachEngine, scriptFirst, test } from './visit.mjs';

/** By the end of the path: what a sentence calls the file, or why the page works without it. */
const FILES = {
  'ahead.js': /ahead\.js/,
  'app.js': /app\.js/,
  'style.css': 'works',
  'icon.svg': 'works',
  'engine-worker.js': /engine-worker\.js/,
  'doppel.wasm': /doppel\.wasm/,
  'gallery/gallery.json': /gallery\.json/,
  'models/models.json': /models\.json/,
  '.safetensors.gz': /face|yunet|mfn|mbf|\w+ (did not|is listed|could not)/i,
  'embeddings-0000': /embeddings-0000/,
  'people-0000': /people-0000/,
  'names-0000': /names-0000/,
  'photos-0000': /photos-0000/,
  'small-0000': 'works',
  'large-0000': 'works',
  'cover-0000': 'works',
  'sample-0000': 'works',
  'column-0000': 'works',
};

/** @type {Record<string, (bytes: Buffer) => any>} */
const FAULTS = {
  'is not there': () => 404,
  'makes the host fail': () => 500,
  'is a page that says so, with status 200': () => '<!doctype html><title>Not found</title><p>Sorry.',
  'is garbage': (bytes) => Buffer.from(bytes.map((byte, i) => byte ^ (i * 37 + 11))),
  'is empty': () => '',
  'is half': (bytes) => bytes.subarray(0, bytes.length >> 1),
  'breaks off': (bytes) => ({ bytes, cutAt: bytes.length >> 1 }),
  'is packed twice': (bytes) => ({ bytes: gzipSync(gzipSync(bytes)), headers: { 'content-encoding': 'gzip' } }),
  'breaks the connection': () => 0,
  'is never answered': () => -1,
  'stalls in the middle': (bytes) => ({ bytes, stallAt: bytes.length >> 1 }),
};

/** Waits between tries take no time, and a host has stalled sooner: after 20 s without a byte, 25 s for the scripts and the style, more for the module. */
const impatient = `
  const later = window.setTimeout.bind(window);
  const sooner = (ms) => (ms < 5000 ? ms / 20 : ms === 20_000 ? 1500 : ms === 25_000 ? 5000 : ms > 30_000 && ms < 240_000 ? ms / 40 : ms);
  window.setTimeout = (act, ms, ...rest) => later(act, sooner(ms), ...rest);`;

inEachEngine('a host that serves', (visit, engine) => {
  const chosen = engine === 'chromium' ? Object.keys(FILES) : ['app.js', 'engine-worker.js', 'doppel.wasm', 'gallery/gallery.json'];
  const faults = engine === 'chromium' ? Object.keys(FAULTS) : ['is not there', 'is a page that says so, with status 200', 'breaks off', 'is never answered', 'stalls in the middle'];
  const survives = async (/** @type {string} */ file, /** @type {string[]} */ chosenFaults) => {
    for (const fault of chosenFaults) {
      /** As an earlier file of the page may match too: whole names only. */
      const change = { [file]: (/** @type {Buffer} */ bytes, /** @type {string} */ path) => (file.includes('0000') || path.endsWith(file) ? FAULTS[fault](bytes) : undefined) };
      const { page } = await visit({ change: { ...scriptFirst(impatient), ...change }, checked: true, started: false, loads: false });
      const shown = await until(page, `an end where ${file} ${fault}`, () => {
        const notStarted = document.getElementById('not-started');
        const { engine: state } = document.documentElement.dataset;
        const said = notStarted ? document.getElementById('not-started-files')?.textContent : document.getElementById('alert-text')?.textContent;
        return (state === 'ready' || (state === 'failed' && said)) && { state, said: said ?? '', notStarted: Boolean(notStarted) };
      });
      const names = FILES[/** @type {keyof typeof FILES} */ (file)];
      const what = `${file} ${fault}: ${shown.state}, “${shown.said}”`;
      if (shown.state === 'ready') continue;
      assert.notEqual(names, 'works', what);
      assert.match(shown.said, /** @type {RegExp} */ (names), what);
      assert.match(shown.said, /[Ww]hoever hosts/, what);
      assert.doesNotMatch(shown.said, /CompileError|SyntaxError|Unexpected|WebAssembly\./, what);
    }
  };
  const isEndless = (/** @type {string} */ fault) => ['is never answered', 'stalls in the middle'].includes(fault);
  for (const file of chosen)
    test(`${file} with any fault has a page that works, or says what to do about it`, () => survives(file, faults.filter((fault) => file !== 'app.js' || !isEndless(fault))));

  const skip = engine === 'webkit' && 'this driver cannot look at a page that is still loading';
  test('app.js that never comes whole has a page that says what to do about it', { skip }, () => survives('app.js', faults.filter(isEndless)));

  test('the page to a browser that throws at the word caches, works', async () => {
    const { page } = await visit({ change: scriptFirst("Object.defineProperty(window, 'caches', { get() { throw new DOMException('', 'SecurityError'); } });") });
    assert.equal(await until(page, 'the engine', () => document.documentElement.dataset.engine !== 'loading' && document.documentElement.dataset.engine), 'ready');
    assert.equal(await run(page, () => document.getElementById('alert')?.hidden), true);
  });
});
