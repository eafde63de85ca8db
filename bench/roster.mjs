/**
 * What many rows cost a build: planning alone, with an empty folder of photos, and all of it over 60 portraits; and how soon
 * a build ends at SIGTERM. Processor time counts all threads; memory is the peak, with and without files that are mapped.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../tests/places.mjs';
import { signalledWhen, stagesOf } from '../tests/tool/signals.mjs';
import { cutFaces } from './build.mjs';
import { costsOf } from './costs.mjs';

const PHOTOS = 60;

/** @param {number} [rows] */
export async function rosterCosts(rows = 100_000) {
  const scratch = mkdtempSync(join(tmpdir(), 'doppel-bench-'));
  try {
    const faces = await cutFaces(scratch);
    const photos = join(scratch, 'photos'), empty = join(scratch, 'empty'), roster = join(scratch, 'roster.csv');
    for (const folder of [photos, empty]) mkdirSync(folder);
    for (let i = 0; i < PHOTOS; i++) writeFileSync(join(photos, `${i}.jpg`), faces[i % faces.length]);
    writeFileSync(join(empty, '0.jpg'), faces[0]);
    const lines = Array.from({ length: rows }, (_, i) => `${i},Person ${i},${i % PHOTOS}.jpg,${['captain', 'officer', 'chief'][i % 3]},Ohio\n`);
    writeFileSync(roster, `id,name,photo,rank,state\n${lines.join('')}`);
    const row = (/** @type {string} */ what, /** @type {import('./costs.mjs').Costs} */ { seconds, processorSeconds, peak, own }) =>
      console.log(`${what.padEnd(32)} ${processorSeconds.toFixed(1).padStart(8)} s of CPU ${seconds.toFixed(1).padStart(8)} s ${Math.round(peak).toString().padStart(6)} MiB, ${Math.round(own)} MiB without mapped files`);
    console.log(`${rows.toLocaleString('en')} rows`);
    row('all but one photo missing', await costsOf(program, 'build', roster, '--photos', empty, '-o', join(scratch, 'planned'), '--quiet'));
    row(`${PHOTOS} photos`, await costsOf(program, 'build', roster, '--photos', photos, '-o', join(scratch, 'gallery'), '--quiet'));
    for (const stage of ['reading', 'planning', 'analysing', 'assembling', 'writing']) {
      const out = join(scratch, stage), reached = stagesOf(roster, out)[stage];
      let sent = 0;
      const ready = (/** @type {number} */ pid) => reached(pid) && (sent = performance.now()) > 0;
      const { code } = await signalledWhen('SIGTERM', ready, 'build', roster, '--photos', photos, '-o', out, '--quiet');
      console.log(`SIGTERM while ${stage.padEnd(12)} ${sent ? `${Math.round(performance.now() - sent)} ms, exit code ${code}` : 'came too late'}`);
      rmSync(out, { recursive: true, force: true });
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
