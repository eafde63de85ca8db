/** `doppel adopt`: vectors that others computed, with the roster that says whose they are. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { demoPhotos, lacking, sets, shared } from '../places.mjs';
import { e4m3, npyFile, stored, voyagerIndex } from '../voyager.mjs';
import { doppel, fill, fingerprint, greyPng, models, peopleOf, readJson, sample, scratch, sha256 } from './program.mjs';
import { cosine, rowsOf } from './shards.mjs';

const folder = scratch();
/** Of the demo photos: what "others" have computed. @type {number[][]} */
let faces = [];
let embedder = '', dimension = 0, embedderSha256 = '';

before(async () => {
  const [about] = JSON.parse((await doppel('inspect', models, '--json')).out);
  const network = about.networks.find((/** @type {{task: string}} */ { task }) => task === 'embedder');
  ({ name: embedder, dimension, sha256: embedderSha256 } = network);
  const { out, err } = await doppel('represent', ...demoPhotos);
  faces = JSON.parse(out).map((/** @type {{faces: {embedding: number[]}[]}} */ { faces: [{ embedding }] }) => embedding);
  assert.equal(faces.length, 6, err);
  fill(folder, { 'people.json': JSON.stringify(people), 'names.csv': `name,rank\n${people.map(({ name, rank }) => `${name},${rank}`).join('\n')}\n` });
  fill(join(folder, 'photos'), { ...Object.fromEntries(demoPhotos.map((_, i) => [`img/${i + 1}.jpg`, sample(i + 1)])) });
});

const people = ['Ada', 'Ben', 'Cleo', 'Dov', 'Eva', 'Fay'].map((name, i) => ({ name, img: `img/${i + 1}.jpg`, rank: `R${i}` }));

/** Writes the file and adopts it. @param {string} name @param {Uint8Array} file @param {...string} options */
async function adopt(name, file, ...options) {
  const roster = options.includes('--roster') ? [] : ['--roster', join(folder, 'people.json')];
  const out = join(folder, `${name}.gallery`);
  fill(folder, { [name]: file });
  const ended = await doppel('adopt', join(folder, name), ...roster, '--embedder', embedder, '-o', out, '--quiet', ...options);
  return { ...ended, gallery: out };
}

/** The demo photos' vectors, the last record first. @param {import('../voyager.mjs').Storage} storage @param {object} [about] */
const index = (storage, about) =>
  voyagerIndex(
    faces.map((vector, label) => ({ label, bytes: stored(vector, storage) })).reverse(),
    { dimension, storage, ...about },
  );

