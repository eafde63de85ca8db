/**
 * From a photo's file to its match, on the page in headless Chromium: portraits of 0.06 to 48 megapixels, beside the
 * browser's own full decode of the same file (createImageBitmap) and, with --against COMMIT, beside the page of that commit.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, dist } from '../tests/places.mjs';
import { open } from '../tests/web/engines.mjs';
import { openSite } from '../tests/web/site.mjs';
import { PACKERS } from '../tools/setup/precompress.mjs';
import { distAt } from './against.mjs';
import { loadNow, machine } from './machine.mjs';
import { madePhotos } from './photos.mjs';
import { aligned } from './report.mjs';
import { interleaved } from './rounds.mjs';
import { compared, spread } from './statistics.mjs';

/** What a run must reach (ours against theirs, of the medians; bytes). */
const GOALS = { faster12: 3, faster48: 5, ofBrowser12: 0.3, previewMs: 10, heap12: 48, heap48: 96, moduleKb: 90 };
const MIB = 2 ** 20;
const WAIT = 60_000;

/** @typedef {import('./photos.mjs').Made} Made */
/** @typedef {{give: (photo: Made) => Promise<number>, times: () => Promise<Record<string, number>>, close: () => Promise<void>}} Visit */

/** @param {{rounds: number, against?: string, megapixels?: number[]}} options megapixels: all sizes unless given */
export async function photoCosts({ rounds, against, megapixels }) {
  const pages = { ours: dist, ...(against ? { theirs: distAt(against) } : {}) };
  const all = await madePhotos();
  const photos = all.filter((photo) => megapixels?.includes(photo.megapixels) ?? true);
  const chromium = await open('chromium');
  const browser = chromium.native.context().browser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const host = await openSite({ '/photos/': join(build, 'bench/photos'), '/': build }, { change: { 'index.html': () => '<!doctype html>' } });
  /** @type {Record<string, string>} */
  const faults = {};
  /** Milliseconds in the engine, by file of ours. @type {Record<string, Record<string, number>[]>} */
  const inside = {};
  try {
    /** @type {Record<string, Visit>} */
    const visits = {};
    for (const [side, folder] of Object.entries(pages)) visits[side] = await visit(context, folder);
    const bitmap = await bitmaps(context, host.origin);
    /** @type {Record<string, () => Promise<number>>} */
    const what = {};
    for (const photo of photos) {
      for (const [side, { give, times }] of Object.entries(visits))
        what[`${side}: ${photo.file}`] = async () => {
          const ms = await give(photo);
          if (side === 'ours') (inside[photo.file] ??= []).push(await times());
          return ms;
        };
      what[`browser: ${photo.file}`] = () => bitmap(photo);
    }
    const measured = await interleaved({ rounds, warmUp: 1, what, faults });
    for (const each of Object.values(visits)) await each.close();
    const heap = await heapGrowth(context, photos, all[0]);
    const modules = Object.fromEntries(Object.entries(pages).map(([side, folder]) => [side, PACKERS['.gz'](readFileSync(join(folder, 'doppel.wasm'))).length]));
    const run = { machine: { ...machine(), after: loadNow() }, browser: `Chromium ${browser.version()}`, against, rounds, photos, measured, inside, heap, modules, faults };
    const file = join(build, 'bench-photo.json');
    writeFileSync(file, JSON.stringify(run, null, 1));
    console.log(`${report(run)}\n\nAll rounds: ${file}`);
  } finally {
    await host.close();
    await chromium.close();
  }
}

/** A page that is ready and stays open. @param {any} context @param {string} folder @returns {Promise<Visit>} */
async function visit(context, folder) {
  const withoutNotice = (/** @type {Buffer} */ manifest) => JSON.stringify({ ...JSON.parse(manifest.toString()), notice: '' });
  const site = await openSite({ '/': folder, '/photos/': join(build, 'bench/photos') }, { change: { 'gallery/gallery.json': withoutNotice } });
  const page = await context.newPage();
  await page.goto(`${site.origin}/`);
  await page.waitForFunction(() => document.documentElement.dataset.engine === 'ready', undefined, { timeout: WAIT });
  await page.waitForTimeout(1000); // the warm-up
  return {
    give: (photo) => page.evaluate(matchInPage, [urlOf(photo), WAIT]),
    times: () => page.evaluate(() => JSON.parse(document.getElementById('results')?.dataset.times ?? '{}')),
    async close() {
      await page.close();
      await site.close();
    },
  };
}

const urlOf = (/** @type {Made} */ { file }) => `/photos/${encodeURIComponent(file.slice(file.lastIndexOf('/') + 1))}`;

/** Runs in the page: milliseconds from the choice of a file to the results. */
async function matchInPage(/** @type {[string, number]} */ [url, wait]) {
  const root = document.documentElement;
  if (root.dataset.photo !== 'none') document.getElementById('forget')?.click();
  const file = new File([await (await fetch(url)).arrayBuffer()], 'photo.jpg', { type: 'image/jpeg' });
  await new Promise((done) => setTimeout(done, 300));
  const input = /** @type {HTMLInputElement} */ (document.getElementById('file-input'));
  const chosen = new DataTransfer();
  chosen.items.add(file);
  const matched = new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(`no match after ${wait} ms: ${root.dataset.photo} ${document.getElementById('alert-text')?.textContent}`)), wait);
    new MutationObserver((_, observer) => {
      if (root.dataset.photo !== 'matched') return;
      observer.disconnect();
      clearTimeout(late);
      done(performance.now());
    }).observe(root, { attributes: true, attributeFilter: ['data-photo'] });
  });
  input.files = chosen.files;
  const began = performance.now();
  input.dispatchEvent(new Event('change'));
  return (await matched) - began;
}

