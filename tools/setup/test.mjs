/**
 * `npm test`: sets up what is missing and runs every test. Each suite says what it is about to do; the last line sums
 * them all up. Arguments name suites, as in `npm test -- unit web`.
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assembleDist, assembleOthers } from './dist.mjs';
import { FUZZ_SECONDS, fuzz, fuzzTargets } from './fuzz.mjs';
import { build, root } from './places.mjs';
import { prepare } from './prepare.mjs';
import { SetupError, exitWith, say, seconds } from './progress.mjs';
import { attempt } from './run.mjs';
import { systemPackages } from './system-packages.mjs';

/** @typedef {{passed: number, failed: number, skipped: number}} Count */

const FILE_MINUTES = 20; // a file of tests that has not ended by then never will, and counts as failed
const [major, minor] = process.versions.node.split('.').map(Number);
const knowsTimeouts = major > 20 || (major === 20 && minor >= 11);
const lanes = availableParallelism?.() ?? 2;

/** @type {Record<string, {title: string, run: () => Promise<Count>}>} */
const SUITES = {
  unit: { title: 'The C library under AddressSanitizer and UBSan', run: unitTests },
  fuzz: { title: `Fuzz targets, ${FUZZ_SECONDS} s each`, run: () => fuzz(fuzzTargets(), FUZZ_SECONDS) },
  setup: { title: 'The set-up scripts and the dev server', run: () => nodeTests('tests/setup') },
  golden: { title: 'Networks against tfjs and onnxruntime, native against WebAssembly', run: () => nodeTests('tests/golden') },
  tool: { title: 'The program doppel', run: toolTests },
  web: { title: 'The page in Chromium, Firefox and WebKitGTK', run: webTests },
};

try {
  const chosen = process.argv.slice(2);
  const unknown = chosen.find((name) => !(name in SUITES));
  if (unknown) throw new SetupError(`There is no suite "${unknown}"; there are ${Object.keys(SUITES).join(', ')}.`);
  process.env.DOPPEL_MODELS ??= modelsBeside();
  const { inUse, made } = await prepare({ tests: true });
  assembleDist();
  assembleOthers(made, inUse);
  const total = await runSuites(chosen.length ? chosen : Object.keys(SUITES));
  process.exitCode = total.failed ? 1 : 0;
} catch (error) {
  exitWith(error);
}

/** The folder of networks that lies beside the project for tests; empty where there is none. */
function modelsBeside() {
  const folder = join(process.env.DOPPEL_SHARED ?? join(dirname(root), 'shared'), 'models');
  return existsSync(folder) ? folder : '';
}

/** @param {string[]} names @returns {Promise<Count>} */
async function runSuites(names) {
  /** @type {Count} */
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const lines = [];
  for (const name of names) {
    const { title, run } = SUITES[name];
    say(`\n── ${name}: ${title}`);
    const started = Date.now();
    const count = await run();
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
    lines.push(`  ${name.padEnd(7)} ${sentence(count)}  (${seconds(Date.now() - started)})`);
  }
  say(`\n${lines.join('\n')}\n`);
  process.stdout.write(`${sentence(total)}\n`);
  return total;
}

/** @param {Count} count */
function sentence({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** cmocka says in TAP what each test did; a program that fails without naming a test counts as one failure. */
async function unitTests() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** What the programs have said so far, by ctest's number. @type {Map<string, Count & {lines: string[]}>} */
  const programs = new Map();
  const parameters = ['--test-dir', join(build, 'asan'), '--verbose', '--no-tests=error', '-j', String(lanes)];
  const { code } = await attempt('ctest', parameters, {
    onLine: (line) => {
      const said = line.match(/^(\d+): (.*)/);
      if (said) return void listen(said[1], said[2]);
      const ended = line.match(/^\s*\d+\/\d+ Test\s+#(\d+): (\S+) .*?(Passed|\*+\S.*?)\s+([\d.]+) sec/);
      if (ended) finish(ended[1], ended[2], ended[3] === 'Passed', ended[4]);
    },
  });
  if (code !== 0 && total.failed === 0) total.failed++;
  return total;

  /** @param {string} number @param {string} line */
  function listen(number, line) {
    const program = programs.get(number) ?? { passed: 0, failed: 0, skipped: 0, lines: [] };
    programs.set(number, program);
    const test = line.match(/^(not ok|ok) \d+ ?-? ?(.*)/);
    if (test?.[1] === 'not ok') program.failed++;
    else if (test) program[/# skip/i.test(test[2]) ? 'skipped' : 'passed']++;
    program.lines.push(line);
  }

  /** @param {string} number @param {string} name @param {boolean} fine @param {string} duration */
  function finish(number, name, fine, duration) {
    const program = programs.get(number) ?? { passed: 0, failed: 0, skipped: 0, lines: [] };
    if (!fine && program.failed === 0) program.failed++;
    total.passed += program.passed;
    total.failed += program.failed;
    total.skipped += program.skipped;
    say(`${fine ? '✓' : '✗'} ${name}: ${sentence(program)}  (${duration} s)`);
    if (!fine) say(program.lines.map((line) => `    ${line}`).join('\n'));
  }
}

/** The files *.test.mjs of a folder, by node's own runner. @param {string} folder @returns {Promise<Count>} */
async function nodeTests(folder) {
  const place = join(root, folder);
  const files = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith('.test.mjs')) : [];
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const scratch = mkdtempSync(join(tmpdir(), 'doppel-test-'));
  const report = join(scratch, 'report.tap');
  try {
    const { code } = await attempt(
      process.execPath,
      [
        '--test',
        '--test-concurrency=1',
        ...(knowsTimeouts ? [`--test-timeout=${FILE_MINUTES * 60_000}`] : []),
        '--test-reporter=spec',
        '--test-reporter-destination=stdout',
        '--test-reporter=tap',
        `--test-reporter-destination=${report}`,
        ...files.sort().map((name) => join(folder, name)),
      ],
      { cwd: root, show: true },
    );
    const tap = readFileSync(report, 'utf8');
    const number = (/** @type {string} */ what) => Number(tap.match(new RegExp(`^# ${what} (\\d+)$`, 'm'))?.[1] ?? 0);
    const failed = number('fail') + number('cancelled');
    return { passed: number('pass'), failed: code !== 0 ? Math.max(failed, 1) : failed, skipped: number('skipped') + number('todo') };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** NumPy and hnswlib are the other side of exports; where they cannot be installed, those tests say that they are skipped. */
async function toolTests() {
  await installed(['peers'], 'NumPy and hnswlib could not be installed, so the tests that ask them will be skipped.');
  return nodeTests('tests/tool');
}

/** A browser that cannot be installed is not a failure of doppel; its tests say that they are skipped. */
async function webTests() {
  await installed(['browsers'], 'Not all browsers could be installed, so their tests will be skipped.');
  return nodeTests('tests/web');
}

/** @param {Parameters<typeof systemPackages>[0]} purposes @param {string} otherwise */
async function installed(purposes, otherwise) {
  try {
    await systemPackages(purposes);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${otherwise}\n${error.message}`);
  }
}
