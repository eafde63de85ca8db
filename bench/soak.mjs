/**
 * `npm run soak`: one visit that lasts: 1,000 photos in Chromium, 300 each in Firefox and WebKitGTK, a photo of 48
 * megapixels now and then, the tab hidden and shown, the engine at rest and back. Fails where the module's memory, the
 * browser's memory or the document grows from the second quarter of the visit to the last.
 *   npm run soak -- --photos 150 --engines chromium,firefox
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dist, demoPhotos } from '../tests/places.mjs';
import { engines, missing, open, run, until } from '../tests/web/engines.mjs';
import { openSite } from '../tests/web/site.mjs';
import { SUBPATH, give, goOn, outcome, ready, scriptFirst } from '../tests/web/visit.mjs';
import { madePhoto } from './photos.mjs';

/** @typedef {import('../tests/web/engines.mjs').Page} Page */
/** @typedef {{heap: number, memory: number, nodes: number}} Sample  bytes, bytes, elements */

const PHOTOS = { chromium: 1000, firefox: 300, webkit: 300 };
/** Every so many photos: a large one, the tab hidden and shown, the engine at rest. */
const LARGE = 25, HIDDEN = 40, REST = 60;
/** How much more the last quarter of a visit may have than the second; browsers clear up when they like. */
const GROWTH = { heap: 1, memory: 1.15, nodes: 1.02 };

const { values } = parseArgs({ options: { photos: { type: 'string' }, engines: { type: 'string' } } });
const chosen = values.engines?.split(',') ?? engines;

/** A tab can be hidden, and the engine rests after 2 s instead of 4 minutes. */
const soaked = `
  let hidden = false;
  Object.defineProperty(Document.prototype, 'hidden', { get: () => hidden });
  Object.defineProperty(Document.prototype, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  window.hideTab = (value) => { hidden = value; document.dispatchEvent(new Event('visibilitychange')); };
  const later = window.setTimeout.bind(window);
  window.setTimeout = (act, ms, ...rest) => later(act, ms === 240_000 ? 2000 : ms, ...rest);`;

/** Bytes of all processes below this one, each counted by its share of what several have. */
function memoryBelow() {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const line of execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  /** @type {(pid: number) => number[]} */
  const all = (pid) => [pid, ...(children.get(pid) ?? []).flatMap(all)];
  const share = (/** @type {number} */ pid) => {
    try {
      return 1024 * Number(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)?.[1] ?? 0);
    } catch {
      return 0; // it has ended meanwhile
    }
  };
  return (children.get(process.pid) ?? []).flatMap(all).reduce((sum, pid) => sum + share(pid), 0);
}

/** @param {Page} page @returns {Promise<Sample>} */
async function sampled(page) {
  const { heap, nodes } = await run(page, () => ({
    heap: JSON.parse(document.getElementById('results')?.dataset.times ?? '{}').heap ?? 0,
    nodes: document.querySelectorAll('*').length,
  }));
  return { heap, nodes, memory: memoryBelow() };
}

/** @param {string} engine @param {number} photos @param {string | null} large */
async function soak(engine, photos, large) {
  const site = await openSite({ [SUBPATH]: dist }, { change: scriptFirst(soaked) });
  const page = await open(engine);
  /** @type {Sample[]} */
  const samples = [];
  try {
    await page.goto(site.origin + SUBPATH);
    await ready(page);
    for (let i = 0; i < photos; i++) {
      const turn = (/** @type {number} */ every) => i % Math.max(1, Math.min(every, Math.floor(photos / 8))) === 0; // in each quarter
      if (large && turn(LARGE)) {
        await give(page, large);
        await outcome(page);
      }
      if (turn(HIDDEN)) await hideAndShow(page);
      if (turn(REST)) await new Promise((done) => setTimeout(done, 3000));
      await give(page, demoPhotos[i % demoPhotos.length]);
      await until(page, 'the work', () => document.documentElement.dataset.photo !== 'none');
      await goOn(page);
      samples.push(await sampled(page));
      if (process.stderr.isTTY) process.stderr.write(`\r${engine}: ${i + 1} of ${photos} `);
    }
  } finally {
    await page.close();
    await site.close();
  }
  return samples;
}

/** @param {Page} page */
async function hideAndShow(page) {
  for (const hidden of [true, false]) {
    await run(page, (/** @type {boolean} */ value) => /** @type {any} */ (window).hideTab(value), hidden);
    await new Promise((done) => setTimeout(done, 300));
  }
}

/** The highest of a stretch of the visit. @param {Sample[]} samples @param {keyof Sample} what @param {number} from @param {number} to */
const highest = (samples, what, from, to) => Math.max(...samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to)).map((sample) => sample[what]));

const large = existsSync('/usr/bin/cjpeg') ? await madePhoto(6000, 8000, 'baseline 4:2:0') : null;
if (!large) console.log('cjpeg is not installed (package libjpeg-turbo-progs): no large photos.');
for (const engine of chosen) {
  const why = missing(engine);
  if (why) {
    console.log(`${engine}: skipped, ${why}`);
    continue;
  }
  const photos = Number(values.photos ?? PHOTOS[/** @type {keyof typeof PHOTOS} */ (engine)]);
  const samples = await soak(engine, photos, large);
  for (const what of /** @type {const} */ (['heap', 'memory', 'nodes'])) {
    const [early, late] = [highest(samples, what, 0.25, 0.5), highest(samples, what, 0.75, 1)];
    const shown = (/** @type {number} */ value) => (what === 'nodes' ? String(value) : `${(value / 2 ** 20).toFixed(1)} MiB`);
    console.log(`${engine}, ${photos} photos: ${what} ${shown(early)} in the second quarter, ${shown(late)} in the last`);
    assert.ok(late <= early * GROWTH[what], `${what} grows in ${engine}`);
  }
}
