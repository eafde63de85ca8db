/**
 * The page's modules as two files, each with all that it imports, so that a visit begins with few requests: app.js, and
 * ahead.js, which app.js finds loaded already. The worker's modules and Emscripten's script become one classic script, as a
 * worker that is made from a Blob can import nothing. Nothing is shortened: what is hosted can be read like what lies in web/.
 */
import { readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url); // what npm installs is not here yet when set-up begins
const PAGE = ['ahead.js', 'app.js'];
const WORKER = { source: 'worker.js', file: 'engine-worker.js' };

/** Writes all three and takes away what is in them now. @param {string} folder a copy of web/, and doppel.mjs */
export function bundlePage(folder) {
  const bundles = [...PAGE.map((file) => ({ file, ...bundleOf(folder, file) })), { file: WORKER.file, ...bundleOf(folder, WORKER.source) }];
  const modules = [...new Set(bundles.flatMap((bundle) => bundle.modules))];
  for (const { file, text } of bundles) writeFileSync(join(folder, file), text);
  for (const module of modules) if (!PAGE.includes(module)) rmSync(join(folder, module));
  for (const room of new Set(modules.map(dirname))) if (!readdirSync(join(folder, room)).length) rmdirSync(join(folder, room));
}

/** @param {string} folder @param {string} entry @returns {{text: string, modules: string[]}} modules: paths of all that is in it */
function bundleOf(folder, entry) {
  const { outputFiles, metafile } = require('esbuild').buildSync({
    absWorkingDir: folder,
    entryPoints: [entry],
    bundle: true,
    external: ['./ahead.js', 'module'], // one bundle of ours, and what Emscripten's script asks node for
    format: 'esm', // without imports and exports, a classic script
    ...(entry === WORKER.source ? { define: { 'import.meta.url': 'self.location.href' }, banner: { js: "'use strict';" } } : {}),
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  return { text: outputFiles[0].text, modules: Object.keys(metafile.inputs) };
}
