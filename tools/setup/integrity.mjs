/**
 * Notes in index.html the sha256 of each file of the page, so that browsers run only what was built together: an
 * `integrity` for what the page names itself, one line for what its scripts ask for (web/own-files.js). boot.js, which says
 * what of them has not arrived, goes into the page itself, under its sha256 in the policy.
 */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAMED = ['style.css', 'ahead.js', 'app.js'];
const ASKED_FOR = ['engine-worker.js', 'doppel.wasm', 'relaxed/doppel.wasm'];

/** @param {string} folder */
export function noteIntegrity(folder) {
  const integrity = (/** @type {string} */ file) => `sha256-${createHash('sha256').update(readFileSync(join(folder, file))).digest('base64')}`;
  const path = join(folder, 'index.html');
  let page = readFileSync(path, 'utf8');
  const put = (/** @type {string} */ before, /** @type {string} */ after) => {
    if (!page.includes(before)) throw new Error(`index.html has no ${before}.`);
    page = page.replace(before, () => after);
  };
  for (const file of NAMED) {
    const name = file.endsWith('.css') ? `href="${file}"` : `src="${file}"`;
    put(name, `${name} integrity="${integrity(file)}"`);
  }
  const boot = join(folder, 'boot.js');
  put("script-src 'self'", `script-src 'self' '${integrity('boot.js')}'`);
  put('<script src="boot.js"></script>', `<script>${readFileSync(boot, 'utf8')}</script>`);
  rmSync(boot);
  const noted = JSON.stringify(Object.fromEntries(ASKED_FOR.map((file) => [file, integrity(file)])));
  put('<meta name="viewport"', `<meta name="doppel-integrity" content='${noted}'>\n  <meta name="viewport"`);
  writeFileSync(path, page);
}
