/** The module's search, with its own kernels: whoever is asked for is found, at once or through signatures. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { randomShard } from '../../bench/search.mjs';
import { openModule } from './engine.mjs';

const PEOPLE = 12_000;
const DIMENSION = 128;
const embedder = { name: 'synthetic', sha256: '0'.repeat(64), dimension: DIMENSION };
const shard = randomShard(0, PEOPLE, embedder);

describe('search in the module', () => {
  /** @type {any} */
  let module;
  before(async () => {
    module = await openModule();
  });

  /** The same people, alone or with a shard to come that makes the gallery larger than a million. @param {boolean} large */
  function openGallery(large) {
    const counts = large ? [PEOPLE, 1 << 20] : [PEOPLE];
    const photos = counts.reduce((sum, count) => sum + count);
    const embeddings = counts.map((count) => ({ count }));
    const manifest = { format: 'doppel-gallery', version: 1, people: PEOPLE, photos, embedder, metric: 'cosine', files: { embeddings } };
    const session = module._session_open();
    const give = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => {
      const room = module._session_inbox(session, bytes.length);
      module.HEAPU8.set(bytes, room);
      assert.equal(module[name](session), 0, module.UTF8ToString(module._session_message(session)));
    };
    give('_session_open_gallery', Buffer.from(JSON.stringify(manifest)));
    give('_session_add_shard', shard);
    return session;
  }

  /** @returns {{person: number, similarity: number}[]} */
  function search(/** @type {number} */ session, /** @type {Float32Array} */ probe, count = 5) {
    module.HEAPF32.set(probe, module._session_vector(session) / 4);
    assert.equal(module._session_search(session, count), 0);
    const start = module._session_matches(session) / 4;
    return Array.from({ length: module._session_match_count(session) }, (_, i) => ({
      person: module.HEAPU32[start + 5 * i],
      similarity: module.HEAPF32[start + 5 * i + 2],
    }));
  }

  test('finds the two people between whom a probe lies, and says what a loop over real numbers says', () => {
    const [all, signed] = [openGallery(false), openGallery(true)];
    const vectors = realVectors(shard);
    let shortened = 0;
    for (let i = 0; i + 1 < PEOPLE; i += 499) {
      const probe = unit(Float32Array.from({ length: DIMENSION }, (_, k) => vectors[i * DIMENSION + k] + vectors[(i + 1) * DIMENSION + k]));
      const found = search(all, probe);
      assert.deepEqual(found.slice(0, 2).map(({ person }) => person).sort((a, b) => a - b), [i, i + 1]);
      assert.deepEqual(search(signed, probe).slice(0, 2), found.slice(0, 2));
      for (const { person, similarity } of found) {
        const real = probe.reduce((sum, value, k) => sum + value * vectors[person * DIMENSION + k], 0);
        assert.ok(Math.abs(real - similarity) < 1e-3, `${real} and ${similarity}`);
      }
      if (search(signed, probe, 200)[199].person !== search(all, probe, 200)[199].person) shortened++;
    }
    assert.ok(shortened > 0, 'far down the lists nobody is lost: the signatures were not asked');
    module._session_close(all);
    module._session_close(signed);
  });
});

/** mean + scale · (vectors + fine / 16), as ARCHITECTURE.md says. @param {Buffer} file */
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
