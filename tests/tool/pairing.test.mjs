/** Any detector with any embedder, by name: what a gallery is made with, and that a search takes the same again. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { build, demoPhotos, sets } from '../places.mjs';
import { doppel, models, readJson, scratch } from './program.mjs';

const folder = scratch();
const manifestOf = (/** @type {string} */ gallery) => readJson(join(gallery, 'gallery.json'));
const namesOf = (/** @type {{name: string}[]} */ networks) => networks.map(({ name }) => name);

/** A gallery of one demo photo's faces. @param {string} name @param {string[]} options */
async function galleryWith(name, ...options) {
  const gallery = join(folder, name);
  const { code, err } = await doppel('build', '--all-faces', ...options, '-q', '-o', gallery, demoPhotos[4]);
  assert.equal(code, 0, err);
  return gallery;
}

describe('networks by name', () => {
  test('a detector of several networks is named by all of them, or as the packaged one', async () => {
    const two = manifestOf(await galleryWith('two', '--detector', 'tiny_face_detector,face_landmark_68', '--embedder', 'face_recognition'));
    assert.deepEqual(namesOf(two.detector), ['tiny_face_detector', 'face_landmark_68']);
    assert.equal(two.embedder.name, 'face_recognition');
    const packaged = manifestOf(await galleryWith('packaged', '--detector', 'packaged', '--embedder', 'face_recognition'));
    assert.deepEqual(namesOf(packaged.detector), ['tiny_face_detector', 'ssd_mobilenetv1', 'face_landmark_68']);
  });

  test('a search takes the networks that the gallery was made with', async () => {
    const gallery = await galleryWith('searched', '--detector', 'tiny_face_detector,face_landmark_68', '--embedder', 'face_recognition');
    const { code, out, err } = await doppel('search', gallery, demoPhotos[4], '--json');
    assert.equal(code, 0, err);
    const answer = JSON.parse(out);
    assert.equal(answer.model, 'face_recognition');
    assert.ok(answer.faces.every((/** @type {any} */ { matches }) => matches[0].similarity > 0.999));
  });

  test('a name that is not here: a sentence with those that are', async () => {
    const { code, err } = await doppel('verify', demoPhotos[0], demoPhotos[0], '--embedder', 'nobody');
    assert.equal(code, 1);
    assert.match(err, /There is no network called nobody here; there are .*face_recognition.*\. `npm run models -- list` says which others can be had\./);
  });

  test('a network for another task: a sentence that says what it is', async () => {
    const swapped = await doppel('verify', demoPhotos[0], demoPhotos[0], '--embedder', 'tiny_face_detector');
    assert.equal(swapped.code, 1);
    assert.match(swapped.err, /tiny_face_detector is of the kind `detector`; it cannot be the embedder\./);
    const points = await doppel('verify', demoPhotos[0], demoPhotos[0], '--detector', 'face_landmark_68');
    assert.equal(points.code, 1);
    assert.match(points.err, /There is no detector among the networks/);
  });

  test('inspect without a file says which set is in use', async () => {
    const { code, out } = await doppel('inspect', '--json');
    assert.equal(code, 0);
    const [{ set, networks }] = JSON.parse(out);
    const list = readJson(join(models, 'models.json'));
    assert.equal(set, list.set);
    assert.deepEqual(namesOf(networks), namesOf(list.networks));
    assert.match((await doppel('inspect')).out, new RegExp(`^set +${set}$`, 'm'));
  });

  test('inspect takes the library, where there are many embedders', async () => {
    const { code, out } = await doppel('inspect', join(build, 'networks'), '--json');
    assert.equal(code, 0);
    assert.ok(namesOf(JSON.parse(out)[0].networks).includes('face_recognition'));
  });
});

const skip = sets().find(({ name }) => name === 'recommended')?.skip;
describe('the recommended networks', () => {
  /** Galleries by what they were made with. @type {Record<string, string>} */
  const galleries = {};
  before(async () => {
    if (skip) return;
    for (const [detector, embedder] of [['yunet', 'face_recognition'], ['packaged', 'mfn'], ['yunet', 'mfn']])
      galleries[`${detector} ${embedder}`] = await galleryWith(`${detector}-${embedder}`, '--detector', detector, '--embedder', embedder);
  });

  test('go with the packaged ones, both ways round', { skip }, async () => {
    for (const [pair, gallery] of Object.entries(galleries)) {
      const { embedder, photos } = manifestOf(gallery);
      assert.equal(embedder.name, pair.split(' ')[1]);
      assert.equal(photos, 5, pair);
      const { code, out, err } = await doppel('search', gallery, demoPhotos[4], '--json');
      assert.equal(code, 0, err);
      const { model, faces } = JSON.parse(out);
      assert.equal(model, embedder.name);
      assert.ok(faces.every((/** @type {any} */ { matches }) => matches[0].similarity > 0.99), pair);
    }
  });

  test('a gallery refuses the vectors of another embedder', { skip }, async () => {
    const { code, err } = await doppel('search', galleries['yunet mfn'], demoPhotos[4], '--embedder', 'face_recognition');
    assert.equal(code, 1);
    assert.match(err, /The gallery was made with the network mfn .*, not with the one in use/);
  });
});
