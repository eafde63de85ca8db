/** `doppel search`, `verify`, `represent` and `inspect`: the answers, their JSON, and every way in which they refuse. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { doppel, fill, greyPng, models, readJson, sample, scratch, sha256 } from './program.mjs';

const folder = scratch();
const gallery = join(folder, 'gallery');
fill(folder, { 'wall.png': greyPng(300, 200), 'notes.jpg': 'This is no photo.' });
const wall = join(folder, 'wall.png');
const notes = join(folder, 'notes.jpg');

before(async () => {
  const roster = demoPhotos.map((_, i) => `Sample ${i + 1},sample${i + 1}.jpg,${i % 2 ? 'even' : 'odd'}`).join('\n');
  fill(join(folder, 'photos'), Object.fromEntries(demoPhotos.map((_, i) => [`sample${i + 1}.jpg`, sample(i + 1)])));
  fill(folder, { 'roster.csv': `name,photo,Row\n${roster}\n` });
  const made = await doppel('build', join(folder, 'roster.csv'), '--photos', join(folder, 'photos'), '-o', gallery, '--title', 'Six');
  assert.equal(made.code, 0, made.err);
});

/** A copy of the gallery with its manifest changed. @param {string} name @param {(manifest: any) => void} change */
function galleryWith(name, change) {
  const copy = join(folder, name);
  cpSync(gallery, copy, { recursive: true });
  const manifest = readJson(join(copy, 'gallery.json'));
  change(manifest);
  writeFileSync(join(copy, 'gallery.json'), JSON.stringify(manifest));
  return copy;
}

describe('search', () => {
  test('finds the photo that is in the gallery first, with fields, similarity and where that lies', async () => {
    const { code, out, err } = await doppel('search', gallery, demoPhotos[2], '-k', '3', '--json');
    assert.equal(code, 0, err);
    const answer = JSON.parse(out);
    assert.equal(answer.gallery, 'Six');
    assert.equal(answer.similarity_metric, 'cosine');
    assert.equal(answer.impostor_pairs, 15);
    assert.ok(answer.faces.length >= 3);
    const { facial_area: area, face_confidence: confidence, matches } = answer.faces[0];
    for (const key of ['x', 'y', 'w', 'h']) assert.ok(Number.isInteger(area[key]), key);
    assert.ok(area.left_eye[0] < area.right_eye[0]);
    assert.ok(confidence > 0 && confidence <= 1);
    assert.equal(matches.length, 3);
    assert.deepEqual(matches.map((/** @type {any} */ match) => match.rank), [1, 2, 3]);
    assert.equal(matches[0].name, 'Sample 3');
    assert.deepEqual(matches[0].fields, { Row: 'odd' });
    assert.ok(matches[0].similarity > 0.999);
    assert.equal(matches[0].less_alike, 1);
    assert.ok(matches[1].similarity >= matches[2].similarity);
    assert.ok(matches[2].less_alike >= 0 && matches[2].less_alike <= 1);
  });

  test('says it in words, and takes gallery.json as well as its folder', async () => {
    const { code, out } = await doppel('search', join(gallery, 'gallery.json'), demoPhotos[2], '-k', '3');
    assert.equal(code, 0);
    assert.match(out, /1\. Sample 3, similarity 1\.000, more alike than all 15 pairs of different people here\n +Row: odd/);
    assert.match(out, /3\. Sample \d, similarity 0\.\d{3}, more alike than (all 15|\d+ of 15) pairs of different people here/);
  });

  test('a photo without a face is an answer, not an error', async () => {
    const words = await doppel('search', gallery, wall);
    assert.equal(words.code, 0);
    assert.match(words.out, /No face was found in .*wall\.png/);
    const json = await doppel('search', gallery, wall, '--json');
    assert.deepEqual(JSON.parse(json.out).faces, []);
  });

  test('refuses a gallery of another network, and names both', async () => {
    const other = galleryWith('other-network', (manifest) => {
      manifest.embedder.name = 'another_network';
      manifest.embedder.sha256 = 'ab'.repeat(32);
    });
    const { code, out, err } = await doppel('search', other, demoPhotos[0]);
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.match(err, /another_network/);
  });

  test('refuses a file that is not the one that the manifest lists', async () => {
    const damaged = galleryWith('damaged', (manifest) => (manifest.files.embeddings[0].sha256 = '0'.repeat(64)));
    const { code, err } = await doppel('search', damaged, demoPhotos[0]);
    assert.equal(code, 1);
    assert.match(err, /is not the file that the gallery lists \(its sha256 differs\)/);
  });

  test('refuses a manifest that leads out of its folder', async () => {
    const hostile = galleryWith('hostile', (manifest) => (manifest.files.embeddings[0].path = '../roster.csv'));
    const { code, err } = await doppel('search', hostile, demoPhotos[0]);
    assert.equal(code, 1);
    assert.match(err, /gallery/i);
  });

  test('refuses what is no gallery, and photos that cannot be read', async () => {
    const none = await doppel('search', folder, demoPhotos[0]);
    assert.equal(none.code, 1);
    assert.match(none.err, /holds no gallery\.json; name the folder that `doppel build` wrote/);
    const broken = fill(join(folder, 'broken'), { 'gallery.json': '{"format": "doppel-gallery"' });
    const damaged = await doppel('search', broken, demoPhotos[0]);
    assert.equal(damaged.code, 1);
    assert.match(damaged.err, /^doppel search: .*gallery\.json: \S/);
    const missing = await doppel('search', gallery, join(folder, 'gone.jpg'));
    assert.equal(missing.code, 1);
    assert.match(missing.err, /gone\.jpg cannot be read: No such file/);
    const text = await doppel('search', gallery, notes);
    assert.equal(text.code, 1);
    assert.match(text.err, /notes\.jpg: .*JPEG or PNG/);
  });
});

