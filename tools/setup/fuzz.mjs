/**
 * `npm run fuzz`: runs the fuzz targets from their seeds and corpora.
 *   npm run fuzz -- decode exif --seconds 60    these targets, a minute each (default: all, 10 s each)
 *   npm run fuzz -- --merge                     what the runs found goes into tests/fuzz/corpus, as few and as small files as reach it
 *   npm run fuzz -- --coverage                  prints which lines of the sources the seeds and corpora reach
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileCoverage } from './compile.mjs';
import { build, root } from './places.mjs';
import { prepareFuzz } from './prepare.mjs';
import { SetupError, exitWith, say } from './progress.mjs';
import { attempt, run } from './run.mjs';

const corpora = join(root, 'tests/fuzz/corpus');
const LARGEST_INPUT = 4096; // of a corpus; photos and networks of the seeds are larger

/** Seconds per target in `npm test`. */
export const FUZZ_SECONDS = Number(process.env.DOPPEL_FUZZ_SECONDS ?? 10);

/** Names of all targets. @returns {string[]} */
export function fuzzTargets() {
  return readdirSync(join(root, 'tests/fuzz'))
    .filter((name) => name.endsWith('_fuzz.c'))
    .map((name) => name.slice(0, -'_fuzz.c'.length))
    .sort();
}

/**
 * Runs targets side by side. @param {string[]} targets @param {number} seconds per target
 * @param {{merge?: boolean}} [options] @returns {Promise<{passed: number, failed: number, skipped: number}>}
 */
export async function fuzz(targets, seconds, { merge = false } = {}) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const waiting = [...targets];
  const lane = async () => {
    for (let target = waiting.shift(); target; target = waiting.shift()) count[(await survives(target, seconds, merge)) ? 'passed' : 'failed']++;
  };
  await Promise.all(Array.from({ length: availableParallelism?.() ?? 2 }, lane));
  return count;
}

/** @param {string} name @param {number} seconds @param {boolean} merge */
async function survives(name, seconds, merge) {
  const found = mkdtempSync(join(tmpdir(), `doppel-fuzz-${name}-`));
  const corpus = join(corpora, name);
  const dictionary = join(root, 'tests/fuzz', `${name}.dict`);
  const program = join(build, 'asan', `${name}_fuzz`);
  const limits = ['-rss_limit_mb=3000', '-timeout=20', `-artifact_prefix=${join(build, 'asan')}/${name}-`];
  try {
    const { code, everything } = await attempt(program, [
      `-max_total_time=${seconds}`,
      '-seed=1',
      ...limits,
      ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
      found,
      ...(existsSync(corpus) ? [corpus] : []),
    ]);
    const inputs = everything.match(/Done (\d+) runs/)?.[1];
    say(`${code === 0 ? '✓' : '✗'} ${name}${inputs ? `: ${inputs} inputs` : ''}`);
    if (code !== 0) say(everything.replace(/^#\d+\s.*\n/gm, '').slice(-6000)); // without libFuzzer's progress
    if (code === 0 && merge) await mergeInto(program, corpus, [found], limits);
    return code === 0;
  } finally {
    rmSync(found, { recursive: true, force: true });
  }
}

/** The smallest inputs that reach what all of them reach. @param {string} program @param {string} corpus @param {string[]} found @param {string[]} limits */
async function mergeInto(program, corpus, found, limits) {
  const kept = mkdtempSync(join(tmpdir(), 'doppel-corpus-'));
  await run(program, ['-merge=1', `-max_len=${LARGEST_INPUT}`, ...limits, kept, ...found, ...(existsSync(corpus) ? [corpus] : [])], { why: 'The corpus cannot be merged' });
  // Targets write their seeds into the first folder; they are made anew in each run.
  for (const name of readdirSync(kept)) if (name.startsWith('seed-')) rmSync(join(kept, name));
  rmSync(corpus, { recursive: true, force: true });
  mkdirSync(corpora, { recursive: true });
  await run('cp', ['-r', kept, corpus], { why: 'The corpus cannot be copied' });
  rmSync(kept, { recursive: true, force: true });
}

/** Prints llvm-cov's table of the sources of library and program. @param {string[]} targets */
async function coverage(targets) {
  await compileCoverage();
  const folder = join(build, 'coverage');
  const programs = targets.map((name) => join(folder, `${name}_fuzz`));
  for (const [i, name] of targets.entries()) {
    const seeds = mkdtempSync(join(tmpdir(), 'doppel-seeds-'));
    const corpus = join(corpora, name);
    await run(programs[i], ['-runs=0', seeds, ...(existsSync(corpus) ? [corpus] : [])], {
      env: { ...process.env, LLVM_PROFILE_FILE: join(folder, `${name}.profraw`) },
      why: `The target ${name} failed`,
    });
    rmSync(seeds, { recursive: true });
  }
  const profile = join(folder, 'all.profdata');
  await run('llvm-profdata', ['merge', '-sparse', '-o', profile, ...targets.map((name) => join(folder, `${name}.profraw`))], { why: 'The profiles cannot be merged' });
  const { output } = await attempt('llvm-cov', [
    'report',
    programs[0],
    ...programs.slice(1).flatMap((program) => ['-object', program]),
    `-instr-profile=${profile}`,
    '-show-functions=false',
    '-show-region-summary=false',
    '-show-branch-summary=false',
    '-ignore-filename-regex=/(tests|build|\\.cache|usr)/',
  ]);
  say(output);
}

async function main() {
  const words = process.argv.slice(2);
  const at = words.indexOf('--seconds');
  const seconds = at >= 0 ? Number(words.splice(at, 2)[1]) : FUZZ_SECONDS;
  const merge = words.includes('--merge');
  const covers = words.includes('--coverage');
  const names = words.filter((word) => !word.startsWith('--'));
  const all = fuzzTargets();
  const unknown = names.find((name) => !all.includes(name)) ?? words.find((word) => word.startsWith('--') && !['--merge', '--coverage'].includes(word));
  if (unknown) throw new SetupError(`There is no fuzz target "${unknown}"; there are ${all.join(', ')}.`);
  if (!(seconds > 0)) throw new SetupError('--seconds wants a number above 0.');
  const chosen = names.length ? names : all;
  await prepareFuzz();
  if (covers) return coverage(chosen);
  const { failed } = await fuzz(chosen, seconds, { merge });
  process.exitCode = failed ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(exitWith);
