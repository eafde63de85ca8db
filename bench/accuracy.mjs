/**
 * What int8 costs: the labelled pairs of lfw-dev and the turned probes of deepface-pairs, with each set's embedder in float32
 * and as the page runs it. A minute of work, so it is done again only when program or networks have changed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, program, sets, shared } from '../tests/places.mjs';
import { attempt } from '../tools/setup/run.mjs';
import { madeFrom, sha256 } from '../tools/setup/stamp.mjs';

const PAIRS = join(shared, 'data/lfw-dev');
const TURNED = join(shared, 'data/deepface-pairs');

/** @typedef {{accuracy: number, auc: number, turned: number}} Figures turned: the least AUC of all angles */
/** @typedef {Record<string, {embedder: string, float: Figures, int8: Figures}>} Accuracy by set */

/** @returns {Promise<Accuracy | null>} null where the photos are not here */
export async function accuracyCosts() {
  if (!existsSync(PAIRS) || !existsSync(TURNED)) return null;
  const folder = join(build, 'bench/accuracy');
  const usable = sets().filter(({ skip }) => !skip);
  const inputs = sha256(readFileSync(program), ...usable.map(({ models }) => readFileSync(join(models, 'models.json'))));
  await madeFrom(folder, inputs, async (fresh) => {
    /** @type {Accuracy} */
    const accuracy = {};
    for (const { name, models } of usable) {
      const { networks } = JSON.parse(readFileSync(join(models, 'models.json'), 'utf8'));
      const embedder = networks.find((/** @type {{role: string}} */ { role }) => role === 'embedder').name;
      accuracy[name] = { embedder, float: await figures(models, 'float'), int8: await figures(models, 'int8') };
    }
    writeFileSync(join(fresh, 'accuracy.json'), JSON.stringify(accuracy));
  });
  return JSON.parse(readFileSync(join(folder, 'accuracy.json'), 'utf8'));
}

/** @param {string} models @param {'float' | 'int8'} arithmetic @returns {Promise<Figures>} */
async function figures(models, arithmetic) {
  const measure = async (/** @type {string} */ what, /** @type {string} */ folder) => {
    const { code, output, everything } = await attempt(program, ['eval', what, folder, '--json', '--quiet', '--models', models, '--arithmetic', arithmetic]);
    if (code !== 0) throw new Error(everything);
    return JSON.parse(output);
  };
  const pairs = await measure('pairs', PAIRS);
  const turned = await measure('turned', TURNED);
  return { accuracy: pairs.accuracy, auc: pairs.auc, turned: Math.min(...turned.angles.map((/** @type {{auc: number}} */ { auc }) => auc)) };
}
