/**
 * The WebAssembly module in node, through the page's own session: what no photo, network or gallery may do to it, and
 * that its memory does not grow from photo to photo.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Session, StatusError } from '../../web/heap.js';
import { networksInUse, openModule, openSession } from '../golden/engine.mjs';
import { build, demoPhotos, lacking, sets, shared } from '../places.mjs';
import { greyPng } from '../png.mjs';

/** @type {Session} */
let session;
before(async () => (session = await openSession({ thorough: false })));

const badImages = join(shared, 'data/bad-images');
const morePhotos = join(shared, 'data/dlib-faces');

/** @returns {string} the status of what is thrown, after a look at its sentence */
function refusal(/** @type {() => void} */ act) {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    assert.match(error.message, /^\S.*\s.*[^\s]$/, 'a sentence');
    return error.status;
  }
  return 'OK';
}

test('every bad image is decoded or refused with a sentence', { skip: lacking(badImages) }, async (t) => {
  const outcomes = /** @type {Record<string, number>} */ ({});
  for (const name of readdirSync(badImages, { recursive: true }).map(String)) {
    if (!/\.(png|jpg)$/.test(name)) continue;
    const file = await readFile(join(badImages, name));
    const outcome = refusal(() => {
      session.openPhoto(file);
      session.preview(1600);
    });
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  t.diagnostic(JSON.stringify(outcomes));
  assert.ok(outcomes.OK > 0);
  session.openPhoto(await readFile(demoPhotos[0]));
  assert.ok(session.detect().faces.length >= 3, 'and afterwards faces are found as before');
});

test('a photo cut short anywhere is decoded in part or refused, and never a trap', async () => {
  const file = await readFile(demoPhotos[4]);
  for (let share = 0; share < 1; share += 0.09) {
    const status = refusal(() => session.openPhoto(file.subarray(0, Math.floor(file.length * share))));
    assert.ok(['OK', 'DAMAGED_IMAGE', 'UNSUPPORTED_FORMAT'].includes(status), `${share}: ${status}`);
  }
});

test('what is asked for too early, or of a face that is not there, gets a sentence', async () => {
  const fresh = new Session(await openModule());
  for (const act of [
    () => fresh.detect(),
    () => fresh.start(),
    () => fresh.embed(0),
    () => fresh.search([new Float32Array(4)], 10),
    () => fresh.mean([new Float32Array(4)]),
    () => fresh.addColumn(new Uint8Array(8)),
    () => fresh.allow([{ column: 0, values: [0] }]),
    () => fresh.chip(0),
    () => fresh.preview(100),
    () => fresh.checkGallery('0'.repeat(64)),
  ])
    assert.equal(refusal(act), 'INVALID_ARGUMENT', String(act));
  fresh.openPhoto(greyPng(8, 8));
  assert.equal(refusal(() => fresh.portrait(3, 100)), 'INVALID_ARGUMENT');
});

test('a network or gallery with bytes missing or changed is refused, and a good one still opens', async () => {
  const fresh = new Session(await openModule());
  const [{ path }] = await networksInUse();
  const network = await readFile(path);
  for (const size of [0, 7, 8, 100, network.length >> 1, network.length - 1])
    assert.equal(refusal(() => fresh.addNetwork(network.subarray(0, size))), 'DAMAGED_NETWORK', `${size} bytes`);
  const noise = Buffer.from(network).fill(0x5a, 8, 200);
  assert.match(refusal(() => fresh.addNetwork(noise)), /DAMAGED_NETWORK|UNSUPPORTED_NETWORK/);
  fresh.addNetwork(network);

  const manifest = await readFile(join(build, 'gallery/gallery.json'));
  for (const size of [0, 1, manifest.length >> 1]) assert.equal(refusal(() => fresh.openGallery(manifest.subarray(0, size))), 'DAMAGED_GALLERY');
  fresh.openGallery(manifest);
  const shardName = JSON.parse(manifest.toString()).files.embeddings[0].path;
  const shard = await readFile(join(build, 'gallery', shardName));
  assert.equal(refusal(() => fresh.addShard(shard.subarray(0, shard.length - 1))), 'DAMAGED_GALLERY');
  fresh.addShard(shard);
});

/** What the page does with a photo. */
function look(/** @type {Session} */ session, /** @type {Uint8Array} */ photo) {
  session.openPhoto(photo);
  session.preview(1600);
  const { faces } = session.detect();
  return faces.slice(0, 4).map((_, i) => {
    session.portrait(i, 144);
    session.chip(i);
    return session.embed(i);
  });
}

for (const { name, models, skip } of sets())
  test(`memory stays as it is once some groups have been looked at (${name})`, { skip }, async () => {
    const session = await openSession({ models });
    const read = (/** @type {string[]} */ paths) => Promise.all(paths.map((path) => readFile(path)));
    const groups = await read(demoPhotos);
    const others = existsSync(morePhotos) ? await read(readdirSync(morePhotos).filter((file) => file.endsWith('.jpg')).map((file) => join(morePhotos, file))) : [];
    for (const photo of [greyPng(1920, 1440), groups[5], ...groups]) look(session, photo); // nobody is looked for at every size
    const settled = session.heapSize();
    for (const photo of [...groups, ...others, greyPng(8, 8), greyPng(3000, 40), greyPng(40, 1900), ...groups.reverse()]) {
      look(session, photo);
      session.forgetPhoto();
      assert.equal(session.heapSize(), settled);
    }
  });
