/**
 * `npm run lint`: the form of the sources, what static analysis finds, the types of the JavaScript, and the rules of the
 * house that a program can check. Says all it finds, then fails if there was anything.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { build, root } from './places.mjs';
import { prepareLint } from './prepare.mjs';
import { exitWith, say, seconds } from './progress.mjs';
import { attempt } from './run.mjs';

/** Each returns what it found, or an empty text. @type {Record<string, () => Promise<string>>} */
const CHECKS = {
  'clang-format': form,
  'the public header alone, as C and as C++': headerAlone,
  'the library includes nothing of the tools': roomsApart,
  cppcheck,
  'clang-tidy': clangTidy,
  'tsc --checkJs': types,
};

try {
  await prepareLint();
  let failed = 0;
  for (const [name, check] of Object.entries(CHECKS)) {
    const started = Date.now();
    const found = (await check()).trim();
    if (found) failed++;
    say(`${found ? '✗' : '✓'} ${name}  (${seconds(Date.now() - started)})${found ? `\n${found}\n` : ''}`);
  }
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  exitWith(error);
}

/** C sources of our own. @param {RegExp} [ending] @param {string[]} [folders] */
function sources(ending = /\.[ch]$/, folders = ['wasm', 'tools', 'tests', 'cmake', 'bench']) {
  const walk = (/** @type {string} */ folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((/** @type {import('node:fs').Dirent} */ entry) => {
      if (entry.name === 'node_modules') return [];
      /** @type {string[]} */
      const found = entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)];
      return found;
    });
  return folders.flatMap((folder) => walk(join(root, folder))).filter((path) => ending.test(path));
}

async function form() {
  const { code, everything } = await attempt('clang-format', ['--dry-run', '-Werror', ...sources()], { cwd: root });
  return code === 0 ? '' : everything;
}

async function headerAlone() {
  const header = join(root, 'wasm/include/doppel.h');
  const c = ['-std=c17', '-x', 'c'];
  const cpp = ['-std=c++17', '-x', 'c++'];
  const results = await Promise.all(
    [c, cpp].map((language) =>
      attempt('cc', [...language, '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only', header], { cwd: root }),
    ),
  );
  return results.map(({ code, everything }) => (code === 0 ? '' : everything)).join('');
}

async function roomsApart() {
  const own = new Set([...sources(/\.h$/, ['wasm'])].map((path) => path.split('/').pop()));
  const tools = new Set([...sources(/\.h$/, ['tools'])].map((path) => path.split('/').pop()));
  return sources(/\.[ch]$/, ['wasm'])
    .flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/^\s*#\s*include\s+["<]([^">]+)[">]/gm)]
        .map((match) => match[1])
        .filter((name) => name.includes('tools/') || (tools.has(name.split('/').pop()) && !own.has(name.split('/').pop())))
        .map((name) => `${relative(root, path)} includes ${name}, which belongs to tools/\n`),
    )
    .join('');
}

/** Folders of the native program's sources, from which headers are included by name. */
function rooms() {
  return [...new Set(sources(/\.h$/, ['tools']).map((path) => relative(root, dirname(path))))];
}

async function cppcheck() {
  const scratch = mkdtempSync(join(tmpdir(), 'doppel-cppcheck-'));
  try {
    const { code, everything } = await attempt(
      'cppcheck',
      [
        '--enable=warning,performance,portability',
        '--error-exitcode=1',
        '--inline-suppr',
        '--quiet',
        '--std=c11',
        '--suppress=missingIncludeSystem',
        '--suppress=ctuuninitvar', // takes a buffer that is about to be filled for one that is read
        '--suppress=*:*.toolchain/*',
        '-j2',
        `--cppcheck-build-dir=${scratch}`,
        '-Iwasm/include',
        '-Iwasm/src',
        ...rooms().map((folder) => `-I${folder}`),
        '-I.toolchain/sources/cjson',
        'wasm/src',
        'tools',
      ],
      { cwd: root },
    );
    return code === 0 ? '' : everything;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What is asked of it stands in .clang-tidy. */
async function clangTidy() {
  const files = sources(/\.c$/, ['wasm/src', 'tools']).filter((path) => !path.includes('/wasm_exports'));
  const lanes = availableParallelism?.() ?? 2;
  const results = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => files.filter((_, i) => i % lanes === lane)).map((share) =>
      attempt('clang-tidy', ['--quiet', '--warnings-as-errors=*', '-p', join(build, 'asan'), ...share], { cwd: root }),
    ),
  );
  return results.map(({ code, output }) => (code === 0 ? '' : output)).join('');
}

async function types() {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { code, everything } = await attempt(process.execPath, [compiler, '-p', root], { cwd: root });
  return code === 0 ? '' : everything;
}
