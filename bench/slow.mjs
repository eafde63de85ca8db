/**
 * Faces on slow 4G: milliseconds from the match to the first face of its results and, from the moment the gallery is here,
 * to the faces of all ten; each visit with empty caches, the photo given at once.
 */
import { readFileSync } from 'node:fs';
import { open } from '../tests/web/engines.mjs';
import { openSite } from '../tests/web/site.mjs';
import { lfwSite } from './lfw.mjs';
import { openLine } from './line.mjs';
import { givePhoto, withoutNotice } from './start.mjs';
import { spread } from './statistics.mjs';

const SLOW_4G = { bitsPerSecond: 1.6e6, roundTrip: 150 };
const GOALS = { first: 1500, ten: 3000 };
const WAIT = 180_000;

/** @typedef {{ready: number, matched: number, first: number, ten: number}} Moments milliseconds from navigation */

/** @param {{photo: string, rounds: number}} options */
export async function slowFaces({ photo, rounds }) {
  const folder = await lfwSite('photos');
  if (!folder) return;
  const jpeg = readFileSync(photo).toString('base64');
  const site = await openSite({ '/': folder }, { change: { 'gallery/gallery.json': withoutNotice } });
  const line = await openLine(site.origin, SLOW_4G);
  const page = await open('chromium');
  const browser = page.native.context().browser();
  /** @type {Moments[]} */
  const visits = [];
  try {
    for (let round = 0; round < rounds; round++) {
      line.forget();
      visits.push(await visit(browser, `${line.origin}/`, jpeg));
      const { ready, matched, first, ten } = visits[round];
      const sum = line.sent().reduce((all, { bytes }) => all + bytes, 0);
      console.log(`  gallery here ${s(ready)}, match ${s(matched)}, first face ${s(first)}, ten faces ${s(ten)}; ${(sum / 1e6).toFixed(2)} MB`);
    }
  } finally {
    await page.close();
    await line.close();
    await site.close();
  }
  const said = (/** @type {number[]} */ values, /** @type {number} */ goal) => `${s(spread(values).median)} (${s(spread(values).least)}–${s(spread(values).most)}), at most ${s(goal)} asked`;
  console.log(`first face after the match: ${said(visits.map(({ first, matched }) => first - matched), GOALS.first)}`);
  console.log(`ten faces after the gallery is here: ${said(visits.map(({ ten, ready }) => ten - ready), GOALS.ten)}`);
}

const s = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(2)} s`;

/** @param {any} browser @param {string} url @param {string} jpeg base64 @returns {Promise<Moments>} */
async function visit(browser, url, jpeg) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(givePhoto, jpeg);
    await page.addInitScript(noteMoments);
    await page.goto(url, { waitUntil: 'commit' });
    const moments = await page.waitForFunction(() => /** @type {any} */ (window).moments.ten && /** @type {any} */ (window).moments, undefined, { timeout: WAIT, polling: 100 });
    return await moments.jsonValue();
  } finally {
    await context.close();
  }
}

/** Runs in the page before its own scripts. */
function noteMoments() {
  /** @type {any} */
  const moments = ((/** @type {any} */ (window)).moments = {});
  const note = () => {
    const { engine, photo } = document.documentElement?.dataset ?? {};
    const faces = document.querySelectorAll('match-card:not(.waiting, .no-portrait)').length;
    if (engine === 'ready') moments.ready ??= performance.now();
    if (photo === 'matched' && document.querySelector('match-card')) moments.matched ??= performance.now();
    if (faces > 0) moments.first ??= performance.now();
    if (faces >= 10) moments.ten ??= performance.now();
  };
  new MutationObserver(note).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-photo', 'data-engine', 'class'] });
}
