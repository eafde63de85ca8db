/**
 * npm run screenshots: the page as a visitor sees it, in Chromium, into build/screenshots/, for a person to look at.
 * Group photo and gallery are the demo's. With --readme it makes the README's picture instead, docs/page.png, with drawn
 * heads over every photo: the repository holds nobody's picture.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, demoPhotos, dist, root } from '../places.mjs';
import { drawOverPictures } from './drawings.mjs';
import { missing, open, run, until } from './engines.mjs';
import { openSite } from './site.mjs';
import { openPictures } from './pictures.mjs';
import { give, goOn, match, outcome, problem, ready, stage } from './visit.mjs';

const WINDOWS = {
  desktop: { width: 1280, height: 900 },
  dark: { width: 1280, height: 900, dark: true },
  phone: { width: 390, height: 844 },
  'phone-dark': { width: 390, height: 844, dark: true },
  sideways: { width: 844, height: 390 },
};

const why = missing('chromium') || (existsSync(join(dist, 'index.html')) ? '' : 'dist/ is not there; run `npm run build`');
if (why) {
  console.error(`No screenshots: ${why}.`);
  process.exit(1);
}

const forReadme = process.argv.includes('--readme');
const folder = forReadme ? join(root, 'docs') : join(build, 'screenshots');
mkdirSync(folder, { recursive: true });
const site = await openSite({ '/': dist });
const pictures = await openPictures();
try {
  const windows = forReadme ? { readme: WINDOWS.desktop } : WINDOWS;
  for (const [name, options] of Object.entries(windows)) {
    const page = await open('chromium', options);
    try {
      await (forReadme ? shootDrawn(page) : shoot(page, name));
    } finally {
      await page.close();
    }
  }
} finally {
  await site.close();
  await pictures.close();
}

async function shoot(/** @type {import('./engines.mjs').Page} */ page, /** @type {string} */ name) {
  const keep = async (/** @type {string} */ state, whole = false) => {
    await settled(page);
    const file = join(folder, `${name}-${state}.png`);
    await page.screenshot(file, { whole });
    console.log(file);
  };
  await page.goto(`${site.origin}/`);
  await ready(page);
  await keep('start');
  await give(page, await pictures.unknown());
  await problem(page);
  await keep('failed-file');
  await give(page, await pictures.noFace());
  await outcome(page);
  await keep('no-face');
  await page.click('#alert [data-action=draw]');
  await keep('drawing');
  await give(page, await pictures.crowd());
  await outcome(page);
  await keep('crowd');
  await give(page, demoPhotos[0]);
  await outcome(page);
  await keep('faces');
  await goOn(page);
  await stage(page, 1);
  await page.native.waitForTimeout(3000); // the faces have been played once
  await keep('results');
  await keep('results-whole', true);
  for (const way of ['fade', 'both']) {
    await page.click(`#stage-ways [value=${way}]`);
    await keep(`results-${way}`);
  }
  await page.click('#stage-ways [value=wipe]');
  await page.click('#stage-verdicts [data-decision=confirm]');
  await stage(page, 2);
  await page.click('#meaning summary');
  await keep('second-whole', true);
  await page.click('#stage-keep');
  await page.click('#card-face');
  await page.click('#card-name');
  await keep('card');
  await page.click('#card [name=card-shape][value=tall]');
  await keep('card-tall');
  await page.click('#card-close');
  await page.click('#decisions-open');
  await keep('decisions');
  await page.click('#decisions-close');
  await match(page, await pictures.oneFace());
  await page.native.waitForTimeout(3000);
  await keep('one-face');
}

async function shootDrawn(/** @type {import('./engines.mjs').Page} */ page) {
  await page.goto(`${site.origin}/`);
  await ready(page);
  await give(page, demoPhotos[2]);
  await outcome(page);
  await goOn(page);
  await settled(page);
  await run(page, drawOverPictures);
  const file = join(folder, 'page.png');
  await page.screenshot(file);
  console.log(file);
}

/** Fonts, portraits and transitions have come to rest. */
async function settled(/** @type {import('./engines.mjs').Page} */ page) {
  await run(page, async () => {
    await document.fonts.ready;
    await new Promise((done) => setTimeout(done, 500));
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  });
}
