/** `doppel build` of portraits of 12 megapixels, beside that of another commit: processor time, by turns. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../tests/places.mjs';
import { programAt } from './against.mjs';
import { layOut } from './build.mjs';
import { costsOf } from './costs.mjs';
import { machine } from './machine.mjs';
import { madePhotos } from './photos.mjs';
import { aligned } from './report.mjs';
import { compared } from './statistics.mjs';

const MEGAPIXELS = 12;
const GOAL = 3;

/** @param {{rounds: number, photos: number, against: string}} options */
export async function portraitCosts({ rounds, photos, against }) {
  const made = (await madePhotos()).filter(({ megapixels, kind }) => megapixels === MEGAPIXELS && kind.startsWith('baseline'));
  const scratch = mkdtempSync(join(tmpdir(), 'doppel-bench-'));
  try {
    const source = layOut(made.map(({ file }) => readFileSync(file)), 0, photos, join(scratch, 'portraits'));
    const sides = { ours: program, theirs: programAt(against) };
    /** @type {{ours: number[], theirs: number[]}} */
    const measured = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round++)
      for (const side of /** @type {const} */ (['ours', 'theirs'])) {
        const out = join(scratch, side);
        rmSync(`${out}.work`, { recursive: true, force: true });
        const { processorSeconds } = await costsOf(sides[side], 'build', ...source, '-o', out, '--force', '--jobs', '1', '--quiet');
        measured[side].push(processorSeconds);
      }
    const { ours, theirs, ratio } = compared(measured.ours, measured.theirs);
    const { cpu, commit } = machine();
    const row = [String(photos), ours.median.toFixed(2), theirs.median.toFixed(2), ratio.median.toFixed(2), `${ratio.median >= GOAL ? '✓' : '✗'} ≥ ${GOAL}`];
    console.log([`portraits of ${MEGAPIXELS} megapixels, ${cpu}, ${commit}; medians of ${rounds} rounds, seconds of processor time`, ...aligned([['photos', 'doppel', against, 'times faster', 'goal'], row])].join('\n'));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
