/** `doppel extract`: faces of photos as a table and as pictures, and back in as a roster. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { demoPhotos, lacking, shared } from '../places.mjs';
import { doppel, fill, fingerprint, greyPng, peopleOf, readJson, sample, scratch } from './program.mjs';
import { cosine, rowsOf } from './shards.mjs';

const folder = scratch();
const photos = fill(join(folder, 'photos'), {
  'ada.jpg': sample(1), 'team/ben.jpg': sample(4), 'team/deep/cleo.jpg': sample(6), 'ada.png': greyPng(40, 40), 'wall.png': greyPng(200, 160),
  'broken.jpg': 'no photo', '.hidden/no.jpg': sample(2), 'notes.txt': 'no photo either',
});
const out = join(folder, 'faces');

/** @typedef {{photo: string, name: string, position: number, faces: number, crop: string, box: number[], landmarks: number[][], roll: number, score: number, quality: Record<string, number>}} Face */

/** @param {string} place @returns {Face[]} */
const facesIn = (place) => readJson(join(place, 'faces.json'));

/** @param {string} name @param {...string} args */
async function extract(name, ...args) {
  const place = join(folder, name);
  return { ...(await doppel('extract', ...args, '-o', place, '--quiet')), place };
}

/** @param {string} path */
async function sizeOf(path) {
  const [{ width, height, format }] = JSON.parse((await doppel('inspect', path, '--json')).out);
  return `${format} ${width}x${height}`;
}

before(async () => {
  const { code, out: said, err } = await doppel('extract', photos, '-o', out, '--quiet');
  assert.equal(code, 0, err);
  assert.match(said, /3 faces from 3 photos, 3 photos left out/);
  assert.match(err, /3 photos were left out; .*skipped.csv says why\./);
});

describe('one face a photo', () => {
  test('is the largest, with everything that is known of it', async () => {
    const faces = facesIn(out);
    assert.deepEqual(faces.map(({ photo }) => photo), ['ada.jpg', 'team/ben.jpg', 'team/deep/cleo.jpg'], 'named from the folder');
    for (const face of faces) {
      const [{ faces: found }] = JSON.parse((await doppel('represent', join(photos, face.photo))).out);
      const { x, w } = found[0].facial_area;
      assert.equal(face.faces, found.length);
      assert.ok(Math.abs(face.box[0] - x) <= 0.51 && Math.abs(face.box[2] - w) <= 0.51, 'the first that the detector names');
      assert.equal(found.filter((/** @type {{facial_area: {x: number, w: number}}} */ other) => other.facial_area.x + other.facial_area.w / 2 < x + w / 2).length, face.position - 1);
      assert.equal(face.landmarks.length, 5);
      assert.deepEqual(face.quality, found[0].quality);
      assert.equal(face.score, found[0].face_confidence);
    }
  });

  test('what gave none is listed with its reason', () => {
    const lines = readFileSync(join(out, 'skipped.csv'), 'utf8').trim().split('\n');
    assert.equal(lines[0], 'photo,reason,detail');
    assert.deepEqual(lines.slice(1).map((line) => line.split(',').slice(0, 2)), [['ada.png', 'no_face'], ['broken.jpg', 'unreadable'], ['wall.png', 'no_face']]);
  });

  test('CSV says what JSON says', () => {
    const [header, ...rows] = readFileSync(join(out, 'faces.csv'), 'utf8').trim().split('\n');
    const names = header.split(',');
    facesIn(out).forEach((face, i) => {
      const cells = rows[i].replace(/"[^"]*"/, 'NAME').split(',');
      assert.equal(cells.length, names.length);
      const number = (/** @type {string} */ name) => Number(cells[names.indexOf(name)]);
      assert.deepEqual(['box_x', 'box_y', 'box_width', 'box_height'].map(number), face.box);
      assert.deepEqual(['left_eye_x', 'nose_y', 'mouth_right_y', 'roll'].map(number), [face.landmarks[0][0], face.landmarks[2][1], face.landmarks[4][1], face.roll]);
      assert.deepEqual([number('quality_size'), number('quality_pitch'), number('score')], [face.quality.size, face.quality.pitch, face.score]);
    });
  });
});