describe('a Voyager index', () => {
  for (const [storage, least] of /** @type {const} */ ([['float32', 0.99999], ['float8', 0.98], ['e4m3', 0.998]]))
    test(`of ${storage} numbers: every vector comes to its record`, async () => {
      const { code, out, err, gallery } = await adopt(`${storage}.voy`, index(storage));
      assert.equal(code, 0, err);
      assert.match(out, /6 people from 6 vectors, 0 vectors left out, 6 plain tiles/);
      assert.deepEqual(peopleOf(gallery).map(({ name, fields }) => [name, fields]), people.map(({ name, rank }) => [name, { rank }]));
      rowsOf(gallery).forEach(({ vector, person }, i) => {
        assert.equal(person, i);
        assert.ok(cosine(vector, faces[i]) > least, `${people[i].name}: ${cosine(vector, faces[i])}`);
        assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-3);
      });
    });

  test('the gallery is searched with a photo, and finds who is in it', async () => {
    const { gallery } = await adopt('search.voy', index('float8'), '--photos', join(folder, 'photos'));
    const { code, out, err } = await doppel('search', gallery, demoPhotos[3], '--json');
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).faces[0].matches[0].name, 'Dov');
    const built = await doppel('build', join(folder, 'people.json'), '--photos', join(folder, 'photos'), '-o', join(folder, 'built'), '--quiet');
    assert.equal(built.code, 0, built.err);
    const pictures = (/** @type {string} */ place) => {
      const { small, photos, large, cover } = readJson(join(place, 'gallery.json')).files;
      return { small, photos, large, cover };
    };
    assert.equal(pictures(gallery).large.length, 1);
    assert.deepEqual(pictures(gallery), pictures(join(folder, 'built')), 'the portraits are those that `doppel build` cuts');
    assert.deepEqual(rowsOf(gallery).map(({ box }) => box), rowsOf(join(folder, 'built')).map(({ box }) => box));
  });

  test('E4M3 numbers mean what Voyager means by them', async () => {
    // From Voyager's own table of all 256.
    const table = { 2: 0.015625, 33: -0.0009765625, 14: 1, 46: 1.125, 13: -0.5, 174: 1.625, 226: 0.029296875, 28: 128, 222: 448 };
    for (const [byte, value] of Object.entries(table)) assert.equal(e4m3[Number(byte)], value, `byte ${byte}`);
    const bytes = Uint8Array.from({ length: dimension }, (_, i) => [2, 33, 14, 46, 13, 174, 226, 0][i % 8]);
    const file = voyagerIndex(people.map((_, label) => ({ label, bytes: bytes.map((byte, i) => (i === label ? 16 : byte)) })), { dimension, storage: 'e4m3' });
    const { code, err, gallery } = await adopt('table.voy', file);
    assert.equal(code, 0, err);
    rowsOf(gallery).forEach(({ vector }, row) => {
      const wanted = Array.from(bytes, (byte, i) => (i === row ? 2 : e4m3[byte]));
      assert.ok(cosine(vector, wanted) > 0.999999);
    });
  });

  test('an inner-product index has one number more a vector, which is left away', async () => {
    const entries = faces.map((vector, label) => ({ label, bytes: stored([...vector.map((n) => 3 * n), 0.7], 'float32') }));
    const { code, err, gallery } = await adopt('inner.voy', voyagerIndex(entries, { dimension, storage: 'float32', space: 1, transformed: true }));
    assert.equal(code, 0, err);
    rowsOf(gallery).forEach(({ vector }, i) => assert.ok(cosine(vector, faces[i]) > 0.99999));
    assert.equal(readJson(join(gallery, 'gallery.json')).vectors.read_from, 'a Voyager index (inner product, float32)');
  });

  test('version 2 is read; with names that do not belong to its labels, or of a later version, it is refused', async () => {
    assert.equal((await adopt('v2.voy', index('float32', { version: 2 }))).code, 0);
    const names = people.map(({ name }) => name);
    assert.match((await adopt('v2n.voy', index('float32', { version: 2, kind: 1, named: names }))).err, /has names for its vectors; say with --id-column which column of the roster has them/);
    assert.match((await adopt('v2e.voy', index('float32', { version: 2, kind: 1, named: [...names.slice(0, 5), ''] }))).err, /the name of label 5 is no text/);
    assert.match((await adopt('v2s.voy', index('float32', { version: 2, kind: 1, named: names.slice(0, 5) }))).err, /its label 5 has no name/);
    assert.match((await adopt('v2l.voy', index('float32', { version: 2, kind: 1, names: 7 }))).err, /ends too early|is no text/);
    assert.match((await adopt('v2m.voy', index('float32', { version: 2, names: 3 }))).err, /its labels are numbers, and yet it names some/);
    assert.match((await adopt('v3.voy', index('float32', { version: 3 }))).err, /version 3 of Voyager's format; versions 1 and 2/);
  });

  test('the oldest kind, without a header, needs to be described', async () => {
    const file = index('float8', { version: null });
    assert.match((await adopt('old.voy', file)).err, /is no Voyager index and no NumPy array.*--dimension and --storage/);
    const { code, err, gallery } = await adopt('old.voy', file, '--dimension', String(dimension), '--storage', 'float8');
    assert.equal(code, 0, err);
    assert.ok(cosine(rowsOf(gallery)[2].vector, faces[2]) > 0.98);
    assert.match((await adopt('old.voy', file, '--dimension', String(dimension), '--storage', 'float32', '--force')).err, /the sizes in it do not add up/);
    assert.match((await adopt('new.voy', index('float8'), '--dimension', '77')).err, /says that its vectors have \d+ numbers, not 77/);
  });

  test('upper links, and entries marked as deleted', async () => {
    const entries = faces.map((vector, label) => ({ label, bytes: stored(vector, 'float32'), deleted: label === 4 }));
    const { code, out, err, gallery } = await adopt('deleted.voy', voyagerIndex(entries, { dimension, storage: 'float32', upper: 3 }));
    assert.equal(code, 0, err);
    assert.match(out, /5 people from 5 vectors, 1 vectors left out/);
    assert.deepEqual(peopleOf(gallery).map(({ name }) => name), ['Ada', 'Ben', 'Cleo', 'Dov', 'Fay']);
    const { notes } = readJson(join(`${gallery}.report`, 'report.json'));
    assert.deepEqual(notes, ['1 records have no vector.', '1 vectors are marked as deleted in the file and were left out.']);
  });
});

