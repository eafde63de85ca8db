/** Files from strangers: damaged and odd photos, networks and sources. A sentence each, never a crash. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { demoPhotos, faceApi, lacking, shared } from '../places.mjs';
import { doppel, fill, scratch } from './program.mjs';

const folder = scratch();
const bad = join(shared, 'data/bad-images');
const source = join(faceApi, 'model/tiny_face_detector_model-weights_manifest.json');

describe('photos', () => {
  test('bad images are read or refused with a sentence', { skip: lacking(bad) }, async () => {
    const photos = readdirSync(bad, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .filter((path) => !/primary/.test(path)) // sound ones, of which the library's own tests read every one
      .sort();
    const { code, out, err } = await doppel('eval', 'faces', ...photos, '--json', '--min', '0');
    assert.equal(code, 1);
    assert.match(err, /\d+ of the photos could not be read/);
    const results = JSON.parse(out);
    assert.ok(results.some((/** @type {any} */ { error }) => error) && results.some((/** @type {any} */ { error }) => !error));
    assert.equal(results.length, photos.length);
    for (const { photo, error } of results) {
      if (error) assert.match(error, /^\/.*: [A-Z0-9].*\.$/, photo);
    }
  });

  test('what is no regular file is not waited for', async () => {
    const { code, err } = await doppel('represent', '/dev/zero', folder);
    assert.equal(code, 1);
    assert.match(err, /\/dev\/zero is not a regular file/);
    assert.match(err, /is a folder; a file is needed/);
  });
});

describe('import', () => {
  test('converts a network of face-api, which inspect describes', async () => {
    const target = join(folder, 'tiny.safetensors');
    const { code, err } = await doppel('import', source, '-o', target);
    assert.equal(code, 0, err);
    const { out } = await doppel('inspect', target, '--json');
    const [network] = JSON.parse(out);
    assert.deepEqual([network.name, network.task, network.licence], ['tiny_face_detector', 'detector', 'MIT']);
    assert.ok(network.bytes < 250_000, 'the weights keep their eight bits');
  });

  const manifest = readFileSync(source, 'utf8');
  const weights = readFileSync(join(dirname(source), 'tiny_face_detector_model.bin'));
  /** @type {[string, Record<string, string | Uint8Array>, string][]} */
  const damaged = [
    ['weights cut short', { 'tiny_face_detector_model.bin': weights.subarray(0, 1000) }, manifest],
    ['no weights', {}, manifest],
    ['no JSON', { 'tiny_face_detector_model.bin': weights }, '{'],
    ['an empty list', { 'tiny_face_detector_model.bin': weights }, '[]'],
  ];
  for (const [name, files, text] of damaged) {
    test(`${name}: a sentence, exit code 1, and no file`, async () => {
      const place = fill(join(folder, name), { 'tiny_face_detector_model-weights_manifest.json': text, ...files });
      const target = join(place, 'out.safetensors');
      const { code, out, err } = await doppel('import', join(place, 'tiny_face_detector_model-weights_manifest.json'), '-o', target);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /^doppel import: \S/m);
      assert.equal(statSync(target, { throwIfNoEntry: false }), undefined);
    });
  }

  test('a file that is no network of face-api', async () => {
    const { code, err } = await doppel('import', demoPhotos[0], '--as', 'embedder', '-o', join(folder, 'photo.safetensors'));
    assert.equal(code, 1);
    assert.match(err, /^doppel import: .*sample1\.jpg/);
  });
});

describe('a network file', () => {
  test('that was cut short or changed is refused with a sentence', async () => {
    const target = join(folder, 'whole.safetensors');
    assert.equal((await doppel('import', source, '-o', target)).code, 0);
    const whole = readFileSync(target);
    const changed = Buffer.from(whole);
    changed.write('xxxx', 40);
    fill(folder, { 'cut.safetensors': whole.subarray(0, whole.length - 5000), 'changed.safetensors': changed, 'short.safetensors': whole.subarray(0, 5) });
    const { code, err } = await doppel('inspect', ...['cut', 'changed', 'short'].map((name) => join(folder, `${name}.safetensors`)));
    assert.equal(code, 1);
    for (const name of ['cut', 'changed', 'short']) assert.match(err, new RegExp(`${name}\\.safetensors: \\S.{20}`));
  });

  test('that is not the one that models.json lists is refused', async () => {
    const set = fill(join(folder, 'set'), {
      'models.json': JSON.stringify({ set: 'test', networks: [{ role: 'quick', path: 'tiny.safetensors', sha256: '0'.repeat(64) }] }),
    });
    assert.equal((await doppel('import', source, '-o', join(set, 'tiny.safetensors'))).code, 0);
    const { code, err } = await doppel('eval', 'faces', demoPhotos[0], '--models', set);
    assert.equal(code, 1);
    assert.match(err, /is not the file that models\.json lists \(its sha256 differs\)/);
    fill(set, { 'models.json': JSON.stringify({ networks: [{ path: '../tiny.safetensors' }] }) });
    const outside = await doppel('inspect', set);
    assert.equal(outside.code, 1);
    assert.match(outside.err, /lists a network without a usable path/);
  });

  test('alone is no whole set, and says what is missing', async () => {
    const embedderless = await doppel('verify', demoPhotos[0], demoPhotos[0], '--models', join(folder, 'set/tiny.safetensors'));
    assert.equal(embedderless.code, 1);
    assert.match(embedderless.err, /There is no embedder among the networks; add one with --models/);
  });
});
