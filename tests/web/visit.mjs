/**
 * Statements about the page, each made in every engine: a visit opens the hosted page under a sub path, and the verbs
 * below are what a visitor does and sees.
 */
import assert from 'node:assert/strict';
import * as runner from 'node:test';
import { dist } from '../places.mjs';
import { engines, missing, open, run, until } from './engines.mjs';
import { openSite } from './site.mjs';

/** @typedef {import('./engines.mjs').Page} Page */
/** @typedef {Awaited<ReturnType<typeof openSite>>} Site */
/** @typedef {Parameters<typeof openSite>[1] & {folder?: string, gallery?: string, started?: boolean, loads?: boolean}} SiteOptions started: false where the page's script may never run; loads: false where the page may never have all its files; folder: what is hosted, instead of dist/; gallery: another one in it */
/** @typedef {(options?: SiteOptions) => Promise<{page: Page, site: Site, mounts: Record<string, string>}>} Visit */

export const SUBPATH = '/some/where/doppel/';
export const GALLERY = `${SUBPATH}gallery/`;

/** Where the last visit was. @type {Page} */
let visited;

/**
 * Runs the same statements in each engine, with one browser for all of them and a host of its own for each.
 * @param {string} title
 * @param {(visit: Visit, engine: string) => void} statements
 * @param {{only?: string[], options?: () => Promise<import('./engines.mjs').Options>}} [settings]
 */
export function inEachEngine(title, statements, { only, options } = {}) {
  for (const engine of engines.filter((name) => !only || only.includes(name))) {
    const why = missing(engine);
    runner.describe(`${title} (${engine})`, { skip: why ? `SKIPPED: ${why}` : false }, () => {
      /** @type {Page} */
      let page;
      /** @type {Site[]} */
      const sites = [];
      const start = async () => void (page = await open(engine, await options?.()));
      runner.before(start);
      runner.after(() => page?.close());
      runner.afterEach(async () => {
        await page.goto('about:blank').catch(() => {}); // where the browser has died, the next visit starts another one
        for (const site of sites.splice(0)) await site.close();
      });
      statements(async (siteOptions) => {
        if (!(await answers(page))) {
          await page.close().catch(() => {});
          await start();
        }
        /** @type {Record<string, string>} */
        const mounts = { [SUBPATH]: siteOptions?.folder ?? dist };
        if (siteOptions?.gallery) mounts[GALLERY] = siteOptions.gallery;
        visited = page;
        const site = await openSite(mounts, siteOptions);
        sites.push(site);
        const address = site.origin + SUBPATH;
        if (siteOptions?.loads === false) {
          await page.goto('about:blank'); // what is asked next is not asked of the last page
          await run(page, (/** @type {string} */ url) => void setTimeout(() => (location.href = url)), address);
        } else await page.goto(address);
        if (siteOptions?.started !== false) await until(page, 'the page’s own script', () => !document.getElementById('not-started'));
        return { page, site, mounts };
      }, engine);
    });
  }
}

/**
 * A statement, as node's own `test`. Where the browser itself dies on the way (WebKitGTK's does now and then), the statement is made once more, and the report says so.
 * @param {string} what @param {[(t: import('node:test').TestContext) => any] | [import('node:test').TestOptions, (t: import('node:test').TestContext) => any]} rest
 */
export function test(what, ...rest) {
  const [options, body] = rest.length === 2 ? rest : [{}, rest[0]];
  runner.test(what, options, async (t) => {
    try {
      await body(t);
    } catch (error) {
      const reason = await blameOnBrowser(error);
      if (!reason) throw error;
      t.diagnostic(`${reason} (${String(error)}); once more.`);
      await body(t);
    }
  });
}

/** What the browser, and not the page, has done to a statement, or nothing. @param {unknown} error */
async function blameOnBrowser(error) {
  return tellsOfDeath(error) || !(await answers(visited)) ? 'The browser died' : '';
}

/** What the drivers say when a browser dies. @param {unknown} error */
const tellsOfDeath = (error) =>
  error instanceof Error && /NoSuchSession|session deleted|Could not parse script result|Target (page|crashed)|Page crashed|Session closed/.test(`${error.name} ${error.message}`);

/** @param {Page} page */
const answers = (page) => page?.evaluate('1').then(() => true, () => false);

/** For `change`: puts a script in front of all others of a document. */
export const scriptFirst = (/** @type {string} */ source) => ({
  'index.html': (/** @type {Buffer} */ bytes) =>
    bytes.toString().replace('<script', '<script src="before.js"></script><script'),
  'before.js': () => source,
});