describe('vectors that are joined by ids', () => {
  const ids = ['884', '00556793', '3', '12', '0', '77'];
  const withIds = people.map((person, i) => ({ ...person, id: ids[i] }));
  /** @param {number[]} labels one per vector */
  const labelled = (labels) => voyagerIndex(labels.map((label, i) => ({ label, bytes: stored(faces[i], 'float32') })), { dimension, storage: 'float32' });
  /** @param {string} gallery */
  const whose = (gallery) => peopleOf(gallery).map(({ name, photos: [photo] }) => [name, faces.findIndex((face) => cosine(rowsOf(gallery)[photo].vector, face) > 0.999)]);
  before(() => fill(folder, { 'ids.json': JSON.stringify([...withIds].reverse()), 'ids.csv': `id,other\n${ids.map((id) => `${id},x\n`).join('')}`, 'one.csv': `number\n${ids.join('\n')}\n` }));
  const roster = ['--roster', join(folder, 'ids.json'), '--id-column', 'id'];

  test('labels of an index are ids of records, whatever their order; what is left of either side is named', async () => {
    const { code, err, gallery } = await adopt('by-id.voy', labelled([884, 556793, 3, 12, 0, 5]), ...roster);
    assert.equal(code, 0, err);
    assert.deepEqual(whose(gallery), [['Eva', 4], ['Dov', 3], ['Cleo', 2], ['Ada', 0]]);
    const { notes } = readJson(join(`${gallery}.report`, 'report.json'));
    assert.deepEqual(notes, [
      '2 vectors belong to no record of the roster (id: 556793, 5).',
      '2 records have no vector (id: 00556793, 77).',
      '1 of these records would have vectors if leading zeros did not count; if they do not, say --join-trim-zeros.',
    ]);
    const trimmed = await adopt('by-number.voy', labelled([884, 556793, 3, 12, 0, 5]), ...roster, '--join-trim-zeros');
    assert.deepEqual(whose(trimmed.gallery).map(([name]) => name), ['Eva', 'Dov', 'Cleo', 'Ben', 'Ada']);
  });

  test('names of an index are ids of records: as text, in every spelling that is the same', async () => {
    const named = ['884', '00556793', 'Ａ-3', '12', ' 0 ', 'nobody'];
    fill(folder, { 'named.json': JSON.stringify(people.map((person, i) => ({ ...person, id: ['884', '556793', 'a-3', '012', '0', '77'][i] }))) });
    const file = voyagerIndex(named.map((_, label) => ({ label, bytes: stored(faces[label], 'float32') })).reverse(), { dimension, storage: 'float32', version: 2, kind: 1, named });
    const { code, err, gallery } = await adopt('named.voy', file, '--roster', join(folder, 'named.json'), '--id-column', 'id');
    assert.equal(code, 0, err);
    assert.deepEqual(whose(gallery), [['Ada', 0], ['Cleo', 2], ['Eva', 4]]);
    assert.match(readJson(join(`${gallery}.report`, 'report.json')).notes[0], /3 vectors belong to no record of the roster \(id: /);
    assert.match((await adopt('named-ids.voy', file, '--roster', join(folder, 'named.json'), '--id-column', 'id', '--ids', join(folder, 'ids.csv'))).err, /these names are the ids; leave --ids out/);
  });

  /* The case of ../shared has 128 numbers a vector, as the packaged network makes; vectors for the network in use are made here. */
  const cases = join(shared, 'cases/rosters');
  test('ids.json and ids.voy: labels that are ids of a data base, joined by the column and by position', { skip: lacking(cases) }, async () => {
    const own = ['--roster', join(cases, 'ids.json')];
    const byId = await adopt('case.voy', labelled([556793, 3, 884]), ...own, '--id-column', 'id');
    assert.equal(byId.code, 0, byId.err);
    assert.deepEqual(whose(byId.gallery), [['A', 2], ['B', 0], ['C', 1]]);
    const byPosition = await adopt('case.npy', npyFile(faces.slice(0, 3)), ...own);
    assert.equal(byPosition.code, 0, byPosition.err);
    assert.deepEqual(whose(byPosition.gallery), [['A', 0], ['B', 1], ['C', 2]]);
    assert.match((await adopt('case-labels.voy', labelled([556793, 3, 884]), ...own)).err, /a vector with the label 556793, but .* only 3 records.*--id-column/);
    const packaged = sets().find(({ name }) => name === 'packaged');
    const made = await doppel('adopt', join(cases, 'ids.voy'), ...own, '--id-column', 'id', '-o', join(folder, 'case'), '--quiet',
      ...(packaged && !packaged.skip ? ['--embedder', 'face_recognition', '--models', packaged.models] : ['--embedder', embedder]));
    if (packaged && !packaged.skip) assert.deepEqual(peopleOf(join(folder, 'case')).map(({ name }) => name), ['A', 'B', 'C'], made.err);
    else assert.match(made.err, new RegExp(`have 128 numbers, and ${embedder} makes ${dimension}`));
  });

  for (const file of ['ids.csv', 'one.csv'])
    test(`rows of an array get their ids from a file: ${file}`, async () => {
      const { code, err, gallery } = await adopt(`rows-${file}.npy`, npyFile(faces), ...roster, '--ids', join(folder, file));
      assert.equal(code, 0, err);
      assert.deepEqual(whose(gallery), [['Fay', 5], ['Eva', 4], ['Dov', 3], ['Cleo', 2], ['Ben', 1], ['Ada', 0]]);
    });

  test('a record that must not be matched stays out with its vector', async () => {
    fill(folder, { 'marked.json': JSON.stringify(withIds.map((person, i) => ({ ...person, use_for_matching: i !== 2 }))) });
    const { code, err, gallery } = await adopt('marked.npy', npyFile(faces), '--roster', join(folder, 'marked.json'), '--id-column', 'id', '--ids', join(folder, 'ids.csv'));
    assert.equal(code, 0, err);
    assert.deepEqual(peopleOf(gallery).map(({ name }) => name), ['Ada', 'Ben', 'Dov', 'Eva', 'Fay']);
  });

  test('what cannot be joined is a sentence', async () => {
    fill(folder, { 'twice.json': JSON.stringify([...withIds, { ...withIds[0], name: 'Zed' }]), 'short.csv': 'id\n1\n' });
    const array = npyFile(faces);
    assert.match((await adopt('a.voy', labelled([9, 10, 11, 13, 14, 15]), ...roster)).err, /None of the 6 vectors belongs to a record of the roster \(compared by `id`\)/);
    assert.match((await adopt('b.npy', array, ...roster)).err, /The rows of an array have no ids; name a file that has one per row with --ids/);
    assert.match((await adopt('c.npy', array, ...roster, '--ids', join(folder, 'short.csv'))).err, /has 1 ids, and the array 6 rows/);
    assert.match((await adopt('d.npy', array, '--roster', join(folder, 'twice.json'), '--id-column', 'id', '--ids', join(folder, 'ids.csv'))).err, /Two records of the roster have the id "884"/);
    assert.match((await adopt('e.npy', array, '--roster', join(folder, 'ids.json'), '--id-column', 'shoe', '--ids', join(folder, 'ids.csv'))).err, /no column `shoe` \(--id-column\)\. Columns found: name, img, rank, id/);
    assert.match((await adopt('f.voy', labelled([884, 1, 2, 3, 4, 5]))).err, /a vector with the label 884, but .* only 6 records.*--id-column/);
    assert.match((await adopt('g.npy', array, '--ids', join(folder, 'ids.csv'))).err, /--ids and --join-trim-zeros go with --id-column/);
  });
});

describe('what a file may not be', () => {
  const at = { version: 4, dimension: 8, space: 12, storage: 13, most: 27, count: 35, element: 43, entry: 71, groundLinks: 83, firstLink: 119 };
  /** @type {[string, (file: Buffer) => Buffer | void, RegExp][]} */
  const damages = [
    ['nothing', () => Buffer.alloc(0), /ends too early/],
    ['a photo', () => greyPng(20, 20), /is no Voyager index and no NumPy array/],
    ['cut in its header', (file) => file.subarray(0, 60), /ends too early/],
    ['cut in its vectors', (file) => file.subarray(0, 2000), /says that it holds 6 vectors, but ends before them/],
    ['cut at its end', (file) => file.subarray(0, -1), /ends too early/],
    ['longer than itself', (file) => Buffer.concat([file, Buffer.from('x')]), /goes on behind its end/],
    ['of no dimension', (file) => void file.writeUInt32LE(0, at.dimension), /have 0 numbers; they must have 1 to 2048/],
    ['of an absurd dimension', (file) => void file.writeUInt32LE(0xffffffff, at.dimension), /have 4294967295 numbers/],
    ['of an unknown space', (file) => void file.writeUInt8(9, at.space), /a space \(9\) that Voyager does not have/],
    ['of an unknown storage', (file) => void file.writeUInt8(9, at.storage), /\(9\) that is neither float32, float8 nor E4M3/],
    ['of another storage than it says', (file) => void file.writeUInt8(16, at.storage), /the sizes in it do not add up/],
    ['of absurdly many vectors', (file) => void file.writeBigUInt64LE(2n ** 60n, at.count), /holds 1152921504606846976 vectors, but ends before them/],
    ['empty', (file) => void file.writeBigUInt64LE(0n, at.count), /holds no vectors/],
    ['of absurd elements', (file) => void file.writeBigUInt64LE(2n ** 63n, at.element), /the sizes in it do not add up/],
    ['of absurdly many links', (file) => void file.writeBigUInt64LE(2n ** 62n, at.groundLinks), /the sizes in it do not add up/],
    ['without its entry', (file) => void file.writeUInt32LE(6, at.entry), /the entry to its graph does not exist/],
    ['linked to nowhere', (file) => void file.writeUInt32LE(99, at.firstLink), /has a link to nowhere/],
    ['with a label twice', (file) => void file.writeBigUInt64LE(4n, file.indexOf(Buffer.from(stored(faces[5], 'float32'))) + 4 * dimension), /gives the label 4 to two vectors/],
    ['with a label too high', (file) => void file.writeBigUInt64LE(6n, file.indexOf(Buffer.from(stored(faces[5], 'float32'))) + 4 * dimension), /a vector with the label 6, but .*people.json has only 6 records/],
  ];
  for (const [what, damage, words] of damages)
    test(`an index that is ${what} is refused with a sentence`, async () => {
      const file = Buffer.from(index('float32'));
      const { code, err, gallery } = await adopt('damaged.voy', damage(file) ?? file);
      assert.equal(code, 1);
      assert.match(err, words);
      assert.match(err, /^doppel adopt: .*\.\n$/);
      assert.ok(!existsSync(gallery));
    });

  /** @type {[string, () => Buffer, RegExp][]} */
  const arrays = [
    ['cut off', () => npyFile(faces).subarray(0, 900), /holds 6 rows of \d+ numbers, but has \d+ bytes of them/],
    ['cut in its header', () => npyFile(faces).subarray(0, 30), /is cut off within its header/],
    ['of version 9', () => npyFile(faces, { version: 9 }), /version 9 of NumPy's format/],
    ['of whole numbers', () => npyFile(faces, { type: '<i4' }), /numbers of the type <i4; save it as float32/],
    ['of one axis', () => npyFile(faces, { header: "{'descr': '<f4', 'fortran_order': False, 'shape': (9,), }" }), /array with one axis/],
    ['of three axes', () => npyFile(faces, { header: "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4)}" }), /more than two axes/],
    ['of a record type', () => npyFile(faces, { header: "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3)}" }), /is not that of a NumPy array of numbers/],
    ['without a shape', () => npyFile(faces, { header: "{'descr': '<f4', 'fortran_order': False}" }), /is not that of a NumPy array of numbers/],
    ['of absurd rows', () => npyFile(faces, { header: "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999, 512)}" }), /says that it holds/],
    ['of absurd columns', () => npyFile(faces, { header: "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 4611686018427387905)}" }), /vectors have at most 2048/],
    ['of no rows', () => npyFile(faces, { header: "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 512)}" }), /holds no vectors/],
    ['of other rows than the roster', () => npyFile(faces.slice(1)), /has 5 rows and .*people.json has 6 records/],
    ['of another dimension', () => npyFile(faces.map((row) => row.slice(1))), /have \d+ numbers, and \S+ makes \d+; name the network that made them/],
  ];
  for (const [what, file, words] of arrays)
    test(`an array that is ${what} is refused with a sentence`, async () => {
      const { code, err } = await adopt('damaged.npy', file());
      assert.equal(code, 1);
      assert.match(err, words);
      assert.match(err, /^doppel adopt: .*\.\n$/);
    });
});

describe('a NumPy array', () => {
  for (const about of [
    {}, { version: 2 }, { version: 3 }, { type: '>f4' }, { type: '<f8' }, { type: '>f8', byColumn: true }, { byColumn: true }, { type: '<f2' },
    { type: '>f2', version: 3, byColumn: true },
  ])
    test(`${JSON.stringify(about)}: row i is record i`, async () => {
      const name = `array-${Object.values(about).join('-').replace(/[<>]/g, (c) => (c === '<' ? 'l' : 'b'))}.npy`;
      const { code, err, gallery } = await adopt(name, npyFile(faces, about), '--roster', join(folder, 'names.csv'));
      assert.equal(code, 0, err);
      assert.deepEqual(peopleOf(gallery).map(({ name, fields }) => [name, fields.rank]), people.map(({ name, rank }) => [name, rank]));
      rowsOf(gallery).forEach(({ vector }, i) => assert.ok(cosine(vector, faces[i]) > (about.type?.endsWith('2') ? 0.9999 : 0.999995)));
    });

  test('several records of one person are one entry with several vectors', async () => {
    const roster = join(fill(folder, { 'two.csv': 'person,name\n7,Ada\n8,Ben\n7,Ada\n8,Ben\n7,Ada\n9,Cleo\n' }), 'two.csv');
    const { code, err, gallery } = await adopt('two.npy', npyFile(faces), '--roster', roster);
    assert.equal(code, 0, err);
    assert.deepEqual(peopleOf(gallery).map(({ name, photos }) => [name, photos]), [['Ada', [0, 2, 4]], ['Ben', [1, 3]], ['Cleo', [5]]]);
    assert.equal(readJson(join(gallery, 'gallery.json')).calibration.genuine.pairs, 4);
  });
});

describe('what is taken over', () => {
  test('the manifest names the network by its sha256 and says who made the vectors; inspect shows it', async () => {
    const { gallery } = await adopt('origin.voy', index('e4m3'), '--made-by', 'DeepFace on a Tuesday');
    const manifest = readJson(join(gallery, 'gallery.json'));
    assert.equal(manifest.embedder.sha256, embedderSha256);
    assert.deepEqual(manifest.vectors, { made_elsewhere: true, made_by: 'DeepFace on a Tuesday', read_from: 'a Voyager index (cosine, e4m3)' });
    const { out } = await doppel('inspect', gallery);
    assert.match(out, /vectors_made_by +DeepFace on a Tuesday/);
    const silent = await adopt('silent.voy', index('e4m3'));
    assert.match((await doppel('inspect', silent.gallery)).out, /vectors_made_by +another program, which nobody has named/);
  });

  test('the embedder may be a file; its sha256 is that of the file', async () => {
    const [file] = readdirSync(models).filter((name) => name.startsWith(embedder));
    const { code, err, gallery } = await adopt('path.voy', index('float32'), '--embedder', join(models, file));
    assert.equal(code, 0, err);
    assert.equal(readJson(join(gallery, 'gallery.json')).embedder.sha256, embedderSha256);
    assert.match((await adopt('path2.voy', index('float32'), '--embedder', 'nosuch')).err, /no network called nosuch here/);
  });

  test('vectors of zeros, or with a number that is not finite, are left out and counted', async () => {
    const rows = faces.map((vector, i) => (i === 1 ? vector.map(() => 0) : i === 3 ? [NaN, ...vector.slice(1)] : i === 4 ? [...vector.slice(1), Infinity] : vector));
    const { code, out, err, gallery } = await adopt('bad.npy', npyFile(rows));
    assert.equal(code, 0, err);
    assert.match(out, /3 people from 3 vectors, 3 vectors left out/);
    assert.match(readJson(join(`${gallery}.report`, 'report.json')).notes[0], /The vector of record 1 \(Ben\) is zero or not finite/);
    assert.match((await adopt('all-bad.npy', npyFile(rows.map((row) => row.map(() => 0))))).err, /No vector can be taken: .*6 are zero or not finite/);
  });

  test('who must not be matched is not taken over', async () => {
    const states = ['Illinois', 'Ohio', 'Ohio', 'Ohio', 'Ohio', 'Texas'];
    const roster = people.map((record, i) => ({ ...record, department: i === 2 ? 'Sheriff' : 'Police', state: states[i], use_for_matching: i !== 1 }));
    fill(folder, { 'rules.json': JSON.stringify(roster), 'departments.csv': 'name,jurisdiction,face_matching\nPolice,Ohio,yes\nSheriff,Ohio,no\n' });
    const options = ['--roster', join(folder, 'rules.json'), '--departments', join(folder, 'departments.csv'), '--deny-jurisdiction', 'Texas'];
    const { code, out, err, gallery } = await adopt('rules.voy', index('float32'), ...options);
    assert.equal(code, 0, err);
    assert.match(out, /2 people from 2 vectors, 4 vectors left out/);
    assert.match(err, /4 vectors must not be matched and were not taken: 1 marked .*, 2 from a jurisdiction on the deny list, 1 of departments without/);
    assert.deepEqual(peopleOf(gallery).map(({ name }) => name), ['Dov', 'Eva']);
    assert.deepEqual(readJson(join(gallery, 'gallery.json')).departments, [{ name: 'Police', jurisdiction: 'Ohio', photos: 2 }]);
  });

  test('a record without a photo that stays out keeps no other such record out', async () => {
    const csv = join(fill(folder, { 'marks.csv': 'name,use_for_matching\nA,no\nB,\nC,\nD,\nE,\nF,\n' }), 'marks.csv');
    const { code, err, gallery } = await adopt('marks.npy', npyFile(faces), '--roster', csv);
    assert.equal(code, 0, err);
    assert.deepEqual(peopleOf(gallery).map(({ name }) => name), ['B', 'C', 'D', 'E', 'F']);
  });

  test('where no face is found there is a tile, and the report says why; threads change nothing', async () => {
    fill(join(folder, 'some'), { 'img/1.jpg': sample(1), 'img/2.jpg': greyPng(90, 90), 'img/3.jpg': 'no photo' });
    fill(folder, { 'escape.json': JSON.stringify(people.map((record, i) => (i === 4 ? { ...record, img: '../people.json' } : record))) });
    const options = ['--roster', join(folder, 'escape.json'), '--photos', join(folder, 'some')];
    const one = await adopt('tiles.voy', index('float32'), ...options, '--jobs', '1');
    assert.equal(one.code, 0, one.err);
    assert.match(one.out, /6 people from 6 vectors, 0 vectors left out, 5 plain tiles/);
    const text = readJson(join(`${one.gallery}.report`, 'report.json')).notes.join('\n');
    assert.match(text, /img\/2.jpg is a plain tile: No face was found\./);
    assert.match(text, /img\/3.jpg is a plain tile: .*img\/3.jpg/);
    assert.match(text, /img\/4.jpg is a plain tile: There is no such file\./);
    assert.match(text, /people.json is a plain tile: The path leads out of the folder of photos\./);
    const before = fingerprint(one.gallery);
    assert.equal((await adopt('tiles.voy', index('float32'), ...options, '--jobs', '3', '--force')).code, 0);
    assert.deepEqual(fingerprint(one.gallery), before);
  });

  test('boxes and landmarks of the roster are kept, with a photo or without', async () => {
    const roster = people.map((record, i) => ({ ...record, box: [10 + i, 20, 30, 40] }));
    fill(folder, { 'boxes.json': JSON.stringify(roster) });
    const { code, err, gallery } = await adopt('boxes.voy', index('float32'), '--roster', join(folder, 'boxes.json'));
    assert.equal(code, 0, err);
    assert.deepEqual(rowsOf(gallery).map(({ box }) => box), roster.map(({ box }) => box));
  });

  test('a gallery that is there stays until --force, and a failure leaves it', async () => {
    const { gallery } = await adopt('again.voy', index('float32'));
    const before = sha256(fingerprint(gallery).join());
    assert.match((await adopt('again.voy', index('float32'))).err, /already a gallery at .*; --force replaces it/);
    assert.equal((await adopt('again.voy', index('float32').subarray(0, 500), '--force')).code, 1);
    assert.equal(sha256(fingerprint(gallery).join()), before);
  });
});
