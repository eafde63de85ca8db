/**
 * What building a gallery costs with the native program: portraits a second and core, decode to vector, and how much
 * memory it takes as photos become more.
 *
 * The portraits are 400×500 pixels: head and shoulders that `doppel extract` cuts from photos of lfw-dev, or from the demo
 * photos where those are not here, resized on the way. Where more are needed than there are faces, each is repeated with
 * a comment of its own in the JPEG file: other content, so it is looked at again.
 *
 * For the memory of a hundred thousand photos the first thousand are analysed. The others, which are read and hashed like
 * them, are found in the journal, where this script has entered them.
 *
 * A core's rate is counted over processor time of a whole build with one thread, start and assembling included, so that
 * it does not depend on what else the machine does.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoPhotos, program, sets, shared } from '../tests/places.mjs';
import { seeded } from '../tests/random.mjs';
import { costsOf } from './costs.mjs';
import { appendToJournal, readJournal, sha256 } from './journal.mjs';

const SIZE = '400x500';
const FACES = 240;
const ROUNDS = 3;
const ANALYSED = 1000;
const VECTOR_AT = 3 * 4 + 16 * 4 + 4 * 4; // in a record: behind three counts, the face and its quality

/** @typedef {{set: string, portraits: number, rates: number[]}} Rate */
/** @typedef {{photos: number, peak: number, own: number}} Memory */

/** @param {{photos: number}} options @returns {Promise<{rates: Rate[], memory: Memory[]}>} */
export async function buildCosts({ photos }) {
  const scratch = mkdtempSync(join(tmpdir(), 'doppel-bench-'));
  try {
    const faces = await cutFaces(scratch);
    console.log(`${faces.length} portraits of ${SIZE} pixels, ${Math.round(faces.reduce((sum, face) => sum + face.length, 0) / faces.length / 1024)} KiB each`);
    const rates = [];
    for (const { name, models, skip } of sets()) {
      if (skip) console.log(`${name}: ${skip}`);
      else rates.push(await rateOf(name, models, faces, scratch));
    }
    return { rates, memory: await memoryOf(faces, photos, scratch) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** @param {string} scratch @returns {Promise<Buffer[]>} */
export async function cutFaces(scratch) {
  const lfw = join(shared, 'data/lfw-dev/images');
  const photos = existsSync(lfw)
    ? readdirSync(lfw).sort().slice(0, FACES).map((name) => join(lfw, name, readdirSync(join(lfw, name)).sort()[0]))
    : demoPhotos;
  const crops = join(scratch, 'extracted');
  await run('extract', ...photos, '-o', crops, '--size', SIZE, '--quiet', ...(photos === demoPhotos ? ['--all-faces'] : []));
  const files = readdirSync(crops, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'));
  return files.sort().map((name) => readFileSync(join(crops, name)));
}

const run = (/** @type {string[]} */ ...args) => costsOf(program, ...args);

/** The same picture as a file of its own: a comment segment behind the first marker. @param {Buffer} jpeg @param {number} number */
export function commented(jpeg, number) {
  const text = Buffer.from(`doppel bench ${number}`);
  const segment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), text]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

/** Makes sure of `count` portraits in a folder, and of a roster of them. @param {Buffer[]} faces @param {number} from @param {number} count @param {string} folder */
export function layOut(faces, from, count, folder) {
  for (let i = from; i < count; i++) {
    const place = join(folder, String(Math.floor(i / 1000)));
    if (i === from || i % 1000 === 0) mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `${i}.jpg`), commented(faces[i % faces.length], i));
  }
  const roster = join(folder, 'roster.csv');
  writeFileSync(roster, `name,photo\n${Array.from({ length: count }, (_, i) => `Person ${i},${Math.floor(i / 1000)}/${i}.jpg\n`).join('')}`);
  return [roster, '--photos', folder];
}

/** @param {string} set @param {string} models @param {Buffer[]} faces @param {string} scratch @returns {Promise<Rate>} */
async function rateOf(set, models, faces, scratch) {
  const out = join(scratch, `rate-${set}`);
  const source = layOut(faces, 0, faces.length, join(scratch, 'portraits'));
  const rates = [];
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(`${out}.work`, { recursive: true, force: true });
    const { processorSeconds } = await run('build', ...source, '-o', out, '--force', '--jobs', '1', '--quiet', '--models', models);
    rates.push(faces.length / processorSeconds);
  }
  rates.sort((a, b) => a - b);
  console.log(`${set}: ${rates[ROUNDS >> 1].toFixed(1)} portraits a second and core (${rates[0].toFixed(1)} – ${rates[ROUNDS - 1].toFixed(1)}), decode to vector`);
  return { set, portraits: faces.length, rates };
}

/**
 * Each build goes on from the one before, but assembles everything. @param {Buffer[]} faces @param {number} photos
 * @param {string} scratch @returns {Promise<Memory[]>}
 */
async function memoryOf(faces, photos, scratch) {
  const folder = join(scratch, 'many'), out = join(scratch, 'gallery'), work = `${out}.work`;
  const memory = [];
  console.log('   photos   analysed   peak MiB   without mapped files');
  for (let count = Math.min(ANALYSED, photos), before = 0; ; before = count, count = Math.min(count * 4, photos)) {
    const source = layOut(faces, before, count, folder);
    if (before) enterRepeated(faces, before, count, join(work, readdirSync(work).find((name) => name.endsWith('.journal')) ?? ''));
    const { peak, own } = await run('build', ...source, '-o', out, '--force', '--jobs', '1', '--quiet');
    memory.push({ photos: count, peak, own });
    const cells = [count, Math.min(count, ANALYSED), Math.round(peak), Math.round(own)].map((cell) => cell.toLocaleString('en'));
    console.log(`${cells[0].padStart(9)} ${cells[1].padStart(10)} ${cells[2].padStart(10)} ${cells[3].padStart(13)}`);
    if (count === photos) return memory;
  }
}

/**
 * Enters photos from `from` on as if they had been analysed: with the record of the photo that they repeat, and a vector
 * of their own, as different people have them. @param {Buffer[]} faces @param {number} from @param {number} to @param {string} journal
 */
function enterRepeated(faces, from, to, journal) {
  const { context, records } = readJournal(journal);
  const { dimension } = JSON.parse(context).embedder;
  const random = seeded(from);
  const originals = faces.map((face, i) => records.get(sha256(commented(face, i)).toString('hex')));
  for (let first = from; first < to; first += 1000) {
    const entries = [];
    for (let i = first; i < Math.min(first + 1000, to); i++) {
      const record = Buffer.from(originals[i % faces.length] ?? []);
      if (!record.length || record.readUInt32LE(0)) continue; // no face was found in it: this one is analysed as well
      const vector = new Float32Array(dimension).map(() => random() - 0.5);
      const length = Math.hypot(...vector);
      for (let k = 0; k < dimension; k++) record.writeFloatLE(vector[k] / length, VECTOR_AT + 4 * k);
      entries.push({ key: sha256(commented(faces[i % faces.length], i)), record });
    }
    appendToJournal(journal, context, entries);
  }
}
