/**
 * What a search costs against the size of the gallery: the module with simd128, one thread, beside a plain float32 loop
 * in JavaScript, in node, whose engine is Chromium's. People have one photo each, and vectors are random: what is timed
 * does not depend on who is alike.
 */
import { openModule } from '../tests/golden/engine.mjs';
import { safetensors } from './gallery.mjs';
import { summary } from './report.mjs';

/** The last gallery of 128 numbers is beyond a million photos: searched through signatures first. */
const SIZES = [
  { dimension: 128, counts: [1_000, 10_000, 100_000, 1_000_000, 1_100_000] },
  { dimension: 512, counts: [1_000, 10_000, 88_783, 300_000] },
];
const TOP = 10;
const WARM_UP = 2;

/** Rows a shard, so that its file stays below 24 MiB as hosted ones do. */
const rowsOfShard = (/** @type {number} */ dimension) => Math.floor((24 << 20) / (dimension * 1.5 + 68));

/** Float32 rows that the plain loop looks at; of larger galleries its time is taken as so many times that. */
const PLAIN_ROWS = (/** @type {number} */ dimension) => Math.floor((128 << 20) / (dimension * 4));

/** @typedef {{people: number, dimension: number, line: import('./report.mjs').Line, heap: number, signed: boolean}} Cost */

/** @param {{rounds: number}} options */
export async function searchCosts({ rounds }) {
  console.log('a search for the ten most alike people; ms, times faster than a plain float32 loop in the same run');
  console.log('   people  numbers   median   least    plain   times faster (by round)   heap MiB');
  /** @type {Cost[]} */
  const costs = [];
  for (const { dimension, counts } of SIZES)
    for (const people of counts) {
      const cost = await costOf(people, dimension, rounds);
      costs.push(cost);
      console.log(lineOf(cost));
    }
  console.log();
  return costs;
}

/** @param {number} people @param {number} dimension @param {number} rounds @returns {Promise<Cost>} */
async function costOf(people, dimension, rounds) {
  const engine = openGallery(await openModule(), people, dimension);
  const rows = Math.min(people, PLAIN_ROWS(dimension));
  const plain = randomUnits(rows, dimension, 9);
  const probes = randomUnits(WARM_UP + rounds, dimension, 77);
  const ours = [];
  const theirs = [];
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const probe = probes.subarray(round * dimension, (round + 1) * dimension);
    const times = [0, 0];
    for (const side of round % 2 ? [0, 1] : [1, 0]) {
      const start = performance.now();
      if (side === 0) engine.search(probe);
      else searchPlainly(plain, rows, dimension, probe);
      times[side] = performance.now() - start;
    }
    if (round < WARM_UP) continue;
    ours.push(times[0]);
    theirs.push((times[1] * people) / rows);
  }
  const heap = engine.heap();
  engine.close();
  return { people, dimension, line: summary('', ours, theirs), heap, signed: people > 1 << 20 };
}

/** @param {Cost} cost */
function lineOf({ people, dimension, line, heap, signed }) {
  const ms = (/** @type {number} */ value) => value.toFixed(value < 10 ? 2 : 1);
  const { ours, theirs, ratio } = line;
  const faster = `${ratio.median.toFixed(1)} (${ratio.least.toFixed(1)} – ${ratio.most.toFixed(1)})`;
  return (
    `${people.toLocaleString('en').padStart(9)}  ${String(dimension).padStart(7)}  ${ms(ours.median).padStart(7)} ` +
    `${ms(ours.least).padStart(7)}  ${ms(theirs.median).padStart(7)}   ${faster.padEnd(23)}   ` +
    `${(heap / (1 << 20)).toFixed(0).padStart(8)}${signed ? '   signatures first' : ''}`
  );
}

