/** What the page says when something is wrong: each sentence, from what really causes it where a test can make that. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as words from '../../web/words.js';
import { demoPhotos, dist } from '../places.mjs';
import { run, until } from './engines.mjs';
import { openPictures } from './pictures.mjs';
import { give, goOn, inEachEngine, match, outcome, problem, ready, scriptFirst, test } from './visit.mjs';

const { problems } = words;

/** @type {Awaited<ReturnType<typeof openPictures>>} */
let pictures;
before(async () => (pictures = await openPictures()));
after(() => pictures?.close());

/** A host that answers with a status of its own: 0 breaks the connection. */
const answers = (/** @type {string} */ end, /** @type {number} */ status) => ({ change: { [end]: () => status } });

/** What goes wrong while loading: what the host or browser does, the code, the sentence. @type {[string, any, string, string | RegExp][]} */
const WHILE_LOADING = [
  ['WebAssembly without SIMD', { change: scriptFirst('WebAssembly.validate = () => false;') }, 'NO_SIMD', problems.NO_SIMD],
  ['no WebAssembly', { change: scriptFirst('delete globalThis.WebAssembly;') }, 'NO_WASM', problems.NO_WASM],
  ['a connection that breaks', answers('doppel.wasm', 0), 'OFFLINE', /^The connection failed while .*doppel\.wasm was loading\./],
  ['no gallery', answers('gallery/gallery.json', 404), 'NO_GALLERY', problems.NO_GALLERY],
  ['no list of networks', answers('models/models.json', 404), 'NO_NETWORKS', problems.NO_NETWORKS],
  ['a list that is no list', { change: { 'gallery/gallery.json': () => '<!doctype html>' } }, 'DAMAGED_LIST', /gallery\.json.*cannot be read/],
  ['a host that fails', answers('doppel.wasm', 500), 'NOT_SERVED', /doppel\.wasm could not be fetched \(the server answered 500\)/],
  ['a network that arrives changed', { change: { '.safetensors.gz': oneByteChanged } }, 'DAMAGED_FILE', /did not arrive as it was published/],
  ['a gallery of another network', { change: { 'gallery/gallery.json': ofAnotherNetwork } }, 'WRONG_NETWORK', words.networkNotServed('another_network')],
  ['a gallery whose detector is not served', { change: { 'models/models.json': withoutDetector } }, 'WRONG_NETWORK', /^This gallery was made with the network “\w+”, which is not served here\./],
  ['a worker that is not there', answers('engine-worker.js', 404), 'NOT_SERVED', words.notServed('engine-worker.js', 404)],
  ['a worker that is no script', { change: { 'engine-worker.js': () => '<!doctype html>' } }, 'NO_WORKER', problems.NO_WORKER],
  ['a worker that could still reach the network', { change: { 'engine-worker.js': leavingFetch } }, 'INTERNAL', /could still reach fetch/],
];

/** What goes wrong with a photo. @type {[string, () => Promise<string>, string, string | RegExp][]} */
const WITH_A_PHOTO = [
  ['a photo without a face', () => pictures.noFace(), 'NO_FACE', problems.NO_FACE],
  ['a photo whose face is in the part that is missing', () => pictures.cutFace(), 'FACE_CUT', problems.FACE_CUT],
  ['a letter', () => pictures.text(), 'NOT_A_PHOTO', problems.NOT_A_PHOTO],
  ['an empty file', () => pictures.empty(), 'EMPTY_FILE', problems.EMPTY_FILE],
  ['a file of no known kind', () => pictures.unknown(), 'UNSUPPORTED_FORMAT', problems.UNSUPPORTED_FORMAT],
  ['a damaged photo', () => pictures.damaged(), 'DAMAGED_IMAGE', /\w{3,} .+\.$/],
  ['a photo that is too large', () => pictures.tooLarge(), 'IMAGE_TOO_LARGE', /20000.*16384/],
];

