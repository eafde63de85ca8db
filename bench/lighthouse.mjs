/**
 * Lighthouse against the hosted page, with the demo and with 963 people of lfw-dev: medians of several runs on its desktop
 * and its mobile profile (slow 4G and a slow processor, both simulated), from a host that packs with gzip.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dist, root } from '../tests/places.mjs';
import { openSite } from '../tests/web/site.mjs';
import { lfwSite } from './lfw.mjs';
import { openLine } from './line.mjs';
import { spread } from './statistics.mjs';

const cli = join(root, 'bench/peers/node_modules/lighthouse/cli/index.js');
const chromium = '/usr/bin/chromium';
const flags = `--headless=new${process.getuid?.() === 0 ? ' --no-sandbox' : ''}`;
const GOALS = { desktop: 98, mobile: 90 };
const CATEGORIES = ['accessibility', 'best-practices', 'seo'];

/** @typedef {'desktop' | 'mobile'} Profile */
/** @typedef {{categories: Record<string, {score: number}>, audits: Record<string, {numericValue: number, score: number | null}>}} Report */

/** @param {{runs: number, profiles?: Profile[]}} options */
export async function lighthouse({ runs, profiles = ['desktop', 'mobile'] }) {
  if (!existsSync(cli)) return console.log('SKIPPED: Lighthouse is not installed; `npm run bench` installs it into bench/peers.');
  const people = await lfwSite('people');
  for (const [name, folder] of /** @type {[string, string][]} */ ([['demo', dist], ...(people ? [['963 people', people]] : [])])) {
    const site = await openSite({ '/': folder }, { headers: { 'cache-control': 'max-age=600' } });
    const line = await openLine(site.origin);
    try {
      for (const profile of profiles) {
        /** @type {Report[]} */
        const reports = [];
        for (let run = 0; run < runs; run++) reports.push(await reportOf(`${line.origin}/`, profile));
        console.log(`${name}, ${profile}: ${said(reports, profile)}`);
      }
    } finally {
      await line.close();
      await site.close();
    }
  }
}

/** @param {string} url @param {Profile} profile @returns {Promise<Report>} */
async function reportOf(url, profile) {
  const folder = mkdtempSync(join(tmpdir(), 'doppel-lighthouse-'));
  const file = join(folder, 'report.json');
  try {
    const options = ['--output', 'json', '--output-path', file, '--quiet', '--chrome-flags', flags, ...(profile === 'desktop' ? ['--preset', 'desktop'] : [])];
    await promisify(execFile)(process.execPath, [cli, url, ...options], { env: { ...process.env, CHROME_PATH: chromium } });
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Report[]} reports @param {Profile} profile */
function said(reports, profile) {
  const median = (/** @type {(report: Report) => number} */ of) => spread(reports.map(of)).median;
  const performance = reports.map(({ categories }) => 100 * categories.performance.score);
  const { median: middle, least, most } = spread(performance);
  const audit = (/** @type {string} */ name) => median(({ audits }) => audits[name].numericValue);
  const others = CATEGORIES.map((name) => `${name} ${median(({ categories }) => Math.round(100 * categories[name].score))}`);
  const seconds = (/** @type {string} */ name) => `${(audit(name) / 1000).toFixed(2)} s`;
  return [
    `performance ${middle.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)}; at least ${GOALS[profile]} asked)`,
    `first paint ${seconds('first-contentful-paint')}`, `largest ${seconds('largest-contentful-paint')}`,
    `blocked ${audit('total-blocking-time').toFixed(0)} ms`, `moved ${audit('cumulative-layout-shift').toFixed(3)}`, ...others,
  ].join(', ');
}
