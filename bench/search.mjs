/**
 * What a search costs against the size of the gallery, in headless Chromium on one thread: the module with simd128 beside
 * a plain float32 loop, in one worker and by turns; and how many of the ten most alike it finds among real faces.
 */
import { openWorker } from './in-worker.mjs';
import { realFaces } from './real-faces.mjs';
import { summary } from './report.mjs';

/** The last gallery of 128 numbers is beyond a million photos: searched through signatures first. */
const SIZES = [
  { dimension: 128, counts: [1_000, 10_000, 100_000, 1_000_000, 1_100_000] },
  { dimension: 512, counts: [1_000, 10_000, 100_000, 300_000] },
];
const WARM_UP = 2;
const PROBES = 500;

/**
 * What is asked of a size: times faster than the loop, milliseconds, MiB.
 * @type {Record<string, {faster?: number, ms?: number, heap?: number}>}
 */
const ASKED = {
  'real 88783 × 512': { faster: 15, heap: 400 },
  '10000 × 128': { ms: 1 },
  '1000000 × 128': { faster: 10, heap: 512 },
};
const RECALL = 0.999;

/** @typedef {{title: string, people: number, photos: number, dimension: number, line: import('./report.mjs').Line, heap: number}} Cost */

/** @param {{rounds: number}} options */
export async function searchCosts({ rounds }) {
  const real = await realFaces(PROBES);
  const worker = await openWorker('search-worker.js', real ? { '/real/': real.folder } : {});
  /** @type {Cost[]} */
  const costs = [];
  try {
    console.log(`A search for the ten most alike people, ${worker.browser}, one thread, simd128; ${rounds} rounds, ms`);
    console.log('    photos  numbers   doppel          plain loop      times faster, by round       heap');
    console.log('                      median  least   median  least   median (least – most)         MiB');
    for (const { dimension, counts } of SIZES)
      for (const people of counts) {
        await worker.call('openSynthetic', people, dimension, PROBES);
        costs.push(await costOf(worker, { title: `${people} × ${dimension}`, people, photos: people, dimension }, rounds));
      }
    if (!real) return { costs };
    const { people, photos, dimension } = await worker.call('openReal');
    costs.push(await costOf(worker, { title: `real ${photos} × ${dimension}`, people, photos, dimension }, rounds));
    const { found, of } = await worker.call('recall');
    console.log(`the last: real faces, ${photos.toLocaleString('en')} photos of ${people.toLocaleString('en')} people`);
    tell(`of the ten most alike, over ${of / 10} probes, ${found} of ${of} are found`, found / of >= RECALL, `recall@10 of ${RECALL}`);
    return { costs, recall: found / of };
  } finally {
    await worker.close();
    for (const cost of costs) judge(cost);
    console.log();
  }
}

/** @param {Awaited<ReturnType<typeof openWorker>>} worker @param {{title: string, people: number, photos: number, dimension: number}} of @param {number} rounds */
async function costOf(worker, of, rounds) {
  const ours = [];
  const theirs = [];
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const [our, their] = await worker.call('time', round);
    if (round < WARM_UP) continue;
    ours.push(our);
    theirs.push(their);
  }
  const cost = { ...of, line: summary(of.title, ours, theirs), heap: await worker.call('heap') };
  console.log(lineOf(cost));
  return cost;
}

/** @param {Cost} cost */
function lineOf({ photos, dimension, line: { ours, theirs, ratio }, heap }) {
  const ms = (/** @type {number} */ value) => value.toFixed(value < 10 ? 2 : 1).padStart(7);
  const faster = `${ratio.median.toFixed(1)} (${ratio.least.toFixed(1)} – ${ratio.most.toFixed(1)})`;
  return (
    `${photos.toLocaleString('en').padStart(10)}  ${String(dimension).padStart(7)}  ${ms(ours.median)}${ms(ours.least)}  ` +
    `${ms(theirs.median)}${ms(theirs.least)}   ${faster.padEnd(23)}  ${(heap / (1 << 20)).toFixed(0).padStart(7)}` +
    (photos > 1 << 20 ? '   signatures first' : '')
  );
}

/** @param {Cost} cost */
function judge({ title, line, heap }) {
  const { faster, ms, heap: most } = ASKED[title] ?? {};
  if (faster) tell(`${title}: ${line.ratio.median.toFixed(1)} times faster`, line.ratio.median >= faster, `at least ${faster} times`);
  if (ms) tell(`${title}: ${line.ours.median.toFixed(2)} ms`, line.ours.median <= ms, `at most ${ms} ms`);
  if (most) tell(`${title}: heap of ${(heap / (1 << 20)).toFixed(0)} MiB`, heap <= most << 20, `at most ${most} MiB`);
}

/** @param {string} what @param {boolean} reached @param {string} asked */
function tell(what, reached, asked) {
  console.log(`${reached ? '✓' : '✗'} ${what} (asked: ${asked})`);
}
