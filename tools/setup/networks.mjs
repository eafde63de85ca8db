/**
 * The networks that are here: build/networks is the library of all that were imported, one file a name; build/sets/<set>
 * holds a set as `doppel` and the page take it, with a models.json; build/models leads to the set in use.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { linkTo } from './cache.mjs';
import { SETS, setNames, importOptions, mainFile, networkNamed, readCatalogue, roleOf } from './catalogue.mjs';
import { FetchError, cachedFile, fetchFile, keepFile, recentFailure } from './fetch.mjs';
import { networkDocument } from './network-file.mjs';
import { build, program, root } from './places.mjs';
import { SetupError, say, step } from './progress.mjs';
import { run } from './run.mjs';
import { madeFrom, sha256 } from './stamp.mjs';

/**
 * @typedef {import('./catalogue.mjs').Network} Network
 * @typedef {import('./catalogue.mjs').Role} Role
 * @typedef {{name: string, path: string, sha256: string}} NetworkFile path: of a .safetensors file
 * @typedef {{role: Role, name: string, path: string, bytes: number, unpacked_bytes: number, sha256: string, licence: string}} ModelEntry
 */

export const library = join(build, 'networks');
export const models = join(build, 'models');

/** @param {string} set */
export const setFolder = (set) => join(build, 'sets', set);

/** A source of a network's files is not here and cannot be had now. */
class NotToBeHad extends SetupError {}

/**
 * Makes the set in use, and with `every` also the default and the packaged one where they can be had. Says in one line which is in use.
 * @param {{every?: boolean}} [options]
 * @returns {Promise<{inUse: string, made: string[]}>}
 */
export async function makeNetworks({ every = false } = {}) {
  const wanted = process.env.DOPPEL_SET ?? '';
  if (wanted && !SETS.includes(wanted)) throw new SetupError(`DOPPEL_SET is "${wanted}"; it can be ${setNames('or')}.`);
  const first = wanted || 'recommended';
  const why = first === 'packaged' ? 'DOPPEL_SET asks for it.' : await makeOrExplain(first, wanted !== '');
  const inUse = why ? 'packaged' : first;
  const made = [inUse];
  if (inUse === 'packaged') await makeSet('packaged');
  for (const other of every ? ['recommended', 'packaged'] : []) {
    if (made.includes(other) || (other === 'recommended' && why && first === other)) continue;
    if (other === 'packaged') await makeSet(other);
    else if (await makeOrExplain(other, false)) continue;
    made.push(other);
  }
  linkTo(models, join('sets', inUse));
  const cost = inUse === 'accurate' ? ` ${await costOfAccuracy()}` : '';
  say(`Networks: the ${inUse} set (${listOf(inUse).networks.map(({ name }) => name).join(', ')}).${why ? ` ${why}` : ''}${cost}`);
  return { inUse, made };
}

/** What the accurate set costs each visitor, next to the recommended one where that can be had. */
async function costOfAccuracy() {
  const megabytes = (/** @type {string} */ set) => listOf(set).networks.reduce((sum, { unpacked_bytes: bytes }) => sum + bytes, 0) / 1e6;
  const own = megabytes('accurate');
  const other = (await makeOrExplain('recommended', false)) ? undefined : own - megabytes('recommended');
  const more = other === undefined ? '' : `, ${other.toFixed(1)} MB more than the recommended set`;
  return `Each visitor loads ${own.toFixed(1)} MB of networks${more}; models/README.md says how much longer a face takes.`;
}

/** Empty where it succeeded, else why not. @param {string} set @param {boolean} must fail where it cannot be had @returns {Promise<string>} */
async function makeOrExplain(set, must) {
  try {
    await makeSet(set);
    return '';
  } catch (error) {
    if (must || !(error instanceof NotToBeHad)) throw error;
    return `The ${set} set cannot be had: ${error.message} DOPPEL_MODELS can name a folder with its files.`;
  }
}

/** @param {string} set */
async function makeSet(set) {
  const catalogue = readCatalogue();
  /** @type {ModelEntry[]} */
  const entries = [];
  for (const name of catalogue.sets[set]) {
    const network = networkNamed(catalogue, name);
    entries.push(entryOf(await imported(network, { patientHost: false })));
  }
  await madeFrom(setFolder(set), sha256(JSON.stringify(entries)), async (folder) => {
    for (const { path } of entries) copyFileSync(join(library, path), join(folder, path));
    writeList(folder, set, entries);
  });
}

// ------------------------------------------------------------------------------------------------ the library

/**
 * A network of the catalogue as a file of the library: the one that is there, or made now.
 * @param {Network} network
 * @param {{patientHost?: boolean, unpinned?: boolean}} options patientHost: ask its address even if that failed lately
 * @returns {Promise<NetworkFile>}
 */
