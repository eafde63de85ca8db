/**
 * models/catalogue.json: what networks there are, where they come from, and what has to be said to import them. Read
 * here and checked against the form that is written down here; every violation is a sentence. Nothing is fetched here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { SetupError } from './progress.mjs';

/**
 * @typedef {'detector' | 'landmarks' | 'embedder'} Task
 * @typedef {'quick' | 'thorough' | 'landmarks' | 'embedder'} Role what the page uses it for
 * @typedef {object} Sources where its files can be had, in any of three ways
 * @property {{package: string, version: string}} [npm] an installed npm package; the names of `files` are paths in it
 * @property {string} [address] of the one file, for everybody
 * @property {string} [folder] the name that the one file has in the folder DOPPEL_MODELS
 * @typedef {object} Network
 * @property {string} name as files and `--detector`, `--embedder` call it
 * @property {string} title as people call it
 * @property {Task} task
 * @property {'thorough'} [role] a detector that looks only where the quick one is not certain
 * @property {'detector:yunet' | 'detector:scrfd' | 'embedder' | 'faceapi'} as what `doppel import` takes it for
 * @property {Record<string, string | null>} files each with its sha256, or null where nobody has pinned it yet; the first
 *   is the one that is imported
 * @property {Sources} sources
 * @property {string} licence of the weights
 * @property {boolean} commercial whether the licence allows commercial use; what does not is never a default
 * @property {string} [note] what else one should know
 * @property {{width: number, height: number, order: 'rgb' | 'bgr', mean: number[], scale: number[]}} input the network
 *   sees (pixel − mean) · scale
 * @property {'arcface' | 'dlib' | 'box' | number[][]} [template] of an embedder: where its five points go, or the box alone
 * @property {number} [threshold] an embedder's cosine from which on two faces are called the same; a detector's score,
 *   without which the importer's own holds
 * @property {'f32' | 'f16' | 'int8'} [weights] the form to store them in; without it, the one they have
 * @property {'float' | 'int8'} [arithmetic] what the network is run in; without it, float
 * @property {string} citation
 * @typedef {{format: 2, sets: Record<string, string[]>, networks: Network[],
 *   demo_photos: {package: string, version: string, files: Record<string, string>}}} Catalogue
 */

/**
 * The sets that set-up knows: the default, the one that takes its place where that cannot be had, and the one with the
 * larger embedder, which a host chooses.
 */
export const SETS = ['recommended', 'packaged', 'accurate'];

/** "a, b or c" @param {'and' | 'or'} word */
export const setNames = (word) => new Intl.ListFormat('en-GB', { type: word === 'or' ? 'disjunction' : 'conjunction' }).format(SETS);

/** The catalogue, checked. DOPPEL_CATALOGUE names another file, for trying one out. @returns {Catalogue} */
export function readCatalogue(path = process.env.DOPPEL_CATALOGUE || join(root, 'models/catalogue.json')) {
  /** @type {any} */
  let catalogue;
  try {
    catalogue = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SetupError(`The catalogue ${path} cannot be read: ${/** @type {Error} */ (error).message}.`);
  }
  const problems = violations(catalogue);
  if (problems.length) throw new SetupError(`The catalogue ${path} is not as it should be:\n  ${problems.join('\n  ')}`);
  return catalogue;
}

/** @param {Catalogue} catalogue @param {string} name @returns {Network} */
export function networkNamed(catalogue, name) {
  const network = catalogue.networks.find((each) => each.name === name);
  if (network) return network;
  const names = catalogue.networks.map((each) => each.name).join(', ');
  throw new SetupError(`There is no network "${name}" in the catalogue. There are ${names}.`);
}

/** @param {{task: Task, role?: string}} network @returns {Role} */
export const roleOf = ({ task, role }) => (task === 'detector' ? (role === 'thorough' ? 'thorough' : 'quick') : task);

/** The file that is imported, and its sha256. @param {Network} network */
export function mainFile({ files }) {
  const [name, sha256] = Object.entries(files)[0];
  return { name, sha256 };
}

/**
 * What the catalogue says about importing a network, as options of `doppel import`.
 * @param {Network} network @returns {string[]}
 */
export function importOptions({ name, as, licence, input, template, threshold, weights, arithmetic, sources }) {
  if (as === 'faceapi') return [];
  const options = ['--as', as, '--name', name, '--size', `${input.width}x${input.height}`, '--order', input.order];
  options.push('--mean', input.mean.join(), '--scale', input.scale.join(), '--licence', licence);
  if (template) options.push('--template', Array.isArray(template) ? template.map((point) => point.join()).join(';') : template);
  if (threshold !== undefined) options.push('--threshold', String(threshold));
  if (weights) options.push('--weights', weights);
  if (arithmetic) options.push('--arithmetic', arithmetic);
  if (sources.address) options.push('--source', sources.address);
  return options;
}

