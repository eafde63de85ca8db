/**
 * The page's modules as two files, each with all that it imports, so that a visit begins with few requests: app.js, and
 * ahead.js, which app.js finds loaded already. Nothing is shortened: what is hosted can be read like what lies in web/. The
 * worker's few modules stay as they are.
 */
import { readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url); // what npm installs is not here yet when set-up begins
const PAGE = ['ahead.js', 'app.js'];
const WORKER = 'engine-worker.js';

/** Writes both anew and takes away what is in them now. @param {string} folder a copy of web/ */
export function bundlePage(folder) {
  const bundles = PAGE.map((file) => ({ file, ...bundleOf(folder, file) }));
  const modules = [...new Set(bundles.flatMap((bundle) => bundle.modules))];
  const alsoWanted = new Set([...PAGE, ...bundleOf(folder, WORKER).modules]);
  for (const { file, text } of bundles) writeFileSync(join(folder, file), text);
  for (const module of modules) if (!alsoWanted.has(module)) rmSync(join(folder, module));
  for (const room of new Set(modules.map(dirname))) if (!readdirSync(join(folder, room)).length) rmdirSync(join(folder, room));
}

/** @param {string} folder @param {string} entry @returns {{text: string, modules: string[]}} modules: paths of all that is in it */
function bundleOf(folder, entry) {
  const { outputFiles, metafile } = require('esbuild').buildSync({
    absWorkingDir: folder,
    entryPoints: [entry],
    bundle: true,
    external: ['./ahead.js', '*/doppel.mjs'], // one bundle of ours, and Emscripten's scripts, which find their modules beside themselves
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  return { text: outputFiles[0].text, modules: Object.keys(metafile.inputs) };
}