inEachEngine('what the page says', (visit, engine) => {
  for (const [what, options, code, sentence] of WHILE_LOADING)
    test(`on ${what}`, async () => {
      const { page } = await visit(options);
      const shown = await problem(page);
      assert.deepEqual([shown.code, await run(page, () => document.documentElement.dataset.engine)], [code, 'failed']);
      assertSaid(shown.text, sentence);
    });

  test('after a connection that broke once, trying again goes on', async () => {
    let broken = true;
    const { page } = await visit({ change: { 'doppel.wasm': (bytes) => (broken ? 0 : bytes) } });
    assert.deepEqual((await problem(page)).actions, ['reload']);
    broken = false;
    await page.click('#alert [data-action=reload]');
    await ready(page);
    assert.equal(await run(page, () => document.getElementById('alert')?.hidden), true);
  });

  test('on photos that it cannot use, and still takes the next one', async () => {
    const { page } = await visit();
    await ready(page);
    for (const [what, make, code, sentence] of WITH_A_PHOTO) {
      await give(page, await make());
      const shown = await until(page, `a problem with ${what}`, (/** @type {string} */ wanted) => {
        const alert = document.getElementById('alert');
        const { code } = /** @type {HTMLElement} */ (alert).dataset;
        return (code === wanted || (code && document.documentElement.dataset.photo === 'failed')) && { code, text: document.getElementById('alert-text')?.textContent };
      }, code);
      assert.equal(shown.code, code, `${what}: ${shown.text}`);
      assertSaid(shown.text, sentence);
      assert.doesNotMatch(shown.text, /undefined|\[object|Error:|\bat .*:\d+/);
    }
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });

  test('on a link that is dropped instead of a picture', async () => {
    const { page } = await visit();
    await ready(page);
    await run(page, () => {
      const transfer = new DataTransfer();
      transfer.setData('text/uri-list', 'https://example.org/face.jpg');
      const event = new Event('drop', { bubbles: true, cancelable: true });
      Object.defineProperty(event, 'dataTransfer', { value: transfer });
      document.body.dispatchEvent(event);
    });
    assert.deepEqual((({ code, text }) => [code, text])(await problem(page)), ['LINK', problems.LINK]);
  });

  test('on a folder that is dropped instead of a photo; a photo that comes with one is taken', async () => {
    const { page } = await visit();
    await ready(page);
    await run(page, dropFolder, []);
    assert.deepEqual((({ code, text }) => [code, text])(await problem(page)), ['FOLDER', problems.FOLDER]);
    await run(page, dropFolder, [...(await readFile(await pictures.oneFace()))]);
    assert.equal((await goOn(page))[0].rank, 1);
  });

  if (engine === 'chromium')
    test('on a folder that the browser itself hands over', async () => {
      const { page } = await visit();
      await ready(page);
      const devtools = await page.native.context().newCDPSession(page.native);
      for (const type of ['dragEnter', 'dragOver', 'drop'])
        await devtools.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data: { items: [], files: [tmpdir()], dragOperationsMask: 1 } });
      assert.equal((await problem(page)).code, 'FOLDER');
    });

  // WebKitGTK reads a chosen file when it is chosen.
  if (engine !== 'webkit')
    test('on a file that is gone when it is read', async () => {
      const path = join(tmpdir(), `doppel-gone-${process.pid}.jpg`);
      await writeFile(path, 'soon gone');
      const { page, site } = await visit({ hold: ['doppel.wasm'] });
      await give(page, path);
      await until(page, 'the file to be taken in', () => document.documentElement.dataset.photo === 'working');
      await rm(path);
      site.release();
      assert.deepEqual((({ code, text }) => [code, text])(await problem(page)), ['UNREADABLE', problems.UNREADABLE]);
    });

  test('when the engine traps on a photo, and goes on with another', async () => {
    const { page, site } = await visit({ change: { 'engine-worker.js': failing('unreachable') } });
    await ready(page);
    await give(page, demoPhotos[0]);
    const shown = await problem(page);
    assert.deepEqual([shown.code, shown.text], ['TRAP', problems.TRAP]);
    await site.cut(); // what it needs to start afresh is here already
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });

  test('when there is not enough memory for a photo', async () => {
    const { page } = await visit({ change: { 'engine-worker.js': failing('memory') } });
    await ready(page);
    await give(page, demoPhotos[0]);
    const shown = await problem(page);
    assert.deepEqual([shown.code, shown.text], ['OUT_OF_MEMORY', problems.OUT_OF_MEMORY]);
    assert.equal((await match(page, await pictures.oneFace()))[0].rank, 1);
  });

  test('when there is no face, a box drawn by hand is offered', async () => {
    const { page } = await visit();
    await ready(page);
    await give(page, await pictures.noFace());
    assert.equal(await outcome(page), 'noface');
    await page.click('#alert [data-action=draw]');
    assert.equal(await run(page, () => document.documentElement.dataset.photo), 'drawing');
    assert.equal(await run(page, () => document.getElementById('hand-box')?.hidden), false);
  });

  test('opened from a file', async () => {
    const { page } = await visit();
    await page.goto(pathToFileURL(join(dist, 'index.html')).href);
    const shown = await until(page, 'the message', () => {
      const box = document.getElementById('not-started');
      return box && getComputedStyle(box).visibility === 'visible' && box.innerText;
    });
    assert.match(shown, /file:\/\//);
    assert.match(shown, /npm start/);
  });

  /** What the browser's camera answers. @type {[string, string][]} */
  const CAMERA = [
    ['NotAllowedError', words.camera.denied],
    ['NotFoundError', words.camera.missing],
    ['NotReadableError', words.camera.busy],
    ['UnknownError', words.camera.failed],
  ];
  test('when the camera does not come', async () => {
    const { page } = await visit();
    await ready(page);
    for (const [name, sentence] of CAMERA) {
      await run(page, (/** @type {string} */ error) => {
        const getUserMedia = () => Promise.reject(new DOMException('', error));
        Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia }, configurable: true });
      }, name);
      await page.click('#camera-open');
      await until(page, sentence, (/** @type {string} */ text) => document.getElementById('camera-text')?.textContent === text, sentence);
      await page.click('#camera-close');
    }
  });
});

