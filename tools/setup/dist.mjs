/**
 * `npm run build`: dist/, ready for any static host: page, module, networks, gallery and nothing else. All paths are
 * relative, so that it works under any sub path. With --gallery DIR, a gallery of the host's own instead of the demo.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gallery as demoGallery } from './gallery.mjs';
import { packModels } from './networks.mjs';
import { build, dist, root } from './places.mjs';
import { prepare } from './prepare.mjs';
import { SetupError, exitWith, megabytes, say } from './progress.mjs';

const LARGEST_FILE = 24 * 1024 * 1024; // static hosts refuse larger ones

/** Puts dist/ together anew. @param {{gallery?: string}} [options] */
export function assembleDist({ gallery = demoGallery } = {}) {
  const fresh = `${dist}.${process.pid}.partial`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    cpSync(join(root, 'web'), fresh, { recursive: true, filter: isServed });
    for (const file of ['doppel.mjs', 'doppel.wasm']) cpSync(join(build, 'wasm', file), join(fresh, file));
    packModels(join(fresh, 'models'));
    copyGallery(gallery, join(fresh, 'gallery'));
    writeFileSync(join(fresh, '.nojekyll'), ''); // GitHub Pages serves the files as they are
    refuseLargeFiles(fresh);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Notes and types stay at home. @param {string} path */
function isServed(path) {
  return !path.endsWith('.d.ts') && extname(path) !== '.md' && !/\/\.[^/]+$/.test(path);
}

/** The manifest and what it lists; reports of skipped photos stay at home. @param {string} from @param {string} to */
function copyGallery(from, to) {
  const manifestPath = join(from, 'gallery.json');
  if (!existsSync(manifestPath)) throw new SetupError(`There is no gallery.json in ${from}; make one with \`doppel build\`.`);
  const { files } = JSON.parse(readFileSync(manifestPath, 'utf8'));
  mkdirSync(to, { recursive: true });
  cpSync(manifestPath, join(to, 'gallery.json'));
  for (const { path } of Object.values(files).flat()) cpSync(join(from, path), join(to, path));
}

/** @param {string} folder */
function refuseLargeFiles(folder) {
  for (const { path, bytes } of filesIn(folder)) {
    if (bytes > LARGEST_FILE) throw new SetupError(`${relative(folder, path)} has ${megabytes(bytes)}; static hosts refuse more than 24 MiB.`);
  }
}

/** @param {string} folder @returns {{path: string, bytes: number}[]} */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [{ path, bytes: statSync(path).size }];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { gallery: { type: 'string' } } });
    await prepare();
    assembleDist(values.gallery ? { gallery: resolve(values.gallery) } : {});
    const files = filesIn(dist);
    say(`dist/ is ready: ${files.length} files, ${megabytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}.`);
  } catch (error) {
    exitWith(error);
  }
}
