/** `doppel export`: what a gallery holds, for other programs, and back again. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { demoPhotos } from '../places.mjs';
import { seeded } from '../random.mjs';
import { e4m3, npyFile } from '../voyager.mjs';
import { ask, lacksHnswlib, lacksNumpy } from './peers.mjs';
import { doppel, fill, models, peopleOf, readJson, sample, scratch } from './program.mjs';
import { cosine, rowsOf } from './shards.mjs';

const folder = scratch();
const gallery = join(folder, 'gallery'), crowd = join(folder, 'crowd');
let embedder = '', dimension = 0;
const CROWD = 1500;

before(async () => {
  const [about] = JSON.parse((await doppel('inspect', models, '--json')).out);
  ({ name: embedder, dimension } = about.networks.find((/** @type {{task: string}} */ { task }) => task === 'embedder'));
  const photos = fill(join(folder, 'photos'), Object.fromEntries(demoPhotos.map((_, i) => [`${i + 1}.jpg`, sample(i + 1)])));
  const rows = ['Ada', 'Ben', 'Ada', '"Ben, jr"', 'Cleo', 'Ada'].map((name, i) => `${name},${i + 1}.jpg,"rank ${i}\nof ""many""",${i}`);
  fill(folder, { 'roster.csv': `name,photo,rank,score\n${rows.join('\n')}\n` });
  const made = await doppel('build', join(folder, 'roster.csv'), '--photos', photos, '-o', gallery, '--quiet');
  assert.equal(made.code, 0, made.err);

  // Families of five around real faces.
  const { out } = await doppel('represent', ...demoPhotos);
  const faces = JSON.parse(out).flatMap((/** @type {{faces: {embedding: number[]}[]}} */ photo) => photo.faces.map(({ embedding }) => embedding));
  const random = seeded(7);
  const noise = (/** @type {number} */ size) => (random() + random() + random() - 1.5) * size;
  const seeds = Array.from({ length: CROWD / 5 }, (_, i) => faces[i % faces.length].map((/** @type {number} */ n) => n + noise(0.08)));
  const vectors = Array.from({ length: CROWD }, (_, i) => seeds[Math.floor(i / 5)].map((/** @type {number} */ n) => n + noise(0.05)));
  fill(folder, { 'crowd.npy': npyFile(vectors), 'crowd.json': JSON.stringify(vectors.map((_, i) => ({ name: `N ${i}`, number: i }))) });
  const adopted = await doppel('adopt', join(folder, 'crowd.npy'), '--roster', join(folder, 'crowd.json'), '--embedder', embedder, '-o', crowd, '--quiet');
  assert.equal(adopted.code, 0, adopted.err);
});

/** @param {string} from @param {string} name @param {...string} options */
async function exportTo(from, name, ...options) {
  const place = join(folder, name);
  return { ...(await doppel('export', from, '-o', place, '--quiet', ...options)), place };
}

/** An index as its layout says, read here. @param {string} path */
function readIndex(path) {
  const file = readFileSync(path);
  const big = (/** @type {number} */ at) => Number(file.readBigUInt64LE(at));
  assert.equal(file.toString('latin1', 0, 4), 'VOYA');
  const about = { version: file.readInt32LE(4), dimension: file.readInt32LE(8), space: file[12], storage: file[13], transformed: file[18] };
  const [offset, capacity, count, element, labelAt, dataAt] = [0, 1, 2, 3, 4, 5].map((i) => big(19 + 8 * i));
  const [top, entry, links, groundLinks, m] = [file.readInt32LE(67), file.readUInt32LE(71), big(75), big(83), big(91)];
  const numberAt = { 32: (/** @type {number} */ at, /** @type {number} */ i) => file.readFloatLE(at + 4 * i), 16: (/** @type {number} */ at, /** @type {number} */ i) => file.readInt8(at + i) / 127, 48: (/** @type {number} */ at, /** @type {number} */ i) => e4m3[file[at + i]] }[about.storage];
  assert.ok(numberAt);
  let at = 115;
  const linksAt = (/** @type {number} */ place) => Array.from({ length: file.readUInt32LE(place) }, (_, i) => file.readUInt32LE(place + 4 + 4 * i));
  const elements = Array.from({ length: count }, () => {
    const found = { links: linksAt(at), label: big(at + labelAt), vector: Array.from({ length: about.dimension }, (_, i) => numberAt(at + dataAt, i)) };
    at += element;
    return found;
  });
  const upper = Array.from({ length: count }, () => {
    const bytes = file.readUInt32LE(at);
    const levels = Array.from({ length: bytes / (4 + 4 * links) }, (_, level) => linksAt(at + 4 + level * (4 + 4 * links)));
    at += 4 + bytes;
    return levels;
  });
  assert.equal(at, file.length, 'the file ends with the last links');
  assert.equal(element, labelAt + 8);
  assert.equal(dataAt, 4 + 4 * groundLinks);
  return { ...about, offset, capacity, count, top, entry, links, groundLinks, m, factor: file.readDoubleLE(99), candidates: big(107), elements, upper };
}