function assertSaid(/** @type {string} */ text, /** @type {string | RegExp} */ sentence) {
  if (typeof sentence === 'string') assert.equal(text, sentence);
  else assert.match(text, sentence);
}

/** In the middle, where a gzip file has its data. */
function oneByteChanged(/** @type {Buffer} */ bytes) {
  const changed = Buffer.from(bytes);
  changed[bytes.length >> 1] ^= 1;
  return changed;
}

function ofAnotherNetwork(/** @type {Buffer} */ bytes) {
  const manifest = JSON.parse(bytes.toString());
  manifest.embedder = { ...manifest.embedder, name: 'another_network', sha256: '1'.repeat(64) };
  return JSON.stringify(manifest);
}

function withoutDetector(/** @type {Buffer} */ bytes) {
  const { set, networks } = JSON.parse(bytes.toString());
  return JSON.stringify({ set, networks: networks.filter((/** @type {{role: string}} */ { role }) => role !== 'quick') });
}

function leavingFetch(/** @type {Buffer} */ bytes) {
  const source = bytes.toString();
  const left = source.replace('takeAway(self, taken)', "takeAway(self, taken.filter((name) => name !== 'fetch'))");
  assert.notEqual(left, source);
  return left;
}

/**
 * The engine's session, failing in detection on photos 1920 pixels wide, as the demo photos are: by a real `unreachable`,
 * or as when memory runs out.
 */
function failing(/** @type {'unreachable' | 'memory'} */ how) {
  const source = `
    const detect = Session.prototype.detect;
    Session.prototype.detect = function () {
      if (this.photoSize().width !== 1920) return detect.call(this);
      if (${how === 'memory'}) throw new RangeError('Array buffer allocation failed');
      const trap = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 116, 0, 0, 10, 5, 1, 3, 0, 0, 11];
      new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(trap))).exports.t();
    };`;
  return (/** @type {Buffer} */ bytes) => `${bytes}\n${source}`;
}

/** Runs in the page: a drop as browsers make it of a folder, which comes as a file too, and of a photo where there are bytes. @param {number[]} bytes */
function dropFolder(bytes) {
  const photos = bytes.length ? [new File([new Uint8Array(bytes)], 'photo.jpg', { type: 'image/jpeg' })] : [];
  const entry = (/** @type {File} */ file, /** @type {boolean} */ isDirectory) => ({ kind: 'file', webkitGetAsEntry: () => ({ name: file.name, isDirectory }) });
  const folder = new File([new Uint8Array(4096)], 'portraits');
  const event = new Event('drop', { bubbles: true, cancelable: true });
  const dataTransfer = { types: ['Files'], files: [folder, ...photos], items: [entry(folder, true), ...photos.map((file) => entry(file, false))] };
  Object.defineProperty(event, 'dataTransfer', { value: dataTransfer });
  document.body.dispatchEvent(event);
}
