/**
 * npm run bench              our stage times beside face-api's, in one run in headless Chromium, the bytes on the wire, and
 *                            single networks beside onnxruntime-web
 * npm run bench -- group     the same on a group photo that our quick detector is not certain of
 * npm run bench -- networks  single networks alone
 * npm run bench -- search    what a search costs, from 1,000 people to more than a million
 * npm run bench -- packed    what gzip and brotli save, for each kind of file in dist/
 * npm run bench -- build     native portraits a second and core, and memory as photos become more (--photos N: so many)
 * npm run bench -- recall    how many labelled faces doppel and face-api find, on photos of ../shared
 *
 * Rounds are interleaved: each round times every stage of both sides, by turns first, and a ratio is taken inside a round,
 * so that what else the machine does hits both alike. Both run on one thread with WebAssembly SIMD.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, run } from '../tests/web/engines.mjs';
import { build, demoPhotos, dist, faceApi, root, shared } from '../tests/places.mjs';
import { openSite } from '../tests/web/site.mjs';
import { buildCosts } from './build.mjs';
import { syntheticGallery } from './gallery.mjs';
import { networkTimes } from './networks.mjs';
import { packedSizes, packedTable } from './packed.mjs';
import { recall } from './recall.mjs';
import { table, summary } from './report.mjs';
import { searchCosts } from './search.mjs';
import { wireSizes } from './wire.mjs';

const PEOPLE = 10_000;
const WARM_UP = 3;
const ROUNDS = Number(process.env.DOPPEL_BENCH_ROUNDS ?? 25);

/** Numbers of a vector of face-api. */
const PEER_DIMENSION = 128;

/** Our stage, the peer's, and what the line says. */
const pairs = (/** @type {number} */ dimension) => [
  ['decode', 'decode', 'decode a JPEG (theirs: the browser’s decoder)'],
  ['detect and points', 'detect and points, tiny', 'detect + points, against tiny at 416'],
  ['detect and points', 'detect and points, SSD', 'detect + points, against SSD'],
  ['embed', 'embed', 'embed'],
  ['search', 'search', `search ${PEOPLE.toLocaleString('en')} × ${dimension} (theirs: FaceMatcher, × ${PEER_DIMENSION}, best one)`],
  ['whole', 'whole, tiny', 'WHOLE: pixels → top 10, against tiny chain'],
  ['whole', 'whole, SSD', 'WHOLE: pixels → top 10, against SSD chain'],
];

const group = { name: 'A group photo', url: '/face-api/demo/sample1.jpg', file: demoPhotos[0] };

const document = { date: new Date().toISOString(), commit: commit(), cpu: cpus()[0].model };
const mode = process.argv[2];
if (mode && !['build', 'group', 'networks', 'packed', 'recall', 'search'].includes(mode)) throw new Error(`there is no bench "${mode}"`);
if (!mode || mode === 'group' || mode === 'recall') await againstFaceApi();
if (mode === 'packed') printPacked();
if (mode === 'build') save({ build: await buildCosts({ photos: numberBehind('--photos') ?? 2000 }) });
if (mode === 'search') save({ search: await searchCosts({ rounds: ROUNDS }) });
if (!mode || mode === 'networks') save({ networks: await networkTimes({ photo: portrait().file, warmUp: WARM_UP, rounds: ROUNDS }) });

function printPacked() {
  const rows = packedSizes(dist);
  console.log(packedTable(rows));
  save({ packed: rows });
}

async function againstFaceApi() {
  const { gallery, dimension } = await writeGallery();
  const site = await openSite({
    '/': join(root, 'bench'),
    '/dist/': dist,
    '/web/': join(root, 'web'),
    '/gallery/': gallery,
    '/face-api/': faceApi,
    '/tfjs-backend-wasm/': join(root, 'node_modules/@tensorflow/tfjs-backend-wasm'),
    '/photos/': shared,
  });
  const page = await open('chromium');
  const bench = caller(page);
  try {
    await page.goto(`${site.origin}/page.html`);
    await run(page, async () => {
      for (let i = 0; i < 100 && !Reflect.has(window, 'bench'); i++) await new Promise((done) => setTimeout(done, 100));
    });
    const sides = await bench('load', { people: PEOPLE, dimension: PEER_DIMENSION });
    console.log(`face-api ${JSON.stringify(sides.peer)}\ndoppel ${JSON.stringify(sides.doppel)}`);
    console.log(`${page.native.context().browser().version()} Chromium, headless, ${cpus()[0].model}, ${commit()}\n`);
    if (mode === 'recall') await recall((url) => bench('boxes', url));
    else await times(bench, sides, dimension);
  } finally {
    await page.close();
    await site.close();
    rmSync(gallery, { recursive: true });
  }
}

/** Calls functions of page.js. */
function caller(/** @type {import('../tests/web/engines.mjs').Page} */ page) {
  const call = (/** @type {string} */ f, /** @type {any[]} */ list) => /** @type {any} */ (window).bench[f](...list);
  return (/** @type {string} */ name, /** @type {any[]} */ ...parameters) => run(page, call, name, parameters);
}

async function times(/** @type {ReturnType<typeof caller>} */ bench, /** @type {any} */ sides, /** @type {number} */ dimension) {
  const photo = mode === 'group' ? group : portrait();
  const used = await bench('use', photo.url, 1280);
  console.log(`${photo.name} at ${used.width}×${used.height}, ${used.networks.join(', ')}; ${ROUNDS} rounds, ms`);

  /** @type {Record<string, number[]>} */
  const measured = {};
  const stages = [...new Set(pairs(dimension).flatMap(([ours, theirs]) => [`doppel:${ours}`, `peer:${theirs}`]))];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const stage of round % 2 ? stages : [...stages].reverse()) {
      const [side, name] = stage.split(':');
      const ms = await bench('time', side, name);
      if (round >= WARM_UP) (measured[stage] ??= []).push(ms);
    }
  }
  const lines = pairs(dimension).map(([ours, theirs, title]) =>
    summary(title, measured[`doppel:${ours}`], measured[`peer:${theirs}`]),
  );
  console.log(table(lines));

  const wire = await wireSizes(photo.file);
  console.log(wire.text);

  save({ sides, photo: used, rounds: ROUNDS, lines, wire: wire.sizes, measured });
}

/** @param {string} option */
function numberBehind(option) {
  const place = process.argv.indexOf(option);
  if (place < 0) return undefined;
  const number = Number(process.argv[place + 1]);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} wants a whole number`);
  return number;
}

/** Adds to build/bench.json. */
function save(/** @type {object} */ results) {
  mkdirSync(build, { recursive: true });
  const file = join(build, 'bench.json');
  Object.assign(document, results);
  writeFileSync(file, JSON.stringify(document, null, 1));
  console.log(`All rounds: ${file}`);
}

/** A portrait of 947×1280 where ../shared is there, else the group photo. */
function portrait() {
  const path = 'data/deepface-pairs/img1.jpg';
  if (existsSync(join(shared, path))) return { name: 'A portrait', url: `/photos/${path}`, file: join(shared, path) };
  return group;
}

/** A gallery of the kind that the page has: for the same embedder. */
async function writeGallery() {
  const { embedder } = JSON.parse(await readFile(join(dist, 'gallery/gallery.json'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'doppel-bench-'));
  const files = syntheticGallery({ count: PEOPLE, dimension: embedder.dimension, embedder });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
  return { gallery: folder, dimension: embedder.dimension };
}

function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}