describe('a Voyager index', () => {
  for (const [storage, code, least] of /** @type {const} */ ([['float32', 32, 0.9999999], ['float8', 16, 0.98], ['e4m3', 48, 0.998]]))
    test(`of ${storage} numbers: laid down as Voyager does it, with a graph that leads everywhere`, async () => {
      const { code: ended, err, place } = await exportTo(crowd, `${storage}.voy`, '--as', 'voyager', '--storage', storage);
      assert.equal(ended, 0, err);
      const index = readIndex(place);
      const { version, space, storage: stored, transformed, offset, capacity, count, m, links, groundLinks, candidates } = index;
      assert.deepEqual(
        { version, space, stored, transformed, offset, capacity, count, m, links, groundLinks, candidates, dimension: index.dimension },
        { version: 1, space: 2, stored: code, transformed: 0, offset: 0, capacity: CROWD, count: CROWD, m: 12, links: 12, groundLinks: 24, candidates: 200, dimension },
      );
      assert.ok(Math.abs(index.factor - 1 / Math.log(12)) < 1e-12);
      const rows = rowsOf(crowd);
      index.elements.forEach(({ label, vector, links }, i) => {
        assert.equal(label, i);
        assert.ok(cosine(vector, rows[i].vector) > least);
        if (storage !== 'e4m3') assert.ok(Math.hypot(...vector) < 1.000001, 'Voyager takes a distance below 0 for damage');
        assert.ok(links.length > 0 && links.length <= 24 && !links.includes(i) && new Set(links).size === links.length);
      });
      const reached = new Set([index.entry]);
      for (const element of reached) for (const next of index.elements[element].links) reached.add(next);
      assert.equal(reached.size, CROWD);
      assert.equal(index.upper[index.entry].length, index.top, 'the entry stands on the top level');
      assert.equal(Math.max(...index.upper.map((levels) => levels.length)), index.top);
      const above = index.upper.filter((levels) => levels.length).length / CROWD;
      assert.ok(above > 0.05 && above < 0.12, `one in twelve stands above the ground: ${above}`);
      index.upper.forEach((levels) => levels.forEach((links, level) => links.forEach((other) => assert.ok(index.upper[other].length > level))));
    });

  test('hnswlib finds as many of the true ten nearest in it as in a graph of its own', { skip: lacksHnswlib }, async () => {
    const index = await exportTo(crowd, 'recall.voy');
    const rows = await exportTo(crowd, 'recall.npy');
    const found = ask(['search', index.place, rows.place, '10', '100']);
    assert.deepEqual([found.count, found.M, found.ef_construction, found.same], [CROWD, 12, 200, true]);
    assert.ok(found.ours > 0.95 && found.ours > found.theirs - 0.02, `recall@10 ${found.ours}, hnswlib's own ${found.theirs}`);
  });

  test('adopted again it is the same gallery', async () => {
    const { place } = await exportTo(gallery, 'again.voy');
    const again = join(folder, 'again.gallery');
    const { code, err } = await doppel('adopt', place, '--roster', join(folder, 'again.json'), '--embedder', embedder, '-o', again, '--quiet');
    assert.equal(code, 0, err);
    const names = (/** @type {string} */ from) => peopleOf(from).map(({ name, photos }) => [name, photos]);
    assert.deepEqual(names(again), names(gallery));
    assert.deepEqual(peopleOf(again).map(({ fields }) => fields.rank), peopleOf(gallery).map(({ fields }) => fields.rank));
    const [before, after] = [rowsOf(gallery), rowsOf(again)];
    after.forEach(({ vector, person, box }, i) => {
      assert.ok(cosine(vector, before[i].vector) > 0.99999);
      assert.equal(person, before[i].person);
      box.forEach((side, k) => assert.ok(Math.abs(side - before[i].box[k]) < 0.01));
    });
  });

  test('the same gallery gives the same bytes', async () => {
    const one = await exportTo(crowd, 'one.voy'), other = await exportTo(crowd, 'other.voy');
    assert.ok(readFileSync(one.place).equals(readFileSync(other.place)));
  });
});