// ------------------------------------------------------------------------------------------------ the form

/** @typedef {(value: any) => string | undefined} Rule what is wrong with a value, as the end of a sentence */

const text = (/** @type {any} */ value) => (typeof value === 'string' && value.trim() ? undefined : 'must be a text');
const boolean = (/** @type {any} */ value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const oneOf = (/** @type {string[]} */ ...words) => (/** @type {any} */ value) =>
  words.includes(value) ? undefined : `must be one of ${words.join(', ')}`;
const side = (/** @type {any} */ value) =>
  Number.isInteger(value) && value >= 8 && value <= 4096 ? undefined : 'must be a number of pixels from 8 to 4096';
const three = (/** @type {any} */ value) =>
  Array.isArray(value) && value.length === 3 && value.every(Number.isFinite) ? undefined : 'must be three numbers';
const share = (/** @type {any} */ value) =>
  typeof value === 'number' && value > 0 && value < 1 ? undefined : 'must be a number between 0 and 1';
const isSha256 = (/** @type {any} */ value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** A name that can be part of a file's name and of a list with commas. @type {Rule} */
const plainName = (value) =>
  typeof value === 'string' && /^[a-z0-9][a-z0-9_-]{0,62}$/.test(value) ? undefined : 'must be small letters, digits, _ and -';

/** @type {Rule} */
const template = (value) => {
  const points = Array.isArray(value) && value.length === 5 && value.every((point) => point?.length === 2 && point.every(Number.isFinite));
  return points || ['arcface', 'dlib', 'box'].includes(value) ? undefined : 'must be arcface, dlib, box or five points';
};

/** @type {Rule} */
const address = (value) => {
  if (typeof value !== 'string' || !URL.canParse(value)) return 'must be an address';
  const { protocol, hostname } = new URL(value);
  const here = hostname === 'localhost' || hostname === '127.0.0.1';
  return protocol === 'https:' || (protocol === 'http:' && here) ? undefined : 'must begin with https://';
};

/** @type {Rule} */
const fileName = (value) =>
  typeof value === 'string' && /^[^/\\]+$/.test(value) && !value.startsWith('.') ? undefined : 'must be the name of a file, without a folder';

/** @type {Rule} */
const pathInside = (value) =>
  typeof value === 'string' && value.split('/').every((part) => part && part !== '..' && part !== '.') ? undefined : 'must be a path inside the package';

const NPM = { needs: { package: text, version: text } };
const INPUT = { needs: { width: side, height: side, order: oneOf('rgb', 'bgr'), mean: three, scale: three } };
const NETWORK = {
  needs: {
    name: plainName,
    title: text,
    task: oneOf('detector', 'landmarks', 'embedder'),
    as: oneOf('detector:yunet', 'detector:scrfd', 'embedder', 'faceapi'),
    files: mustBeObject,
    sources: mustBeObject,
    licence: text,
    commercial: boolean,
    input: mustBeObject,
    citation: text,
  },
  may: { role: oneOf('thorough'), note: text, template, threshold: share, weights: oneOf('f32', 'f16', 'int8'), arithmetic: oneOf('float', 'int8') },
};

/** Sentences about all that is wrong with a catalogue; none where it is as it should be. @param {any} catalogue */
export function violations(catalogue) {
  /** @type {string[]} */
  const found = [];
  if (mustBeObject(catalogue)) return ['The catalogue must be an object.'];
  if (catalogue.format !== 2) found.push(`The format is ${JSON.stringify(catalogue.format)}; this program reads format 2.`);
  for (const key of Object.keys(catalogue))
    if (!['format', 'sets', 'networks', 'demo_photos'].includes(key)) found.push(`The catalogue has "${key}", which is no part of the form.`);
  if (!Array.isArray(catalogue.networks)) return [...found, 'The catalogue has no list "networks".'];
  catalogue.networks.forEach((/** @type {any} */ network, /** @type {number} */ i) => {
    const who = typeof network?.name === 'string' ? `The network "${network.name}"` : `Network ${i + 1}`;
    found.push(...networkViolations(network, who));
  });
  const networksAreFine = found.length === 0;
  const names = catalogue.networks.map((/** @type {any} */ network) => network?.name);
  for (const name of new Set(names.filter((/** @type {string} */ name, /** @type {number} */ i) => names.indexOf(name) !== i)))
    found.push(`There are two networks with the name "${name}".`);
  if (networksAreFine) found.push(...setViolations(catalogue));
  return [...found, ...demoViolations(catalogue.demo_photos)];
}

/** @param {any} network @param {string} who */
function networkViolations(network, who) {
  const found = formViolations(network, NETWORK, who);
  if (found.length) return found;
  found.push(...formViolations(network.input, INPUT, `${who}, input,`));
  const { task, as, role } = network;
  const expected = as.startsWith('detector') ? 'detector' : as === 'embedder' ? 'embedder' : task;
  if (task !== expected) found.push(`${who} has the task ${task}, but is imported as ${as}.`);
  if (role && task !== 'detector') found.push(`${who} has the role ${role}, which only a detector can have.`);
  if (task === 'embedder' && network.template === undefined) found.push(`${who} is an embedder and needs a template.`);
  if (task === 'embedder' && network.threshold === undefined) found.push(`${who} is an embedder and needs a threshold.`);
  if (task !== 'embedder' && network.template !== undefined) found.push(`${who} has a template, which only an embedder needs.`);
  return [...found, ...fileViolations(network, who)];
}

/** @param {any} network @param {string} who */
function fileViolations({ files, sources }, who) {
  const found = formViolations(sources, { needs: {}, may: { npm: mustBeObject, address, folder: fileName } }, `${who}, sources,`);
  const names = Object.keys(files);
  if (names.length === 0) found.push(`${who} lists no files.`);
  if (Object.keys(sources).length === 0) found.push(`${who} has no source: npm, address or folder.`);
  if (sources.npm) found.push(...formViolations(sources.npm, NPM, `${who}, sources.npm,`));
  if (names.length > 1 && (sources.address || sources.folder))
    found.push(`${who} has ${names.length} files; an address or a folder can give only one.`);
  for (const [name, sha256] of Object.entries(files)) {
    const wrong = (sources.npm ? pathInside : fileName)(name);
    if (wrong) found.push(`${who} lists the file "${name}", which ${wrong}.`);
    const open = sha256 === null && !sources.npm;
    if (!isSha256(sha256) && !open)
      found.push(`${who} gives ${name} the sha256 ${JSON.stringify(sha256)}; it must be 64 hex digits${sources.npm ? '' : ', or null until it is known'}.`);
  }
  return found;
}

/** @param {any} catalogue */
function setViolations({ sets, networks }) {
  if (mustBeObject(sets)) return ['The catalogue has no object "sets".'];
  const found = Object.keys(sets).filter((name) => !SETS.includes(name)).map((name) => `There is a set "${name}"; set-up knows ${setNames('and')}.`);
  for (const set of SETS) {
    if (!Array.isArray(sets[set])) {
      found.push(`The set "${set}" is missing.`);
      continue;
    }
    /** @type {any[]} */
    const members = sets[set].map((/** @type {string} */ name) => networks.find((/** @type {any} */ network) => network?.name === name));
    members.forEach((network, i) => {
      if (!network) found.push(`The set "${set}" names "${sets[set][i]}", which is no network of the catalogue.`);
      else if (!network.commercial) found.push(`The set "${set}" names "${network.name}", whose licence forbids commercial use; such a network is never a default.`);
      else if (Object.values(network.files ?? {}).includes(null)) found.push(`The set "${set}" names "${network.name}", whose sha256 is not pinned.`);
    });
    const embedders = members.filter((network) => network?.task === 'embedder').length;
    if (embedders !== 1) found.push(`The set "${set}" has ${embedders} embedders; it needs one.`);
    if (!members.some((network) => network?.task === 'detector' && !network.role)) found.push(`The set "${set}" has no quick detector.`);
  }
  return found;
}

/** @param {any} photos */
function demoViolations(photos) {
  const found = formViolations(photos, { needs: { package: text, version: text, files: mustBeObject } }, 'The list of demo photos');
  if (found.length) return found;
  return Object.entries(photos.files)
    .filter(([path, sha256]) => pathInside(path) || !isSha256(sha256))
    .map(([path]) => `The demo photo "${path}" needs a path inside the package and a sha256 of 64 hex digits.`);
}

/**
 * @param {any} object @param {{needs: Record<string, Rule>, may?: Record<string, Rule>}} form @param {string} who
 * @returns {string[]}
 */
function formViolations(object, { needs, may = {} }, who) {
  if (mustBeObject(object)) return [`${who} must be an object.`];
  const found = [];
  for (const [key, rule] of Object.entries(needs)) {
    const wrong = object[key] === undefined ? 'is missing' : rule(object[key]);
    if (wrong) found.push(`${who} ${wrong === 'is missing' ? `has no "${key}"` : `has a "${key}" that ${wrong}`}.`);
  }
  for (const [key, value] of Object.entries(object)) {
    if (key in needs) continue;
    const wrong = may[key]?.(value);
    if (!(key in may)) found.push(`${who} has "${key}", which is no part of the form.`);
    else if (wrong) found.push(`${who} has a "${key}" that ${wrong}.`);
  }
  return found;
}

/** A rule by its words, a test by its value: undefined for an object. @param {any} value @returns {string | undefined} */
function mustBeObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? undefined : 'must be an object';
}