describe('verify', () => {
  test("answers with DeepFace's keys; the same photo is the same, exit code 0", async () => {
    const { code, out, err } = await doppel('verify', demoPhotos[0], demoPhotos[0], '--json');
    assert.equal(code, 0, err);
    const answer = JSON.parse(out);
    assert.deepEqual(Object.keys(answer), [
      'verified', 'distance', 'threshold', 'model', 'detector_backend', 'similarity_metric', 'facial_areas', 'time',
    ]);
    assert.equal(answer.verified, true);
    assert.ok(Math.abs(answer.distance) < 1e-5);
    assert.ok(answer.threshold > 0 && answer.threshold < 1);
    assert.deepEqual(answer.facial_areas.img1, answer.facial_areas.img2);
    assert.deepEqual(Object.keys(answer.facial_areas.img1), ['x', 'y', 'w', 'h', 'left_eye', 'right_eye']);
  });

  test('different people: exit code 3, in words', async () => {
    const { code, out } = await doppel('verify', '--largest', demoPhotos[4], demoPhotos[0]);
    assert.equal(code, 3);
    assert.match(out, /^different: distance [01]\.\d+, threshold 0\.\d+\n.*sample5\.jpg: [3-9] faces, compared: \d+×\d+ at /);
    assert.match(out, /model \S+, detector .*, [\d.]+ s\n$/);
  });

  test('the threshold can be given', async () => {
    const { code, out } = await doppel('verify', '--largest', demoPhotos[4], demoPhotos[0], '--threshold', '2', '--json');
    assert.equal(code, 0);
    assert.equal(JSON.parse(out).threshold, 2);
  });

  test('a photo without a face, or that cannot be read: exit code 1 and a sentence', async () => {
    const faceless = await doppel('verify', demoPhotos[0], wall);
    assert.equal(faceless.code, 1);
    assert.match(faceless.err, /No face was found in .*wall\.png/);
    const unreadable = await doppel('verify', notes, demoPhotos[0]);
    assert.equal(unreadable.code, 1);
    assert.match(unreadable.err, /notes\.jpg: /);
  });

  test('networks that are not there: a sentence that says what to do', async () => {
    const { code, err } = await doppel('verify', demoPhotos[0], demoPhotos[0], '--models', join(folder, 'photos'));
    assert.equal(code, 1);
    assert.match(err, /holds no networks \(\.safetensors files\)/);
    const missing = await doppel('verify', demoPhotos[0], demoPhotos[0], '--models', join(folder, 'gone.safetensors'));
    assert.equal(missing.code, 1);
    assert.match(missing.err, /gone\.safetensors cannot be read/);
    fill(folder, { 'bad.safetensors': Buffer.alloc(100, 7) });
    const bad = await doppel('verify', demoPhotos[0], demoPhotos[0], '--models', join(folder, 'bad.safetensors'));
    assert.equal(bad.code, 1);
    assert.match(bad.err, /bad\.safetensors: \S/);
  });
});

/** A JPEG that says of itself that it is mirrored (EXIF orientation 2). @param {Buffer} photo */
function mirrored(photo) {
  const exif = Buffer.from('Exif\0\0II*\0\b\0\0\0\u0001\0\u0012\u0001\u0003\0\u0001\0\0\0\u0002\0\0\0\0\0\0\0', 'latin1');
  return Buffer.concat([photo.subarray(0, 2), Buffer.from([0xff, 0xe1, 0, exif.length + 2]), exif, photo.subarray(2)]);
}