describe('NumPy', () => {
  test('loads the array: float32, one row a photo', { skip: lacksNumpy }, async () => {
    const { code, err, place } = await exportTo(gallery, 'rows.npy');
    assert.equal(code, 0, err);
    const { dtype, shape, rows } = ask(['read', place]);
    assert.deepEqual([dtype, shape], ['<f4', [6, dimension]]);
    rowsOf(gallery).forEach(({ vector }, i) => assert.ok(cosine(vector, rows[i]) > 0.9999999 && Math.abs(Math.hypot(...rows[i]) - 1) < 1e-6));
    assert.match(readFileSync(join(folder, 'rows.csv'), 'utf8'), /^name,person,person_id,photo_number,rank,roster_score,box_x,/);
  });

  for (const [dtype, order, version] of [['<f4', 'C', '1.0'], ['>f4', 'F', '2.0'], ['<f8', 'F', '3.0'], ['>f8', 'C', '1.0'], ['<f2', 'C', '1.0'], ['>f2', 'F', '1.0']])
    test(`what NumPy saves as ${dtype}, order ${order}, version ${version} is adopted`, { skip: lacksNumpy }, async () => {
      const rows = rowsOf(gallery).map(({ vector }) => Array.from(vector, (n) => 2 * n));
      const array = join(folder, 'numpy.npy'), out = join(folder, 'numpy.gallery');
      ask(['write', array, dtype, order, version], rows);
      fill(folder, { 'six.csv': `name\n${rows.map((_, i) => `S${i}`).join('\n')}\n` });
      const { code, err } = await doppel('adopt', array, '--roster', join(folder, 'six.csv'), '--embedder', embedder, '-o', out, '--quiet', '--force');
      assert.equal(code, 0, err);
      rowsOf(out).forEach(({ vector }, i) => assert.ok(cosine(vector, rows[i]) > 0.9999));
    });
});

describe('records', () => {
  test('JSON: who, which photo, the fields, and where the face is', async () => {
    const { code, err, place } = await exportTo(gallery, 'faces.json', '--as', 'json');
    assert.equal(code, 0, err);
    const records = readJson(place), rows = rowsOf(gallery), people = peopleOf(gallery);
    assert.equal(records.length, 6);
    for (const [i, record] of records.entries()) {
      assert.equal(record.photo_number, i);
      assert.equal(record.person, rows[i].person);
      assert.equal(record.name, people[record.person].name);
      assert.equal(record.rank, people[record.person].fields.rank);
      assert.equal(record.roster_score, people[record.person].fields.score, 'a field whose name is taken');
      record.box.forEach((/** @type {number} */ side, /** @type {number} */ k) => assert.ok(Math.abs(side - rows[i].box[k]) <= 0.0051));
      record.landmarks.flat().forEach((/** @type {number} */ n, /** @type {number} */ k) => assert.ok(Math.abs(n - rows[i].points[k]) <= 0.0051));
      assert.ok(Math.abs(record.score - rows[i].score) < 1e-4 && Math.abs(record.roll) < 45);
    }
  });

  test('CSV of faces without a roster names their photos, and builds the same gallery from given faces', async () => {
    const faces = join(folder, 'faces.gallery'), rebuilt = join(folder, 'rebuilt.gallery');
    await doppel('build', '--all-faces', join(folder, 'photos'), '-o', faces, '--quiet');
    const { code, place } = await exportTo(faces, 'each.csv');
    assert.equal(code, 0);
    const { code: built, err } = await doppel('build', place, '--photos', join(folder, 'photos'), '-o', rebuilt, '--quiet');
    assert.equal(built, 0, err);
    const [before, after] = [rowsOf(faces), rowsOf(rebuilt)];
    assert.equal(after.length, before.length);
    after.forEach(({ vector }, i) => assert.ok(cosine(vector, before[i].vector) > 0.999, `${i}`));
    assert.deepEqual(peopleOf(rebuilt).map(({ name }) => name), peopleOf(faces).map(({ name }) => name));
  });

  test('text with commas, quotes and line ends survives CSV', async () => {
    const { place } = await exportTo(gallery, 'quoted.csv');
    const again = join(folder, 'quoted.gallery');
    const array = await exportTo(gallery, 'quoted.npy', '--force');
    const { code, err } = await doppel('adopt', array.place, '--roster', place, '--embedder', embedder, '-o', again, '--quiet');
    assert.equal(code, 0, err);
    assert.deepEqual(peopleOf(again).map(({ name, fields }) => [name, fields.rank, fields.roster_score]), peopleOf(gallery).map(({ name, fields }) => [name, fields.rank, fields.score]));
  });
});