export async function imported(network, { patientHost = true, unpinned = false } = {}) {
  const recipe = sha256(JSON.stringify(network), readFileSync(program));
  const there = inLibrary(network.name);
  if (there && there.recipe === recipe && (mainFile(network).sha256 || !unpinned)) return there;
  const source = await sourceOf(network, { patientHost, unpinned });
  return step(`Importing ${network.name}`, () => importFile(source, importOptions(network), network.name, recipe));
}

/**
 * Runs `doppel import` and puts what comes out into the library, in place of what had that name.
 * @param {string} source @param {string[]} options @param {string} name @param {string} [recipe]
 * @returns {Promise<NetworkFile>}
 */
export async function importFile(source, options, name, recipe = '') {
  mkdirSync(library, { recursive: true });
  const made = join(library, `.${process.pid}.partial`);
  try {
    await run(program, ['import', source, ...options, '-o', made], { why: `${name} cannot be imported` });
    return intoLibrary(made, name, recipe);
  } finally {
    rmSync(made, { force: true });
  }
}

/** Moves a network file into the library. @param {string} made @param {string} name @param {string} [recipe] @returns {NetworkFile} */
export function intoLibrary(made, name, recipe = '') {
  mkdirSync(library, { recursive: true });
  const hash = sha256(readFileSync(made));
  const file = `${name}.${hash.slice(0, 8)}.safetensors`;
  for (const old of filesOf(name)) rmSync(join(library, old));
  renameSync(made, join(library, file));
  writeFileSync(recipePath(name), JSON.stringify({ recipe, file, sha256: hash }));
  return { name, path: join(library, file), sha256: hash };
}

/** @param {string} name @returns {(NetworkFile & {recipe: string}) | undefined} */
export function inLibrary(name) {
  try {
    const { recipe, file, sha256 } = JSON.parse(readFileSync(recipePath(name), 'utf8'));
    const path = join(library, file);
    return existsSync(path) ? { name, path, sha256, recipe } : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} name */
const recipePath = (name) => join(library, `.${name}.json`);

/** @param {string} name */
const filesOf = (name) => readdirSync(library).filter((file) => file.startsWith(`${name}.`) && file.endsWith('.safetensors'));

/** @returns {string[]} names of all networks in the library */
export function libraryNames() {
  if (!existsSync(library)) return [];
  return readdirSync(library).flatMap((file) => file.match(/^\.(.+)\.json$/)?.[1] ?? []);
}

// ------------------------------------------------------------------------------------------------ sources

/**
 * The file to import: from the npm package, the folder DOPPEL_MODELS, the cache, or the public address.
 * @param {Network} network @param {{patientHost: boolean, unpinned: boolean}} options @returns {Promise<string>}
 */
async function sourceOf(network, { patientHost, unpinned }) {
  const { name, sources, note = '' } = network;
  if (sources.npm) return packagedFile(sources.npm, network.files);
  const file = mainFile(network);
  const local = inFolder(sources.folder);
  if (local) return (await keepFile(local, file.sha256, file.name)).path;
  const kept = file.sha256 && cachedFile(file.sha256, file.name);
  if (kept) return kept;
  if (!sources.address)
    throw new NotToBeHad(`${name} has no public address.${note && ` ${note}`} Put ${sources.folder} into a folder and set DOPPEL_MODELS to it.`);
  if (!file.sha256 && !unpinned)
    throw new NotToBeHad(`Nobody has pinned the sha256 of ${name} yet. \`npm run models -- fetch ${name} --unpinned\` takes what ${sources.address} gives and says its sha256.`);
  return fetched(name, sources.address, file, patientHost);
}

/** @param {string} name @param {string} address @param {{name: string, sha256: string | null}} file @param {boolean} patientHost */
async function fetched(name, address, file, patientHost) {
  const failed = patientHost ? undefined : recentFailure(address);
  if (failed) throw new NotToBeHad(`${failed} (Tried less than an hour ago; \`npm run models -- fetch ${name}\` tries again.)`);
  const result = await step(`Fetching ${name}`, (progress) =>
    fetchFile(address, { ...file, progress }).catch((error) => {
      if (error instanceof FetchError) return error; // not this step's failure: there may be another way
      throw error;
    }),
  );
  if (result instanceof FetchError) throw new NotToBeHad(result.message);
  if (!file.sha256) say(`${name} was taken without a check. Its sha256 is ${result.sha256}.`);
  return result.path;
}

/** A file of the folder DOPPEL_MODELS. @param {string | undefined} file @returns {string | undefined} */
function inFolder(file) {
  const folder = process.env.DOPPEL_MODELS;
  if (!folder || !file) return undefined;
  if (!existsSync(folder)) throw new SetupError(`DOPPEL_MODELS is ${folder}, and there is no such folder.`);
  const path = join(folder, file);
  return existsSync(path) ? path : undefined;
}

/**
 * Checks all files of a package that are named, and gives the path of the first.
 * @param {{package: string, version: string}} source @param {Record<string, string | null>} files path in the package to sha256
 */
export function packagedFile(source, files) {
  const folder = join(root, 'node_modules', source.package);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (version !== source.version)
    throw new SetupError(`node_modules has ${source.package} ${version}; models/catalogue.json needs ${source.version}. Run \`npm ci\`.`);
  const paths = Object.entries(files).map(([file, expected]) => {
    const path = join(folder, file);
    if (!existsSync(path) || sha256(readFileSync(path)) !== expected)
      throw new SetupError(`${file} of ${source.package} is not the file that models/catalogue.json pins. Run \`npm ci\`.`);
    return path;
  });
  return paths[0];
}

// ------------------------------------------------------------------------------------------------ lists and dist/

/** The list of a set. @param {string} set @returns {{set: string, networks: ModelEntry[]}} */
export function listOf(set) {
  return JSON.parse(readFileSync(join(setFolder(set), 'models.json'), 'utf8'));
}

/** Sets that have been made. */
export const setsMade = () => SETS.filter((set) => existsSync(join(setFolder(set), 'models.json')));

/**
 * The networks that a gallery was made with, wherever they lie.
 * @param {{embedder: {name: string, sha256: string}, detector?: {name: string, sha256: string}[]}} manifest
 * @returns {{set: string, files: NetworkFile[]}} set: the one that they are, or "own"
 */
export function networksOfGallery({ embedder, detector }) {
  const wanted = [...(detector ?? []), embedder];
  const files = wanted.map(({ name, sha256: hash }) => {
    const path = findNetwork(hash);
    if (path) return { name, path, sha256: hash };
    throw new SetupError(
      `The gallery was made with the network ${name} (sha256 ${hash.slice(0, 8)}…), which is not here. ` +
        `\`npm run models -- fetch ${name}\` or \`… add FILE\` brings it; if it was imported anew since, build the gallery again.`,
    );
  });
  const hashes = wanted.map((network) => network.sha256).sort().join();
  const set = setsMade().find((name) => listOf(name).networks.map((entry) => entry.sha256).sort().join() === hashes);
  return { set: set ?? 'own', files };
}

/**
 * Brings the networks of a gallery that are in the catalogue and not here: a gallery may be made on one machine and
 * hosted from another. What comes must turn out to be the very same file, so it needs no other check.
 * @param {{embedder: {name: string, sha256: string}, detector?: {name: string, sha256: string}[]}} manifest
 */
export async function bringNetworksOf({ embedder, detector }) {
  const { networks } = readCatalogue();
  for (const { name, sha256: hash } of [...(detector ?? []), embedder]) {
    const known = networks.find((network) => network.name === name);
    if (known && !inLibrary(name) && !findNetwork(hash)) await imported(known, { unpinned: true });
  }
}

/** @param {string} hash @returns {string | undefined} */
function findNetwork(hash) {
  for (const folder of [...SETS.map(setFolder), library]) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const file = names.find((name) => name.endsWith(`.${hash.slice(0, 8)}.safetensors`));
    if (file && sha256(readFileSync(join(folder, file))) === hash) return join(folder, file);
  }
  return undefined;
}