describe('represent', () => {
  test('a mirrored photo has the other yaw, and otherwise the same quality', async () => {
    /** @type {number[]} */
    const yaws = [];
    for (const [i, photo] of demoPhotos.slice(2).entries()) {
      const mirror = join(folder, `mirrored${i}.jpg`);
      writeFileSync(mirror, mirrored(readFileSync(photo)));
      const { out } = await doppel('represent', photo, mirror);
      const [one, other] = JSON.parse(out).map((/** @type {any} */ { faces }) => faces[0].quality);
      assert.deepEqual(Object.keys(one), ['size', 'sharpness', 'yaw', 'pitch']);
      yaws.push(one.yaw);
      // Rough, as doppel.h says: the points of a turned face move with the least significant bits of its pixels.
      assert.ok(Math.abs(one.yaw + other.yaw) < 10, `${one.yaw} ${other.yaw}`);
      assert.ok(Math.abs(one.pitch - other.pitch) < 10, `${one.pitch} ${other.pitch}`);
      assert.ok(Math.abs(one.size / other.size - 1) < 0.1, `${one.size} ${other.size}`);
      assert.ok(Math.abs(one.sharpness / other.sharpness - 1) < 0.2, `${one.sharpness} ${other.sharpness}`);
    }
    assert.ok(yaws.some((yaw) => Math.abs(yaw) > 10), String(yaws)); // else the above would say little
  });

  test('gives every face with a vector of unit length', async () => {
    const { code, out, err } = await doppel('represent', demoPhotos[0], wall);
    assert.equal(code, 0, err);
    const [group, empty] = JSON.parse(out);
    assert.equal(group.photo, demoPhotos[0]);
    assert.ok(group.width > 0 && group.height > 0);
    assert.ok(group.faces.length >= 3);
    for (const face of group.faces) {
      assert.deepEqual(Object.keys(face), ['embedding', 'facial_area', 'face_confidence', 'quality']);
      const length = Math.hypot(...face.embedding);
      assert.ok(Math.abs(length - 1) < 1e-5, `length ${length}`);
    }
    assert.deepEqual(empty.faces, []);
  });

  test('goes on after a photo that cannot be read, and ends with exit code 1', async () => {
    const { code, out, err } = await doppel('represent', notes, wall);
    assert.equal(code, 1);
    assert.match(err, /notes\.jpg: /);
    const [unreadable, empty] = JSON.parse(out);
    assert.match(unreadable.error, /notes\.jpg/);
    assert.equal(unreadable.faces, undefined);
    assert.deepEqual(empty.faces, []);
  });
});

describe('inspect', () => {
  test('a gallery and its shard', async () => {
    const manifest = readJson(join(gallery, 'gallery.json'));
    const [shard] = manifest.files.embeddings;
    const { code, out, err } = await doppel('inspect', gallery, join(gallery, shard.path), '--json');
    assert.equal(code, 0, err);
    const [whole, part] = JSON.parse(out);
    assert.equal(whole.kind, 'gallery');
    assert.deepEqual([whole.people, whole.photos, whole.title], [6, 6, 'Six']);
    assert.deepEqual(whole.fields, ['Row']);
    assert.equal(whole.embedder_sha256, manifest.embedder.sha256);
    assert.equal(whole.impostor_pairs, 15);
    assert.ok(whole.impostor_median < whole.impostor_99_percent);
    assert.equal(part.kind, 'embeddings');
    assert.deepEqual([part.photos, part.dimension, part.first_photo], [6, manifest.embedder.dimension, 0]);
    assert.equal(part.embedder_sha256, manifest.embedder.sha256);
    assert.equal(part.sha256, shard.sha256);
  });

  test('the networks in use', async () => {
    const { embedder } = readJson(join(gallery, 'gallery.json'));
    const { code, out, err } = await doppel('inspect', models, '--json');
    assert.equal(code, 0, err);
    const [{ kind, networks }] = JSON.parse(out);
    assert.equal(kind, 'networks');
    const network = networks.find((/** @type {any} */ { task }) => task === 'embedder');
    assert.equal(network.kind, 'network');
    assert.equal(network.sha256, embedder.sha256);
    assert.equal(network.sha256, sha256(readFileSync(network.file)));
    assert.match(network.source_sha256, /^[0-9a-f]{64}$/);
    for (const key of ['tensors', 'parameters', 'nodes', 'input_width', 'dimension']) assert.ok(network[key] > 0, key);
    assert.ok(network.licence.length > 0 && network.source.length > 0);
  });

  test('a photo', async () => {
    const { code, out } = await doppel('inspect', wall);
    assert.equal(code, 0);
    assert.match(out, /^kind +photo$/m);
    assert.match(out, /^format +PNG$/m);
    assert.match(out, /^width +300$/m);
  });

  test('a gallery with a damaged file, and what is nothing of all that: exit code 1', async () => {
    const damaged = galleryWith('damaged-people', (manifest) => (manifest.files.people[0].sha256 = 'f'.repeat(64)));
    const { code, err } = await doppel('inspect', damaged, notes, join(folder, 'gone'));
    assert.equal(code, 1);
    assert.match(err, /its sha256 differs/);
    assert.match(err, /notes\.jpg: /);
    assert.match(err, /gone cannot be read: No such file/);
  });
});
