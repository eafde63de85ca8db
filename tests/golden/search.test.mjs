/** The module's search, with its own kernels, compared with a loop over float32 numbers. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { safetensors } from '../../bench/gallery.mjs';
import { randomShard } from '../../bench/synthetic.mjs';
import { Session, StatusError } from '../../web/heap.js';
import { openModule } from './engine.mjs';

const PEOPLE = 12_000;
const DIMENSION = 128;
const embedder = { name: 'synthetic', sha256: '0'.repeat(64), dimension: DIMENSION };
const shard = Buffer.from(randomShard(0, PEOPLE, embedder).buffer);

describe('search in the module', () => {
  /** @type {any} */
  let module;
  before(async () => {
    module = await openModule();
  });

  function openGallery() {
    const manifest = { format: 'doppel-gallery', version: 1, people: PEOPLE, photos: PEOPLE, embedder, metric: 'cosine', files: { embeddings: [{ count: PEOPLE }] } };
    const session = new Session(module);
    session.openGallery(Buffer.from(JSON.stringify(manifest)));
    session.addShard(shard);
    return session;
  }

  const search = (/** @type {Session} */ session, /** @type {Float32Array} */ probe, count = 5) => session.search([probe], count)[0];

  test('finds the two people that a probe is the mean of, with the similarities of a loop over float32 numbers', () => {
    const session = openGallery();
    const vectors = realVectors(shard);
    for (let i = 0; i + 1 < PEOPLE; i += 499) {
      const probe = unit(Float32Array.from({ length: DIMENSION }, (_, k) => vectors[i * DIMENSION + k] + vectors[(i + 1) * DIMENSION + k]));
      const found = search(session, probe);
      assert.deepEqual(found.slice(0, 2).map(({ person }) => person).sort((a, b) => a - b), [i, i + 1]);
      for (const { person, similarity } of found) {
        const real = probe.reduce((sum, value, k) => sum + value * vectors[person * DIMENSION + k], 0);
        assert.ok(Math.abs(real - similarity) < 1e-3, `${real} and ${similarity}`);
      }
    }
    session.close();
  });

  test('several probes at once find what each finds alone', () => {
    const session = openGallery();
    const vectors = realVectors(shard);
    const probes = [3, 77, 5000, 11_999, 4, 8].map((i) => unit(vectors.subarray(i * DIMENSION, (i + 1) * DIMENSION)));
    const together = session.search(probes, 20);
    assert.deepEqual(together.map(([{ person }]) => person), [3, 77, 5000, 11_999, 4, 8]);
    probes.forEach((probe, i) => assert.deepEqual(together[i], search(session, probe, 20)));
    session.close();
  });

  test('among those with a value of a column the order is that of a search among all', () => {
    const session = openGallery();
    const probe = unit(realVectors(shard).subarray(0, DIMENSION));
    const everybody = search(session, probe, 200);
    const values = ['', 'captain', 'chief'];
    session.addColumn(columnFile('rank', values, (i) => i % 3));
    session.addColumn(columnFile('year', ['1999', '2001'], (i) => Number(i % 10 < 5)));
    assert.deepEqual(session.columns(), [
      { key: 'rank', values: values.map((text) => ({ text, people: PEOPLE / 3 })) },
      { key: 'year', values: ['1999', '2001'].map((text) => ({ text, people: PEOPLE / 2 })) },
    ]);
    const meets = (/** @type {number} */ person) => person % 3 !== 0 && person % 10 < 5;
    assert.equal(session.allow([{ column: 0, values: [1, 2] }, { column: 1, values: [1] }]), PEOPLE / 3);
    const some = search(session, probe, 200);
    assert.ok(some.every(({ person }) => meets(person)));
    const shared = everybody.filter(({ person }) => meets(person));
    assert.deepEqual(some.slice(0, shared.length), shared);
    assert.equal(session.allow([{ column: 0, values: [0] }, { column: 0, values: [1] }]), 0);
    assert.deepEqual(search(session, probe), []);
    assert.equal(session.allow([]), PEOPLE);
    assert.deepEqual(search(session, probe, 200), everybody);
    session.close();
  });

  test('a damaged column is refused with a sentence, or has values that are text and counts of all people', () => {
    const session = openGallery();
    const file = Buffer.from(columnFile('rank', ['', 'captain', 'chief'], (i) => i % 3));
    const header = 8 + Number(file.readBigUInt64LE(0));
    let state = 11;
    const random = (/** @type {number} */ below) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % 65521 % below;
    let refused = 0, before = 0;
    for (let round = 0; round < 1000; round++) {
      const damaged = Buffer.from(random(8) ? file : file.subarray(0, random(file.length)));
      for (let times = random(3); times >= 0 && damaged.length; times--) damaged[random(Math.min(damaged.length, round % 4 ? header : file.length))] = random(256);
      try {
        session.addColumn(damaged);
      } catch (error) {
        assert.ok(error instanceof StatusError, String(/** @type {Error} */ (error).stack));
        assert.match(error.message, /\w{3,}.*\.$/s);
        refused++;
        continue;
      }
      const columns = session.columns();
      assert.equal(columns.length, ++before);
      assert.ok(columns.every(({ key, values }) => typeof key === 'string' && values.every(({ text }) => typeof text === 'string') && values.reduce((sum, { people }) => sum + people, 0) === PEOPLE));
    }
    assert.ok(refused > 0 && before > 0, `${refused} refused, ${before} taken`);
    session.close();
  });
});

/** As docs/formats/gallery.md specifies. @param {string} key @param {string[]} values @param {(person: number) => number} valueOf */
function columnFile(key, values, valueOf) {
  const data = Uint16Array.from({ length: PEOPLE }, (_, i) => valueOf(i));
  return safetensors({ value: { dtype: 'U16', shape: [PEOPLE], data } }, { format: 1, kind: 'column', key, values });
}

/** mean + scale · (vectors + fine / 16), as docs/formats/gallery.md says. @param {Buffer} file */
function realVectors(file) {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length));
  const tensor = (/** @type {string} */ name) => {
    const [from, to] = header[name].data_offsets;
    return Uint8Array.from(file.subarray(8 + length + from, 8 + length + to)).buffer;
  };
  const [rough, fine] = [new Int8Array(tensor('vectors')), new Uint8Array(tensor('fine'))];
  const [scale, mean] = [new Float32Array(tensor('scale')), new Float32Array(tensor('mean'))];
  return Float32Array.from(rough, (value, i) => {
    const four = (i % 2 ? fine[i >> 1] >> 4 : fine[i >> 1] & 15) - 8;
    return mean[i % DIMENSION] + scale[Math.floor(i / DIMENSION)] * (value + four / 16);
  });
}

/** @param {Float32Array} vector */
function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