/** A session with a gallery of this size in it. @param {any} module @param {number} people @param {number} dimension */
function openGallery(module, people, dimension) {
  const session = module._session_open();
  const embedder = { name: 'synthetic', sha256: '0'.repeat(64), dimension };
  const give = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => {
    const room = module._session_inbox(session, bytes.length); // before the heap is looked at: this may make it grow
    if (!room) throw new Error(`there is no room for ${bytes.length} bytes more`);
    module.HEAPU8.set(bytes, room);
    check(module[name](session));
  };
  const check = (/** @type {number} */ status) => {
    if (status) throw new Error(module.UTF8ToString(module._session_message(session)));
  };
  const most = rowsOfShard(dimension);
  const shards = Array.from({ length: Math.ceil(people / most) }, (_, i) => ({ first: i * most, count: Math.min(most, people - i * most) }));
  give('_session_open_gallery', Buffer.from(JSON.stringify({
    format: 'doppel-gallery', version: 1, title: 'synthetic', people, photos: people, embedder, metric: 'cosine',
    files: { embeddings: shards.map(({ count }) => ({ count })) },
  })));
  for (const { first, count } of shards) give('_session_add_shard', randomShard(first, count, embedder));
  return {
    search(/** @type {Float32Array} */ probe) {
      module.HEAPF32.set(probe, module._session_vector(session) / 4);
      check(module._session_search(session, TOP));
    },
    heap: () => module.HEAPU8.length,
    close: () => module._session_close(session),
  };
}

/** Directions of all kinds, of about unit length, one a person. @param {number} first @param {number} count @param {{sha256: string, dimension: number}} embedder */
export function randomShard(first, count, { sha256, dimension }) {
  const n = [count];
  return safetensors(
    {
      vectors: { dtype: 'I8', shape: [count, dimension], data: randomBytes(count * dimension, first + 1) },
      fine: { dtype: 'U8', shape: [count, dimension / 2], data: randomBytes((count * dimension) / 2, first + 2) },
      scale: { dtype: 'F32', shape: n, data: new Float32Array(count).fill(1 / 74 / Math.sqrt(dimension)) },
      mean: { dtype: 'F32', shape: [dimension], data: new Float32Array(dimension) },
      person: { dtype: 'U32', shape: n, data: Uint32Array.from({ length: count }, (_, i) => first + i) },
      box: { dtype: 'F32', shape: [count, 4], data: new Float32Array(count * 4) },
      points: { dtype: 'F32', shape: [count, 10], data: new Float32Array(count * 10) },
      score: { dtype: 'F32', shape: n, data: new Float32Array(count) },
    },
    { format: 1, kind: 'embeddings', embedder_sha256: sha256, first_photo: first },
  );
}

/** The way that a page without an engine would go: each row's dot product, and a list of the best so far. */
function searchPlainly(/** @type {Float32Array} */ rows, /** @type {number} */ count, /** @type {number} */ dimension, /** @type {Float32Array} */ probe) {
  const best = Array.from({ length: TOP }, () => ({ person: -1, similarity: -2 }));
  for (let i = 0, at = 0; i < count; i++) {
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum += rows[at++] * probe[k];
    if (sum <= best[TOP - 1].similarity) continue;
    best[TOP - 1] = { person: i, similarity: sum };
    best.sort((a, b) => b.similarity - a.similarity);
  }
  return best;
}

/** xorshift, four bytes a step: the same on every run, and quick enough for hundreds of megabytes. */
function randomBytes(/** @type {number} */ count, /** @type {number} */ seed) {
  const words = new Int32Array(Math.ceil(count / 4));
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, count);
}

function randomUnits(/** @type {number} */ count, /** @type {number} */ dimension, /** @type {number} */ seed) {
  const vectors = Float32Array.from(new Int8Array(randomBytes(count * dimension, seed).buffer, 0, count * dimension));
  for (let i = 0; i < vectors.length; i += dimension) {
    let square = 0;
    for (let k = i; k < i + dimension; k++) square += vectors[k] * vectors[k];
    for (let k = i; k < i + dimension; k++) vectors[k] /= Math.sqrt(square);
  }
  return vectors;
}