/** Puts networks, packed as the page fetches them, into `folder`. @param {string} folder @param {string} set @param {NetworkFile[]} files */
export function packNetworks(folder, set, files) {
  mkdirSync(folder, { recursive: true });
  const entries = files.map((file) => {
    const entry = entryOf(file);
    const packed = gzipped(readFileSync(file.path));
    const path = `${entry.path}.gz`;
    writeFileSync(join(folder, path), packed);
    return { ...entry, path, bytes: packed.length };
  });
  writeList(folder, set, entries);
}

/** Weights are nearly noise: some lose more where only long repetitions count, and others where all do. @param {Buffer} bytes */
function gzipped(bytes) {
  const ways = [constants.Z_DEFAULT_STRATEGY, constants.Z_FILTERED].map((strategy) => gzipSync(bytes, { level: 9, strategy }));
  return ways.sort((one, other) => one.length - other.length)[0];
}

/** A network file's line in models.json. @param {NetworkFile} file @returns {ModelEntry} */
function entryOf({ path, sha256 }) {
  const { name, task, licence } = networkDocument(path);
  const known = readCatalogue().networks.find((network) => network.name === name);
  const bytes = statSync(path).size;
  return {
    role: roleOf({ task, role: known?.role }),
    name,
    path: `${name}.${sha256.slice(0, 8)}.safetensors`,
    bytes,
    unpacked_bytes: bytes,
    sha256,
    licence,
  };
}

/** @param {string} folder @param {string} set @param {ModelEntry[]} networks */
function writeList(folder, set, networks) {
  writeFileSync(join(folder, 'models.json'), `${JSON.stringify({ set, networks }, null, 1)}\n`);
}
