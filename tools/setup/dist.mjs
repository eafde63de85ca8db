/**
 * `npm run build`: dist/, ready for any static host: page, module, gallery, the networks that the gallery was made with,
 * and nothing else. All paths are relative, so that it works under any sub path. With --gallery DIR, a gallery of the
 * host's own instead of the demo.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundlePage } from './bundle.mjs';
import { gallery as demoGallery, galleryOf } from './gallery.mjs';
import { licences } from './licences.mjs';
import { writeHeaders } from './headers.mjs';
import { noteIntegrity } from './integrity.mjs';
import { bringNetworksOf, networksOfGallery, packNetworks } from './networks.mjs';
import { withGallery } from './page-head.mjs';
import { build, dist, root } from './places.mjs';
import { writePackedTwins } from './precompress.mjs';
import { prepare } from './prepare.mjs';
import { SetupError, exitWith, megabytes, say } from './progress.mjs';
import { writeSbom } from './sbom.mjs';
import { writeSums } from './sums.mjs';

const LARGEST_FILE = 24 * 1024 * 1024; // static hosts refuse larger ones

/**
 * Puts dist/, or another folder like it, together anew; with `twins`, which takes a while, packed twins beside the files.
 * @param {{gallery?: string, to?: string, twins?: boolean, url?: string}} [options]
 */
export function assembleDist({ gallery = demoGallery, to = dist, twins = false, url = '' } = {}) {
  const manifest = readManifest(gallery);
  const { set, files } = networksOfGallery(manifest);
  const fresh = `${to}.${process.pid}.partial`;
  mkdirSync(dirname(to), { recursive: true });
  rmSync(fresh, { recursive: true, force: true });
  try {
    cpSync(join(root, 'web'), fresh, { recursive: true, filter: isServed });
    copyModules(fresh);
    bundlePage(fresh);
    const page = join(fresh, 'index.html');
    writeFileSync(page, withGallery(readFileSync(page, 'utf8'), manifest, url));
    noteIntegrity(fresh);
    writeHeaders(fresh);
    packNetworks(join(fresh, 'models'), set, files);
    copyGallery(gallery, manifest, join(fresh, 'gallery'));
    writeFileSync(join(fresh, 'LICENCES.txt'), licences());
    writeFileSync(join(fresh, '.nojekyll'), ''); // GitHub Pages serves the files as they are
    refuseLargeFiles(fresh);
    writeSums(fresh, filesIn(fresh).map(({ path }) => path));
    if (twins) writePackedTwins(filesIn(fresh).map(({ path }) => path));
    rmSync(to, { recursive: true, force: true });
    renameSync(fresh, to);
    writeSbom(to);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The modules with relaxed SIMD and without, and one script that starts either. @param {string} folder */
function copyModules(folder) {
  const from = (/** @type {string} */ file) => join(build, 'wasm', file);
  if (readFileSync(from('doppel.mjs'), 'utf8') !== readFileSync(from('relaxed/doppel.mjs'), 'utf8'))
    throw new SetupError('The WebAssembly modules with relaxed SIMD and without need different scripts; web/module-file.js counts on one for both.');
  for (const file of ['doppel.mjs', 'doppel.wasm', 'relaxed/doppel.wasm']) cpSync(from(file), join(folder, file));
}

/** For tests: the demo with a set that is not in use. @param {string} set */
export const distOf = (set) => join(build, 'dist', set);

/** @param {string[]} sets that were made @param {string} inUse */
export function assembleOthers(sets, inUse) {
  for (const set of sets.filter((name) => name !== inUse)) assembleDist({ gallery: galleryOf(set), to: distOf(set) });
}

/** Notes and types stay at home. @param {string} path */
function isServed(path) {
  return !path.endsWith('.d.ts') && extname(path) !== '.md' && !/\/\.[^/]+$/.test(path);
}

/** @param {string} gallery @returns {any} */
function readManifest(gallery) {
  const path = join(gallery, 'gallery.json');
  if (!existsSync(path)) throw new SetupError(`There is no gallery.json in ${gallery}; make one with \`doppel build\`.`);
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  if (!manifest.embedder?.sha256 || !manifest.files) throw new SetupError(`${path} is not a gallery's manifest; make one with \`doppel build\`.`);
  return manifest;
}

/** The manifest and what it lists; reports of skipped photos stay at home. @param {string} from @param {any} manifest @param {string} to */
function copyGallery(from, manifest, to) {
  refuseReports(from);
  mkdirSync(to, { recursive: true });
  cpSync(join(from, 'gallery.json'), join(to, 'gallery.json'));
  for (const { path } of Object.values(manifest.files).flat()) cpSync(join(from, path), join(to, path));
}

/**
 * A report shows faces that were left out. It lies beside a gallery; whoever publishes the folder of one that holds it,
 * by this way or another, publishes these faces.
 * @param {string} gallery
 */
function refuseReports(gallery) {
  const found = readdirSync(gallery).filter((name) => /^report\.(html|json|txt)$|\.(report|work)$/.test(name));
  if (found.length)
    throw new SetupError(`${gallery} holds ${found.join(', ')}, which is for you and shows faces that were left out. Move it elsewhere, then publish.`);
}

/** @param {string} folder */
function refuseLargeFiles(folder) {
  for (const { path, bytes } of filesIn(folder)) {
    if (bytes <= LARGEST_FILE) continue;
    const name = relative(folder, path);
    const way = name.startsWith('models') ? 'Choose a smaller network for the gallery' : 'Make the gallery anew with `doppel build`, which cuts its files smaller';
    throw new SetupError(`${name} has ${megabytes(bytes)}; static hosts refuse more than 24 MiB. ${way}.`);
  }
}

/** @param {string} folder @returns {{path: string, bytes: number}[]} */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [{ path, bytes: statSync(path).size }];
  });
}

const HELP = `Usage: npm run build -- [--gallery DIR] [--url ADDRESS]

Puts the page, the module, a gallery and its networks into dist/, ready for any static host.

  --gallery DIR   a gallery that \`doppel build\` made (default: the demo)
  --url ADDRESS   where the page will be, for the picture that messengers show with a link to it
  --help          this text
`;

/** @returns {{gallery?: string, url?: string, help?: boolean}} */
function options() {
  try {
    return parseArgs({ options: { gallery: { type: 'string' }, url: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const values = options();
    if (values.help) {
      process.stdout.write(HELP);
      process.exit();
    }
    const gallery = values.gallery ? resolve(values.gallery) : demoGallery;
    await prepare();
    await bringNetworksOf(readManifest(gallery));
    assembleDist({ gallery, twins: true, url: values.url });
    const files = filesIn(dist);
    say(`dist/ is ready: ${files.length} files, ${megabytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}, packed twins (.br, .gz) among them.`);
  } catch (error) {
    exitWith(error);
  }
}