describe('cells that a spreadsheet would compute', () => {
  const values = ['=1+1', '+1 555', '-5', '@SUM(A1)', "'=quoted", "''-twice", '＝1', "'tis plain", "'", '=HYPERLINK("http://x",1)', '-'];

  test('are written as text, and read back as they were', async () => {
    fill(folder, { 'hostile.json': JSON.stringify(values.map((value, i) => ({ name: value, img: '1.jpg', person_id: `p${i}`, '=cmd': value }))) });
    const from = join(folder, 'hostile.gallery'), again = join(folder, 'hostile.again');
    const built = await doppel('build', join(folder, 'hostile.json'), '--photos', join(folder, 'photos'), '-o', from, '--quiet');
    assert.equal(built.code, 0, built.err);
    const array = await exportTo(from, 'hostile.npy');
    assert.equal(array.code, 0, array.err);
    const cells = readFileSync(join(folder, 'hostile.csv'), 'utf8').split('\n').flatMap((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []).map((cell) => cell.replace(/^"/, ''));
    const computed = cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell) && !/^-?[\d.]+(e-?\d+)?,?$/.test(cell));
    assert.deepEqual(computed, []);
    const { code, err } = await doppel('adopt', array.place, '--roster', join(folder, 'hostile.csv'), '--embedder', embedder, '-o', again, '--quiet');
    assert.equal(code, 0, err);
    const told = (/** @type {string} */ place) => peopleOf(place).map(({ name, fields }) => [name, fields['=cmd']]);
    assert.deepEqual(told(again), told(from));
    assert.deepEqual(told(from).map(([name]) => name), values);
  });

  test('of numbers stay numbers', async () => {
    const { place } = await exportTo(gallery, 'numbers.csv');
    assert.doesNotMatch(readFileSync(place, 'utf8'), /'-?\d/);
  });
});

describe('what is there already', () => {
  test('files stay until --force, and nothing is written half', async () => {
    fill(folder, { 'kept.voy': 'mine', 'beside.json': 'mine' });
    assert.match((await exportTo(gallery, 'kept.voy')).err, /kept.voy is already there; --force replaces it\./);
    assert.match((await exportTo(gallery, 'beside.voy')).err, /beside.json is already there; --force replaces it\./);
    assert.equal(readFileSync(join(folder, 'kept.voy'), 'utf8'), 'mine');
    assert.ok(!existsSync(join(folder, 'beside.voy')));
    assert.equal((await exportTo(gallery, 'kept.voy', '--force')).code, 0);
    assert.equal((await exportTo(gallery, 'new/folder/faces.csv')).code, 0);
  });

  test('a gallery that is damaged is refused with a sentence', async () => {
    const broken = join(folder, 'broken.gallery');
    fill(broken, Object.fromEntries(readdirSync(gallery).map((name) => [name, { copy: join(gallery, name) }])));
    const shard = readdirSync(broken).find((name) => name.startsWith('embeddings')) ?? '';
    appendFileSync(join(broken, shard), 'x');
    const { code, err } = await exportTo(broken, 'broken.csv');
    assert.equal(code, 1);
    assert.match(err, /is not the file that the gallery lists/);
    assert.match((await exportTo(join(folder, 'nowhere'), 'nowhere.csv')).err, /holds no gallery.json/);
  });
});
