/**
 * `npm run models`: the library of networks.
 *
 *   npm run models -- list                    what the catalogue offers, and what is here
 *   npm run models -- fetch NAME [--unpinned] from its public address (or DOPPEL_MODELS, or the npm package) into the library
 *   npm run models -- add FILE [options]      a file of yours; the options are those of `doppel import`
 */
import { copyFileSync, existsSync, statSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { importOptions, networkNamed, readCatalogue } from './catalogue.mjs';
import { networkDocument } from './network-file.mjs';
import { imported, importFile, inLibrary, intoLibrary, library, libraryNames, listOf, setsMade } from './networks.mjs';
import { build, root } from './places.mjs';
import { withProgram } from './prepare.mjs';
import { SetupError, exitWith, megabytes } from './progress.mjs';

const USAGE = 'Usage: npm run models -- list | fetch NAME [--unpinned] | add FILE [options of `doppel import`]';

/** @type {Record<string, (words: string[]) => Promise<void> | void>} */
const COMMANDS = { list, fetch: fetchNetworks, add };

try {
  const [command = 'list', ...words] = process.argv.slice(2);
  if (!(command in COMMANDS)) throw new SetupError(`There is no "${command}". ${USAGE}`);
  await COMMANDS[command](words);
} catch (error) {
  exitWith(error);
}

/** @param {string[]} words */
function list(words) {
  if (words.length) throw new SetupError(USAGE);
  const { networks, sets } = readCatalogue();
  const rows = networks.map(({ name, task, licence, commercial, title }) => [name, task, stateOf(name), commercial ? 'yes' : 'NO', licence, title]);
  const own = libraryNames().filter((name) => !networks.some((network) => network.name === name));
  for (const name of own) {
    const { task, licence } = networkDocument(inLibrary(name)?.path ?? '');
    rows.push([name, task, stateOf(name), '?', licence || 'not stated', 'added by you']);
  }
  console.log(table([['name', 'task', 'here', 'commercial', 'licence', 'title'], ...rows]));
  for (const [set, names] of Object.entries(sets)) console.log(`The ${set} set${setsMade().includes(set) ? '' : ', which is not here'}: ${names.join(', ')}.`);
}

/** Its size where it is here. @param {string} name */
function stateOf(name) {
  const file = inLibrary(name);
  return file ? megabytes(statSync(file.path).size) : 'no';
}

/** @param {string[]} words */
async function fetchNetworks(words) {
  const unpinned = words.includes('--unpinned');
  const names = words.filter((word) => word !== '--unpinned');
  if (!names.length || names.some((name) => name.startsWith('-'))) throw new SetupError(`Which network? ${USAGE}`);
  const catalogue = readCatalogue();
  const networks = names.flatMap((name) => catalogue.sets[name] ?? [name]).map((name) => networkNamed(catalogue, name));
  await withProgram(async () => {
    for (const network of networks) {
      const { path } = await imported(network, { unpinned });
      console.log(`${network.name} is here: ${relative(root, path)}, ${megabytes(statSync(path).size)}. Licence: ${network.licence}.`);
      if (!network.commercial) console.log(`${network.name} may NOT be used commercially. It is never a default; whoever names it decides.`);
      if (network.note) console.log(network.note);
    }
  });
}

/** @param {string[]} words */
async function add([file, ...options]) {
  if (!file || file.startsWith('-')) throw new SetupError(`Which file? ${USAGE}`);
  if (!existsSync(file)) throw new SetupError(`There is no file ${file}.`);
  await withProgram(async () => {
    const { name, path } = await (extname(file).toLowerCase() === '.safetensors' ? takeOver(file, options) : convert(file, options));
    const { task } = networkDocument(path);
    const use = task === 'landmarks' ? '' : `: \`doppel build --${task} ${name}\``;
    console.log(`${name} is here (${relative(root, path)})${use}.`);
  });
}

/** A network that is in our form already. @param {string} file @param {string[]} options */
async function takeOver(file, options) {
  if (options.length) throw new SetupError(`${file} is a network of doppel already, so there is nothing to say about importing it: leave out ${options.join(' ')}.`);
  const { name } = networkDocument(file);
  const copy = join(build, `.${process.pid}.partial`);
  copyFileSync(file, copy);
  return intoLibrary(copy, name);
}

/** With what the catalogue says about a file of this name; what is said here wins. @param {string} file @param {string[]} options */
async function convert(file, options) {
  const known = readCatalogue().networks.find(({ sources }) => sources.folder === basename(file));
  const said = known ? importOptions(known) : [];
  const name = optionAmong(options, '--name') ?? known?.name ?? basename(file, extname(file)).toLowerCase().replaceAll(/[^a-z0-9_-]/g, '_');
  if (!known && !optionAmong(options, '--as'))
    throw new SetupError(`The catalogue does not know ${basename(file)}, so say what it is: --as embedder, --as detector:yunet or --as detector:scrfd.`);
  return importFile(file, [...said, ...options, '--name', name], name);
}

/** @param {string[]} options @param {string} name */
function optionAmong(options, name) {
  const at = options.findIndex((option) => option === name || option.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return options[at].includes('=') ? options[at].slice(name.length + 1) : options[at + 1];
}

/** @param {string[][]} rows */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n');
}
