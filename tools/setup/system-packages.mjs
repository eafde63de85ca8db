/**
 * What has to be installed on the system: looked for first, whoever installed it; only what is missing comes from apt.
 * Where there is no apt, a list says what to install.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SetupError, say, step } from './progress.mjs';
import { attempt, findProgram, run } from './run.mjs';

/**
 * @typedef {object} Need
 * @property {string} package in Debian
 * @property {string} what it is, for people without apt
 * @property {string[]} [programs] that it brings, any of which will do
 * @property {string} [header] that it brings
 * @property {string[]} [files] that it brings, any of which will do
 */

/** @type {Record<'build' | 'test' | 'peers' | 'browsers' | 'bench' | 'lint', Need[]>} */
const NEEDS = {
  build: [
    { package: 'gcc', what: 'a C compiler (gcc 12 or newer, or clang)', programs: ['cc'] },
    { package: 'g++', what: 'a C++ compiler, for XNNPACK', programs: ['c++'] },
    { package: 'libc6-dev', what: 'the C library’s headers', header: 'stdio.h' },
    { package: 'cmake', what: 'CMake 3.20 or newer', programs: ['cmake'] },
    { package: 'ninja-build', what: 'Ninja', programs: ['ninja'] },
    { package: 'python3', what: 'Python 3, which Emscripten is written in', programs: ['python3'] },
    { package: 'xz-utils', what: 'xz', programs: ['xz'] },
    { package: 'nasm', what: 'NASM 2.13 or newer, for libjpeg-turbo', programs: ['nasm', 'yasm'] },
    { package: 'libwebp-dev', what: 'libwebp with headers', header: 'webp/demux.h' },
    { package: 'libexpat1-dev', what: 'expat with headers', header: 'expat.h' },
    { package: 'libcsv-dev', what: 'libcsv with headers', header: 'csv.h' },
    { package: 'libssl-dev', what: 'libcrypto with headers', header: 'openssl/evp.h' },
    { package: 'libutf8proc-dev', what: 'libutf8proc with headers', header: 'utf8proc.h' },
    { package: 'libonnx-dev', what: 'ONNX’s schema, onnx.proto', files: ['/usr/include/onnx/onnx.proto', '/usr/local/include/onnx/onnx.proto'] },
    { package: 'protobuf-c-compiler', what: 'protobuf-c’s compiler', programs: ['protoc-c'] },
    { package: 'libprotobuf-c-dev', what: 'protobuf-c with headers', header: 'protobuf-c/protobuf-c.h' },
    { package: 'libhdf5-dev', what: 'HDF5 with headers', files: ['/usr/include/hdf5/serial/hdf5.h', '/usr/include/hdf5.h', '/usr/local/include/hdf5.h'] },
  ],
  test: [
    { package: 'clang', what: 'clang with its sanitizers', programs: ['clang'] },
    { package: 'libcmocka-dev', what: 'cmocka with headers', header: 'cmocka.h' },
  ],
  peers: [
    { package: 'python3-numpy', what: 'NumPy for Debian’s Python', files: ['/usr/lib/python3/dist-packages/numpy'] },
    { package: 'python3-hnswlib', what: 'hnswlib for Debian’s Python', files: ['/usr/share/doc/python3-hnswlib'] },
  ],
  browsers: [
    { package: 'chromium', what: 'Chromium', programs: ['chromium'] },
    { package: 'firefox-esr', what: 'Firefox', programs: ['firefox-esr', 'firefox'] },
    { package: 'webkit2gtk-driver', what: 'WebKitGTK’s WebDriver', programs: ['WebKitWebDriver'] },
    { package: 'xvfb', what: 'Xvfb', programs: ['Xvfb'] },
    { package: 'xauth', what: 'xauth', programs: ['xauth'] },
  ],
  bench: [{ package: 'libjpeg-turbo-progs', what: 'cjpeg of libjpeg-turbo', programs: ['cjpeg'] }],
  lint: [
    { package: 'clang-format', what: 'clang-format', programs: ['clang-format'] },
    { package: 'clang-tidy', what: 'clang-tidy', programs: ['clang-tidy'] },
    { package: 'cppcheck', what: 'cppcheck', programs: ['cppcheck'] },
  ],
};