describe('crops', () => {
  test('are 200×280 JPEGs, named after photo and position', async () => {
    const faces = facesIn(out);
    assert.deepEqual(faces.map(({ crop }) => crop), faces.map(({ photo, position }) => `crops/${photo.replace('.jpg', '')}-${position}.jpg`));
    for (const { crop } of faces) assert.equal(await sizeOf(join(out, crop)), 'JPEG 200x280');
    assert.equal(fingerprint(join(out, 'crops')).length, faces.length);
  });

  test('are level, with the eyes where the help says', async () => {
    const { place } = await extract('all', photos, '--all-faces', '--size', '300x420');
    const crops = facesIn(place).map(({ crop }) => crop);
    assert.ok(crops.length > 8);
    const looks = await extract('looks', join(place, 'crops'));
    const seen = facesIn(looks.place);
    const photosOfCrops = new Map(seen.map((face) => [`crops/${face.photo}`, face]));
    const kept = crops.map((crop) => photosOfCrops.get(crop)).filter((face) => face !== undefined);
    assert.ok(kept.length >= crops.length - 1, 'a face is found in its crop');
    for (const { landmarks: [left, right], faces, photo } of kept.filter(({ faces }) => faces === 1)) {
      const middle = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
      assert.ok(Math.abs(middle[0] - 150) < 30, `${photo}: in the middle, ${middle} of ${faces}`);
      assert.ok(Math.abs(middle[1] - 0.4 * 420) < 25, `${photo}: at 0.4 of the height, ${middle}`);
      assert.ok(Math.abs(Math.atan2(right[1] - left[1], right[0] - left[0])) < 0.26, `${photo}: level`);
    }
    assert.equal(await sizeOf(join(place, crops[0])), 'JPEG 300x420');
  });

  test('beyond the edge of the photo there is no black', async () => {
    const { place } = await extract('tight', demoPhotos[0], '--size', '120x100');
    const tight = join(place, facesIn(place)[0].crop);
    const wide = await extract('wide', tight);
    const { code, out: json } = await doppel('represent', join(wide.place, facesIn(wide.place)[0].crop));
    assert.equal(code, 0);
    assert.equal(JSON.parse(json)[0].faces.length, 1, 'still one face');
    assert.ok(readFileSync(join(wide.place, facesIn(wide.place)[0].crop)).length > 3000);
  });
});

describe('which photos', () => {
  test('files are called as on the command line, also when they lie elsewhere', async () => {
    const { code, err, place } = await extract('named', join(photos, 'ada.jpg'), join(photos, 'team'));
    assert.equal(code, 0, err);
    const faces = facesIn(place);
    assert.deepEqual(faces.map(({ photo }) => photo), ['ada.jpg', 'team/ben.jpg', 'team/deep/cleo.jpg'].map((name) => join(photos, name)));
    for (const { crop } of faces) {
      assert.ok(!crop.includes('//') && !crop.includes('..'));
      assert.ok(existsSync(join(place, crop)));
    }
    const up = await extract('up', `${photos}/team/../ada.jpg`);
    assert.equal(facesIn(up.place)[0].crop.split('-')[0], 'crops/ada');
  });

  test('two photos of one name keep their endings apart', async () => {
    const twins = fill(join(folder, 'twins'), { 'x.jpg': sample(1), 'x.jpeg': sample(2), 'x.JPG': sample(3) });
    const { code, err, place } = await extract('twin-faces', twins);
    assert.equal(code, 0, err);
    assert.equal(new Set(facesIn(place).map(({ crop }) => crop)).size, 3);
    assert.equal(fingerprint(join(place, 'crops')).length, 3);
    assert.match((await extract('same', join(twins, 'x.jpg'), join(twins, 'x.jpg'), join(twins, 'x.jpg'))).err, /Two photos are called .*x.jpg; extract them one after the other/);
  });

  test('a link that leads back up ends somewhere', async () => {
    const round = fill(join(folder, 'round'), { 'a/x.png': greyPng(30, 30), 'y.jpg': sample(1) });
    symlinkSync('..', join(round, 'a/up'));
    const { code, err } = await extract('round-faces', round);
    assert.equal(code, 0, err);
  });

  test('what is not there, and where there is nothing, is said', async () => {
    mkdirSync(join(folder, 'empty'));
    assert.match((await extract('a', join(folder, 'nosuch'))).err, /There is no photo or folder .*nosuch\./);
    assert.match((await extract('b', join(folder, 'empty'))).err, /There are no photos \(.jpg, .jpeg, .png\)/);
    const { code, err } = await extract('c', join(photos, 'wall.png'));
    assert.equal(code, 1);
    assert.match(err, /No face was found in any of the 1 photos; of .*wall.png: No face was found\./);
    assert.ok(!existsSync(join(folder, 'c')));
  });
});

