/** The pictures of a gallery: small, medium and large portraits of everybody, a cover, and photos to try the page with. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { doppel, fill, greyPng, models, readJson, scratch } from './program.mjs';

const folder = scratch();
const work = join(folder, 'work');

/** All faces of the demo photos. @param {string} name @param {...string} options */
async function build(name, ...options) {
  const out = join(folder, name);
  const { code, err } = await doppel('build', '--all-faces', ...demoPhotos, '-o', out, '--work', work, '--quiet', ...options);
  return { code, err, out, manifest: code ? null : readJson(join(out, 'gallery.json')) };
}

/** Width and height of a lossy WebP, or of a JPEG from its frame header. @param {Buffer} picture */
function sizeOf(picture) {
  if (picture.toString('latin1', 8, 16) === 'WEBPVP8 ') return [picture.readUInt16LE(26) & 0x3fff, picture.readUInt16LE(28) & 0x3fff];
  for (let at = 2; ; at += 2 + picture.readUInt16BE(at + 2))
    if ([0xc0, 0xc1, 0xc2].includes(picture[at + 1])) return [picture.readUInt16BE(at + 7), picture.readUInt16BE(at + 5)];
}

describe('the pictures of a gallery', { skip: existsSync(join(models, 'models.json')) ? false : 'SKIPPED: no networks' }, () => {
  /** @type {Awaited<ReturnType<typeof build>>} */
  let usual;
  before(async () => void (usual = await build('usual')));
  const read = (/** @type {{out: string}} */ { out }, /** @type {{path: string}} */ { path }) => readFileSync(join(out, path));

  test('everybody has a portrait of 64, of 144 and of 384 pixels', () => {
    const { manifest } = usual;
    assert.deepEqual([manifest.version, manifest.small.size, manifest.sheet.size, manifest.large.size], [2, 64, 144, 384]);
    const rows = Math.ceil(manifest.photos / 16);
    assert.deepEqual(sizeOf(read(usual, manifest.files.small[0])), [16 * 64, rows * 64]);
    assert.deepEqual(sizeOf(read(usual, manifest.files.photos[0])), [16 * 144, rows * 144]);
    const pack = read(usual, manifest.files.large[0]);
    const count = manifest.files.large[0].count;
    assert.equal(count, Math.min(64, manifest.photos));
    for (let i = 0; i < count; i++) assert.deepEqual(sizeOf(pack.subarray(pack.readUInt32LE(4 * i), pack.readUInt32LE(4 * i + 4))), [384, 384]);
    assert.equal(pack.readUInt32LE(4 * count), pack.length);
    assert.ok(manifest.files.small[0].bytes < 1200 * manifest.photos);
  });

  test('one file has the names, identifiers and fields of everybody, as the pages of people have them', () => {
    const { manifest } = usual;
    const people = JSON.parse(read(usual, manifest.files.people[0]).toString());
    const { names, ids, photos, fields } = JSON.parse(read(usual, manifest.files.names[0]).toString());
    assert.deepEqual(names, people.map((/** @type {any} */ person) => person.name));
    assert.deepEqual(ids, people.map((/** @type {any} */ person) => person.id));
    assert.equal(photos, undefined);
    for (const [i, person] of people.entries())
      for (const [key, { values, of }] of Object.entries(/** @type {Record<string, any>} */ (fields))) assert.equal(values[of[i]], person.fields[key] ?? '');
    assert.deepEqual(Object.keys(fields), manifest.fields.map((/** @type {any} */ field) => field.key));
  });

  test('the cover shows whole rows of portraits in at most 150,000 bytes', () => {
    const [cover] = usual.manifest.files.cover;
    assert.deepEqual(sizeOf(read(usual, cover)), [cover.width, cover.height]);
    assert.deepEqual([cover.width, cover.height], [cover.columns * 144, cover.rows * 144]);
    assert.ok(cover.count === cover.columns * cover.rows && cover.count <= usual.manifest.photos && cover.bytes <= 150_000);
  });

  test('large portraits can be left out without computing anything again', async () => {
    const { out, manifest } = await build('without', '--no-large-portraits');
    assert.deepEqual([manifest.large, manifest.files.large], [undefined, undefined]);
    assert.deepEqual(readdirSync(out).filter((name) => name.startsWith('large')), []);
    assert.deepEqual(manifest.files.small, usual.manifest.files.small);
  });

  test('a host chooses the cover, sample photos, and whose portraits are fetched', async () => {
    fill(folder, { 'cover.png': greyPng(60, 40) });
    const { out, manifest } = await build('chosen', '--cover', join(folder, 'cover.png'), '--sample', demoPhotos[1], '--sample', demoPhotos[0], '--portraits', 'all');
    const { cover: [cover], samples, sample_thumbs: thumbs } = manifest.files;
    assert.deepEqual([cover.width, cover.height, cover.columns], [60, 40, undefined]);
    assert.deepEqual(readFileSync(join(out, cover.path)), readFileSync(join(folder, 'cover.png')));
    assert.deepEqual(samples.map((/** @type {any} */ one) => readFileSync(join(out, one.path))), [readFileSync(demoPhotos[1]), readFileSync(demoPhotos[0])]);
    for (const [i, thumb] of thumbs.entries()) {
      assert.deepEqual(sizeOf(readFileSync(join(out, thumb.path))), [thumb.width, thumb.height]);
      assert.ok(thumb.height === 160 && Math.abs(thumb.width / thumb.height - samples[i].width / samples[i].height) < 0.02 && thumb.bytes < 20_000, JSON.stringify(thumb));
    }
    assert.equal(manifest.portraits, 'all');
  });

  test('a cover that is no picture or too large, and a choice that there is not, are refused with a sentence', async () => {
    fill(folder, { 'notes.jpg': 'This is no picture.', 'large.jpg': Buffer.concat([readFileSync(demoPhotos[0]), Buffer.alloc(150_000)]) });
    for (const [options, said] of /** @type {[string[], RegExp][]} */ ([
      [['--cover', join(folder, 'notes.jpg')], /notes\.jpg/],
      [['--cover', join(folder, 'large.jpg')], /at most 150000/],
      [['--sample', join(folder, 'gone.jpg')], /gone\.jpg/],
      [['--portraits', 'some'], /--portraits wants `all` or `first`/],
      [['--part', '1/2', '--sample', demoPhotos[0]], /go with `doppel merge`/],
    ])) {
      const { code, err, out } = await build('refused', ...options);
      assert.notEqual(code, 0, options.join(' '));
      assert.match(err, said);
      assert.equal(existsSync(out), false);
    }
  });
});
