/**
 * The networks of the packaged set: converted by `doppel import` from the npm package that models/catalogue.json names,
 * after its files' sha256 were checked, into build/models with a models.json that lists them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, program, root } from './places.mjs';
import { SetupError, step } from './progress.mjs';
import { run } from './run.mjs';
import { madeFrom, sha256 } from './stamp.mjs';

/**
 * @typedef {{role: string, name: string, licence: string, convert: string, files: Record<string, string>}} CatalogueNetwork
 * @typedef {{name: string, package: string, version: string, networks: CatalogueNetwork[],
 *   demo_photos: Record<string, string>}} CatalogueSet
 * @typedef {{role: string, name: string, path: string, bytes: number, unpacked_bytes: number, sha256: string, licence: string}} ModelEntry
 */

export const models = join(build, 'models');

/** The set that comes with an npm package. @returns {CatalogueSet} */
export function packagedSet() {
  const catalogue = JSON.parse(readFileSync(join(root, 'models/catalogue.json'), 'utf8'));
  const set = catalogue.sets.find((/** @type {CatalogueSet} */ { name }) => name === 'packaged');
  if (!set) throw new SetupError('models/catalogue.json has no set that is called "packaged".');
  return set;
}

/** Fills build/models where it is not as it should be. */
export async function importNetworks() {
  const set = packagedSet();
  const source = packageOf(set);
  const inputs = sha256(JSON.stringify(set), readFileSync(program));
  await madeFrom(models, inputs, (folder) =>
    step('Converting the networks', async (progress) => {
      checkPackage(set, source);
      /** @type {ModelEntry[]} */
      const entries = [];
      for (const network of set.networks) {
        progress(network.name);
        checkFiles(set, network.files);
        const made = join(folder, 'made.safetensors');
        await run(program, ['import', join(source, network.convert), '-o', made], { why: `${network.name} cannot be converted` });
        const hash = sha256(readFileSync(made));
        const path = `${network.name}.${hash.slice(0, 8)}.safetensors`;
        renameSync(made, join(folder, path));
        const bytes = statSync(join(folder, path)).size;
        const { role, name, licence } = network;
        entries.push({ role, name, path, bytes, unpacked_bytes: bytes, sha256: hash, licence });
      }
      writeList(folder, set.name, entries);
    }),
  );
}

/** Puts build/models, packed as the page fetches them, into `folder`. @param {string} folder */
export function packModels(folder) {
  mkdirSync(folder, { recursive: true });
  const { set, networks } = JSON.parse(readFileSync(join(models, 'models.json'), 'utf8'));
  const packed = networks.map((/** @type {ModelEntry} */ entry) => {
    const bytes = gzipSync(readFileSync(join(models, entry.path)), { level: 9 });
    const path = `${entry.path}.gz`;
    writeFileSync(join(folder, path), bytes);
    return { ...entry, path, bytes: bytes.length };
  });
  writeList(folder, set, packed);
}

/** @param {string} folder @param {string} set @param {ModelEntry[]} networks */
function writeList(folder, set, networks) {
  writeFileSync(join(folder, 'models.json'), `${JSON.stringify({ set, networks }, null, 1)}\n`);
}

/** @param {CatalogueSet} set @param {string} source */
function checkPackage(set, source) {
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  if (version !== set.version) {
    throw new SetupError(`node_modules has ${set.package} ${version}; models/catalogue.json needs ${set.version}. Run \`npm ci\`.`);
  }
}

/** Where the set's package lies. @param {CatalogueSet} set */
export function packageOf(set) {
  return join(root, 'node_modules', set.package);
}

/** @param {CatalogueSet} set @param {Record<string, string>} files path inside the package to sha256 */
export function checkFiles(set, files) {
  const source = packageOf(set);
  for (const [file, expected] of Object.entries(files)) {
    const path = join(source, file);
    if (!existsSync(path) || sha256(readFileSync(path)) !== expected) {
      throw new SetupError(`${file} of ${set.package} is not the file that models/catalogue.json pins. Run \`npm ci\`.`);
    }
  }
}