/** The browser's own decode, in an empty page. @param {any} context @param {string} origin @returns {Promise<(photo: Made) => Promise<number>>} */
async function bitmaps(context, origin) {
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  return (photo) =>
    page.evaluate(async (/** @type {string} */ url) => {
      const file = await (await fetch(url)).blob();
      await new Promise((done) => setTimeout(done, 300));
      const began = performance.now();
      const bitmap = await createImageBitmap(file);
      const ms = performance.now() - began;
      bitmap.close();
      return ms;
    }, urlOf(photo));
}

/** MiB by which the module's memory grows for a photo of 12 and of 48 megapixels, after a small one, in a new page each. @param {any} context @param {Made[]} photos @param {Made} small */
async function heapGrowth(context, photos, small) {
  /** @type {Record<string, number>} */
  const growth = {};
  for (const photo of photos.filter(({ megapixels }) => megapixels === 12 || megapixels === 48)) {
    const page = await visit(context, dist);
    await page.give(small);
    const before = (await page.times()).heap;
    await page.give(photo);
    growth[photo.file] = ((await page.times()).heap - before) / MIB;
    await page.close();
  }
  return growth;
}

/** @typedef {{machine: import('./machine.mjs').Machine & {after: number}, browser: string, against?: string, rounds: number, photos: Made[], measured: import('./rounds.mjs').Measured, inside: Record<string, Record<string, number>[]>, heap: Record<string, number>, modules: Record<string, number>, faults: Record<string, string>}} Run */

/** @param {Run} run */
function report(run) {
  const { machine, browser, against, rounds, photos, measured, inside, heap, faults } = run;
  const of = (/** @type {string} */ side, /** @type {Made} */ { file }) => measured[`${side}: ${file}`];
  const median = (/** @type {number[] | undefined} */ values) => (values?.length ? spread(values).median.toFixed(0) : '');
  const ratio = (/** @type {string} */ side, /** @type {Made} */ photo) => ratioOf(of('ours', photo), of(side, photo));
  const engine = (/** @type {Made} */ { file }, /** @type {string} */ stage) => median(inside[file]?.slice(1).map((times) => times[stage] ?? 0));
  const rows = photos.map((photo) => [
    String(photo.megapixels), photo.kind, `${(photo.bytes / 1e6).toFixed(2)} MB`,
    median(of('ours', photo)), engine(photo, 'decode'), engine(photo, 'preview'), median(of('browser', photo)), figure(1 / ratio('browser', photo)),
    ...(against ? [median(of('theirs', photo)), figure(ratio('theirs', photo))] : []),
    heap[photo.file] === undefined ? '' : heap[photo.file].toFixed(0),
  ]);
  const titles = ['MP', 'JPEG', 'bytes', 'file to match', 'decode', 'preview', 'createImageBitmap', 'share', ...(against ? [against, 'times faster'] : []), 'heap +MiB'];
  return [
    `${browser} headless, ${machine.cpu}, ${machine.commit}, load ${machine.load.map((load) => load.toFixed(1)).join()} → ${machine.after.toFixed(1)}; medians of ${rounds} interleaved rounds, ms`,
    ...aligned([titles, ...rows], 2),
    '',
    ...aligned([['', 'reached', 'goal'], ...goalRows(run)]),
    ...Object.entries(faults).map(([who, why]) => `Left out: ${who}: ${why}`),
  ].join('\n');
}

/** The least favourable of the four kinds of JPEG counts; what was not measured is left out. @param {Run} run */
function goalRows({ photos, measured, inside, heap, modules, against }) {
  const sized = (/** @type {number} */ megapixels) => photos.filter((photo) => photo.megapixels === megapixels);
  const least = (/** @type {number} */ megapixels, /** @type {string} */ side) =>
    Math.min(...sized(megapixels).map(({ file }) => ratioOf(measured[`ours: ${file}`], measured[`${side}: ${file}`])));
  const growth = (/** @type {number} */ megapixels) => Math.max(...sized(megapixels).map(({ file }) => heap[file]));
  const preview = Math.max(...Object.values(inside).flat().map((times) => times.preview ?? 0));
  const atLeast = (/** @type {string} */ what, /** @type {number} */ value, /** @type {number} */ goal) => ({ what, value, goal: `${value >= goal ? '✓' : '✗'} ≥ ${goal}` });
  const atMost = (/** @type {string} */ what, /** @type {number} */ value, /** @type {number} */ goal) => ({ what, value, goal: `${value <= goal ? '✓' : '✗'} ≤ ${goal}` });
  const goals = [
    atLeast(`file to match at 12 MP, times faster than ${against}`, least(12, 'theirs'), GOALS.faster12),
    atLeast('the same at 48 MP', least(48, 'theirs'), GOALS.faster48),
    atMost('file to match at 12 MP, share of createImageBitmap', 1 / least(12, 'browser'), GOALS.ofBrowser12),
    atMost('preview, ms of engine time', preview, GOALS.previewMs),
    atMost('heap growth at 12 MP, MiB', growth(12), GOALS.heap12),
    atMost('heap growth at 48 MP, MiB', growth(48), GOALS.heap48),
    atMost('module growth, kB gzip', (modules.ours - modules.theirs) / 1000, GOALS.moduleKb),
  ];
  return goals.filter(({ value }) => Number.isFinite(value)).map(({ what, value, goal }) => [what, figure(value), goal]);
}

/** @param {number[] | undefined} ours @param {number[] | undefined} theirs */
const ratioOf = (ours, theirs) => (ours && theirs ? compared(ours, theirs).ratio.median : NaN);

const figure = (/** @type {number} */ value) => (Number.isNaN(value) ? '' : value.toFixed(2));
