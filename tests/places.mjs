/** Where tests find what was built and what lies beside the project. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const build = process.env.DOPPEL_BUILD ?? join(root, 'build');
export const dist = process.env.DOPPEL_DIST ?? join(root, 'dist');
export const program = join(build, 'native/doppel');

/** Photos and labels that are not part of the project; a test that lacks them is skipped. */
export const shared = process.env.DOPPEL_SHARED ?? join(dirname(root), 'shared');

/** The npm package that the packaged networks and the demo gallery come from. */
export const faceApi = dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json'));
export const demoPhotos = [1, 2, 3, 4, 5, 6].map((n) => join(faceApi, `demo/sample${n}.jpg`));

/** @typedef {{name: string, models: string, gallery: string, dist: string, inUse: boolean, skip: string | boolean}} NetworkSet */

/**
 * Both sets of networks, the one in use first: `models` as `doppel --models` takes it, the demo gallery made with it, and
 * the hosted page with both. `skip` says what is missing.
 * @returns {NetworkSet[]}
 */
export function sets() {
  const list = join(build, 'models/models.json');
  const inUse = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')).set : 'packaged';
  return ['recommended', 'packaged']
    .map((name) => {
      const models = join(build, 'sets', name);
      const page = name === inUse ? dist : join(build, 'dist', name);
      return { name, models, gallery: join(build, 'galleries', name), dist: page, inUse: name === inUse, skip: lacking(models) };
    })
    .sort((one, other) => Number(other.inUse) - Number(one.inUse));
}

/** For node:test: `{skip: lacking(path)}` says what is missing, or lets the test run. */
export const lacking = (/** @type {string[]} */ ...paths) => {
  const missing = paths.filter((path) => !existsSync(path));
  return missing.length ? `SKIPPED: ${missing.join(', ')} is not here` : false;
};