describe('the folder', () => {
  test('is the same with any number of threads', async () => {
    const one = await extract('one', photos, '--all-faces', '--jobs', '1');
    const four = await extract('four', photos, '--all-faces', '--jobs', '4');
    assert.deepEqual(fingerprint(one.place), fingerprint(four.place));
  });

  test('is replaced only with --force, and nothing but an extract is', async () => {
    const { place } = await extract('kept', join(photos, 'ada.jpg'));
    const before = fingerprint(place);
    assert.match((await extract('kept', photos)).err, /There is already an extract of faces at .*; --force replaces it\./);
    assert.equal((await extract('kept', join(photos, 'wall.png'), '--force')).code, 1);
    assert.deepEqual(fingerprint(place), before, 'a failure leaves what was there');
    assert.equal((await extract('kept', photos, '--force')).code, 0);
    assert.equal(facesIn(place).length, 3);
    fill(join(folder, 'other'), { 'mine.txt': 'mine' });
    assert.match((await extract('other', photos, '--force')).err, /is not empty and not an extract of faces; name another one/);
    assert.deepEqual(readdirSync(join(folder, 'other')), ['mine.txt']);
  });
});

describe('back in as a roster', () => {
  test('the same faces are built: same boxes, same vectors', async () => {
    const [built, given] = [join(folder, 'built'), join(folder, 'given')];
    const roster = join(fill(folder, { 'three.csv': 'name,photo\nAda,ada.jpg\nBen,team/ben.jpg\nCleo,team/deep/cleo.jpg\n' }), 'three.csv');
    assert.equal((await doppel('build', roster, '--photos', photos, '-o', built, '--quiet')).code, 0);
    for (const table of ['faces.csv', 'faces.json']) {
      const { code, err } = await doppel('build', join(out, table), '--photos', photos, '-o', given, '--quiet', '--force');
      assert.equal(code, 0, err);
      const [before, after] = [rowsOf(built), rowsOf(given)];
      assert.equal(after.length, 3);
      after.forEach(({ vector, box, points }, i) => {
        assert.ok(cosine(vector, before[i].vector) > 0.9995, `${cosine(vector, before[i].vector)}`);
        box.forEach((side, k) => assert.ok(Math.abs(side - before[i].box[k]) < 0.01));
        points.forEach((n, k) => assert.ok(Math.abs(n - before[i].points[k]) < 0.01));
      });
      assert.equal(peopleOf(given)[0].fields.crop, facesIn(out)[0].crop);
    }
  });

  const lfw = join(shared, 'data/lfw-dev/images');
  test('portraits of LFW: every face comes out, and goes in again', { skip: lacking(lfw) }, async () => {
    const names = readdirSync(lfw, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg')).sort().slice(0, 20);
    const some = fill(join(folder, 'lfw'), Object.fromEntries(names.map((name) => [name, { copy: join(lfw, name) }])));
    const { code, err, place } = await extract('lfw-faces', some);
    assert.equal(code, 0, err);
    assert.equal(facesIn(place).length, names.length);
    const gallery = join(folder, 'lfw-gallery');
    assert.equal((await doppel('build', join(place, 'faces.csv'), '--photos', some, '--person-column', 'photo', '-o', gallery, '--quiet')).code, 0);
    assert.equal(rowsOf(gallery).length, names.length);
  });
});
