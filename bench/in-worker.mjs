/** A worker of the bench in headless Chromium: one thread, in which both sides of a comparison run. */
import { join } from 'node:path';
import { build, root } from '../tests/places.mjs';
import { open, run } from '../tests/web/engines.mjs';
import { openSite } from '../tests/web/site.mjs';
import { isolated } from './builds.mjs';

/**
 * @param {string} worker  file in bench/
 * @param {Record<string, string>} mounts  folders beside bench/, web/ and build/wasm/ that it fetches from
 */
export async function openWorker(worker, mounts) {
  const site = await openSite({ '/': join(root, 'bench'), '/web/': join(root, 'web'), '/wasm/': join(build, 'wasm'), ...mounts }, isolated);
  const page = await open('chromium');
  try {
    await page.goto(`${site.origin}/worker.html?${worker}`);
    await run(page, async () => {
      for (let i = 0; i < 100 && !Reflect.has(window, 'call'); i++) await new Promise((done) => setTimeout(done, 100));
    });
  } catch (error) {
    await page.close();
    await site.close();
    throw error;
  }
  return {
    browser: `Chromium ${page.native.context().browser().version()}`,
    /** One of the worker's functions; numbers and texts travel as JSON. @param {string} name @param {any[]} list @returns {Promise<any>} */
    call: (name, ...list) => run(page, (/** @type {string} */ f, /** @type {any[]} */ a) => /** @type {any} */ (window).call(f, ...a), name, list),
    async close() {
      await page.close();
      await site.close();
    },
  };
}