/** For `scriptFirst`: the page's workers become those of another class. @param {string} wrap  a function of the class that there is */
export const watchingWorkers = (wrap) => `
  const { get } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, 'contentWindow');
  Object.defineProperty(HTMLIFrameElement.prototype, 'contentWindow', {
    get() {
      const realm = get.call(this);
      if (realm && !realm.isWatched) Object.assign(realm, { isWatched: true, Worker: (${wrap})(realm.Worker) });
      return realm;
    },
  });`;

/** Waits until photos can be given. */
export async function ready(/** @type {Page} */ page) {
  const state = await until(page, 'the engine', () => {
    const { engine } = document.documentElement.dataset;
    return engine !== 'loading' && `${engine} ${document.getElementById('alert-text')?.textContent}`;
  });
  assert.equal(state.split(' ')[0], 'ready', state);
}

/** Waits until the portraits that come by themselves are here. */
export const portraitsHere = (/** @type {Page} */ page) => until(page, 'the portraits', () => document.documentElement.dataset.portraits === 'here');

export const give = (/** @type {Page} */ page, /** @type {string[]} */ ...files) => page.choose('#file-input', ...files);

/** Waits until the page has done with the photo, one way or another, and says which. @returns {Promise<string>} */
export const outcome = (/** @type {Page} */ page) =>
  until(page, 'the photo', () => {
    const { photo } = document.documentElement.dataset;
    const working = !document.getElementById('work')?.hidden || photo === 'working';
    const refused = photo === 'none' && !!document.getElementById('alert')?.dataset.code; // the start page stays
    return !working && (refused ? 'failed' : photo !== 'none' && photo);
  });

/** Gives a photo and goes on to the results, as a visitor does: picks the first face of several, reads the notice. */
export async function match(/** @type {Page} */ page, /** @type {string} */ file, face = 0) {
  await give(page, file);
  return goOn(page, face);
}

/** From whatever the page asks after a photo to the results. */
export async function goOn(/** @type {Page} */ page, face = 0) {
  let state = await outcome(page);
  if (state === 'choose') {
    await page.click(`.face-mark[data-face="${face}"]`);
    await until(page, 'the choice', () => document.documentElement.dataset.photo !== 'choose');
    state = await outcome(page);
  }
  if (state === 'notice') {
    await page.click('#notice-accept');
    await until(page, 'the results', () => document.documentElement.dataset.photo !== 'notice');
    state = await outcome(page);
  }
  assert.equal(state, 'matched', await run(page, () => document.getElementById('alert-text')?.textContent));
  return cards(page);
}

/** @returns {Promise<{name: string, rank: number, similarity: number, lessAlike: number}[]>} */
export const cards = (/** @type {Page} */ page) =>
  run(page, () =>
    [...document.querySelectorAll('#matches match-card')].map((card) => {
      const { rank, similarity, lessAlike } = /** @type {HTMLElement} */ (card).dataset;
      return {
        name: card.querySelector('.match-name')?.textContent,
        rank: Number(rank),
        similarity: Number(similarity),
        lessAlike: Number(lessAlike),
      };
    }),
  );

/** Brings a result on the stage, as a press on its card does, and waits for both faces. */
export async function stage(/** @type {Page} */ page, /** @type {number} */ rank) {
  await page.click(`#matches li:nth-child(${rank}) [data-action=show]`);
  await until(page, 'both faces', () => document.getElementById('stage')?.dataset.pictures === 'probe match');
}

/** Decides about a result, as a visitor does on the stage. */
export async function decide(/** @type {Page} */ page, /** @type {number} */ rank, /** @type {string} */ verdict) {
  await stage(page, rank);
  await page.click(`#stage-verdicts [data-decision=${verdict}]`);
}

/** How the result on the stage was measured. @returns {Promise<string>} */
export const howMeasured = (/** @type {Page} */ page) => run(page, () => document.getElementById('meaning-place')?.textContent);

/** Takes the offer to keep everything for offline use, and waits until it is kept. */
export async function keepOffline(/** @type {Page} */ page) {
  await until(page, 'the offer', () => document.getElementById('offline-keep')?.hidden === false);
  await page.click('#offline-keep');
  await until(page, 'the copy', () => document.getElementById('offline-keep')?.hidden);
}

/** The problem that the page shows. @returns {Promise<{code: string, text: string, actions: string[]}>} */
export const problem = (/** @type {Page} */ page) =>
  until(page, 'a problem', () => {
    const alert = document.getElementById('alert');
    return (
      alert &&
      !alert.hidden && {
        code: alert.dataset.code,
        text: document.getElementById('alert-text')?.textContent,
        actions: [...alert.querySelectorAll('[data-action]')].map((button) => button.getAttribute('data-action')),
      }
    );
  });