/**
 * Sees to it that everything for these purposes is there.
 * @param {(keyof typeof NEEDS)[]} purposes
 */
export async function systemPackages(purposes) {
  const missing = await whatIsMissing(purposes);
  if (missing.length === 0) return;
  if (!findProgram('apt-get')) throw new SetupError(listOf(missing));
  await install(missing);
  const still = await whatIsMissing(purposes);
  if (still.length) throw new SetupError(listOf(still));
}

/** @param {(keyof typeof NEEDS)[]} purposes @returns {Promise<Need[]>} */
async function whatIsMissing(purposes) {
  const needs = purposes.flatMap((purpose) => NEEDS[purpose]);
  const present = await Promise.all(needs.map(isPresent));
  const missing = needs.filter((_, i) => !present[i]);
  if (purposes.includes('test') && !missing.some((need) => need.package === 'clang') && !(await clangSanitizes())) {
    missing.push({ package: await sanitizerPackage(), what: 'the sanitizer runtime of clang' });
  }
  return missing;
}

/** @param {Need} need */
async function isPresent({ programs, header, files }) {
  if (programs) return programs.some((name) => findProgram(name));
  if (files) return files.some((path) => existsSync(path));
  const compiler = findProgram('cc');
  if (!compiler) return false;
  // jpeglib.h and others want stdio.h before them.
  const question = ['-E', '-x', 'c', '-include', 'stdio.h', '-include', String(header), '/dev/null'];
  return (await attempt(compiler, question)).code === 0;
}

/** Links a program under the sanitizers, which needs clang's run-time library. */
async function clangSanitizes() {
  const folder = await mkdtemp(join(tmpdir(), 'doppel-'));
  try {
    const source = join(folder, 'a.c');
    await writeFile(source, 'int main(void) { return 0; }\n');
    const flags = ['-fsanitize=address,undefined,fuzzer-no-link', source, '-o', join(folder, 'a')];
    return (await attempt('clang', flags)).code === 0;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** clang 14 is "clang-14", and its runtime "libclang-rt-14-dev". */
async function sanitizerPackage() {
  const { output } = await attempt('clang', ['-dumpversion']);
  return `libclang-rt-${output.split('.')[0]}-dev`;
}

const isRoot = userInfo().uid === 0;

/** Whether apt may be used; sudo asks for the password where somebody is there to type it. @param {string[]} names */
function mayInstall(names) {
  if (isRoot) return true;
  if (!process.stdin.isTTY) return spawnSync('sudo', ['-n', 'true']).status === 0;
  say(`To install ${names.join(', ')}:`);
  return spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status === 0;
}

/** @param {Need[]} needs */
async function install(needs) {
  const names = needs.map((need) => need.package);
  if (!mayInstall(names)) {
    throw new SetupError(
      `Some packages are missing, and this account may not install them. Run this once, then try again:\n  sudo apt-get install ${names.join(' ')}`,
    );
  }
  const [program, ...first] = [...(isRoot ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  await step(`Installing ${names.join(', ')}`, async (progress) => {
    const apt = (/** @type {string[]} */ ...parameters) =>
      run(program, [...first, ...parameters], {
        why: 'apt-get could not install what is missing',
        onLine: (line) => {
          const package_ = line.match(/^(?:Get:\d+ \S+ \S+ \S+|Setting up|Unpacking) (\S+)/);
          if (package_) progress(package_[1]);
        },
      });
    const simulated = await attempt(program, [...first, '-s', 'install', ...names]);
    if (simulated.code !== 0) await apt('update'); // a fresh machine has no package lists yet
    try {
      await apt('-y', '--no-install-recommends', 'install', ...names);
    } catch {
      await apt('update'); // the lists were older than the archive
      await apt('-y', '--no-install-recommends', 'install', ...names);
    }
  });
  say(`Installed: ${names.join(', ')}`);
}

/** @param {Need[]} needs */
function listOf(needs) {
  const width = Math.max(...needs.map((need) => need.package.length));
  const lines = needs.map((need) => `  ${need.package.padEnd(width)}  ${need.what}`);
  return `These are missing, and there is no apt that could install them. Install them (Debian's names on the left) and run this again:\n${lines.join('\n')}`;
}
