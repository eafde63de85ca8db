/**
 * Emscripten: the emcc on the PATH where it is new enough, otherwise a private toolchain of Debian packages that are
 * unpacked, not installed. It lies in the cache, .toolchain/emscripten points there, and nothing of the host changes.
 *
 *   clang, lld, llvm 19   the packages of bookworm, which run on its C library and on newer ones
 *   emscripten 3.1.69     of trixie; it brings its C libraries prebuilt, and we keep the few flavours we link
 *   binaryen 120          of trixie, which needs a newer C library than bookworm's: run through trixie's own loader
 *   acorn                 of npm; emcc's JavaScript optimizer needs it
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkSha256, hasDebianArchive, onlyFile, openApt, sha256OfFile } from './apt.mjs';
import { cached, linkTo, recipeHash } from './cache.mjs';
import { toolchain } from './places.mjs';
import { SetupError, say } from './progress.mjs';
import { attempt, findProgram, run } from './run.mjs';

const NEEDED = [3, 1, 60];

const LLVM = `clang-19 lld-19 llvm-19 libllvm19 libclang-cpp19 libclang-common-19-dev llvm-19-linker-tools libedit2 libbsd0
  libmd0 libtinfo6 libffi8 libz3-4 libzstd1 libxml2 libicu72 liblzma5 zlib1g`.split(/\s+/);
const RUNTIME = ['binaryen', 'libc6', 'libstdc++6', 'libgcc-s1'];
const ACORN = '8.15.0';

/** What decides about the generated code. The runtime libraries may move with the archive. */
const PINNED = {
  amd64: {
    'clang-19_1%3a19.1.7-3~deb12u1_amd64.deb': '89ab931a9bbfd567a76df3141af5d5ec67b01d800150e614f2c9bf4671da9b08',
    'lld-19_1%3a19.1.7-3~deb12u1_amd64.deb': '416e084363a16a7060eaa6343ed641dfe864b8208c39170ee00a5679e4b486a2',
    'libllvm19_1%3a19.1.7-3~deb12u1_amd64.deb': '6edf3a8b28495cdba883d9760e0dca1a81983fc497a5f989dc64d0d96d23b4aa',
    'libclang-cpp19_1%3a19.1.7-3~deb12u1_amd64.deb': '5daa784e1d747db320c16604729ffa805e6bfd72d3ac0b7cb0ee5f1a7ebc8aae',
    'libclang-common-19-dev_1%3a19.1.7-3~deb12u1_amd64.deb': '811c2d398ad772204ec05ffde485cbbc4c210abc5dcf0068ff9ca3e647591ce7',
    'binaryen_120-4_amd64.deb': '47be56009e56170f4338a0154fbff2028bd607bc3c8b6a5414658a985bef6470',
  },
  all: {
    'emscripten_3.1.69+dfsg-3_all.deb': 'd2ac788b952c56ab6736b4db2ac0825aa63cfb4c08b8abaefe19e324779d1b2d',
  },
};

/** Of the prebuilt C libraries (1.6 GB) we keep about 0.3 GB. */
const LEFT_OUT = `*/emscripten/test/* */emscripten/docs/* */emscripten/media/* */wasm64-emscripten/* */wasm32-emscripten/*san*
  */wasm32-emscripten/*-ww* */wasm32-emscripten/libGL*-emu* */wasm32-emscripten/libGL*-ofb* */wasm32-emscripten/libGL*es3*
  */wasm32-emscripten/libc++*-except* */wasm32-emscripten/lib*-legacyexcept* */wasm32-emscripten/lib*-wasmexcept*
  */wasm32-emscripten/pic */wasm32-emscripten/lto* */wasm32-emscripten/thinlto`.split(/\s+/);

/**
 * @typedef {object} Emscripten
 * @property {NodeJS.ProcessEnv} env in which emcc, emcmake and em-config run
 * @property {string} identity changes whenever the compiler does
 */

/** @returns {Promise<Emscripten>} */
export async function emscripten() {
  const own = await fromPath();
  if (own) return own;
  const architecture = (await attempt('dpkg', ['--print-architecture'])).output.trim();
  const hash = recipeHash([LLVM, RUNTIME, ACORN, PINNED, LEFT_OUT, architecture, 1]);
  const folder = await cached('emscripten', hash, 'Fetching Emscripten 3.1.69 into a private folder', (target, progress) =>
    install(target, architecture, progress),
  );
  linkTo(join(toolchain, 'emscripten'), folder);
  return { env: environmentOf(folder), identity: basename(folder) };
}

/** The emcc that is on the PATH, if it is new enough. */
async function fromPath() {
  const emcc = findProgram('emcc');
  if (!emcc || !findProgram('emcmake')) return undefined;
  const { code, output } = await attempt(emcc, ['-dumpversion']);
  const version = output.trim().match(/^(\d+)\.(\d+)\.(\d+)/);
  if (code !== 0 || !version) return undefined;
  const numbers = version.slice(1).map(Number);
  const older = numbers.map((number, i) => number - NEEDED[i]).find((difference) => difference !== 0) ?? 0;
  if (older < 0) {
    say(`The emcc on the PATH is ${version[0]}; ${NEEDED.join('.')} or newer is needed, so a private one is used.`);
    return undefined;
  }
  return { env: process.env, identity: `${emcc} ${version[0]}` };
}

/** @param {string} folder @returns {NodeJS.ProcessEnv} */
function environmentOf(folder) {
  return {
    ...process.env,
    PATH: `${join(folder, 'em/usr/share/emscripten')}:${process.env.PATH}`,
    EM_CONFIG: join(folder, 'emscripten.cfg'),
    EMCC_SKIP_SANITY_CHECK: '1',
  };
}

/** @param {string} folder @param {string} architecture @param {(detail: string) => void} progress */
async function install(folder, architecture, progress) {
  if (!hasDebianArchive()) {
    throw new SetupError(
      `Emscripten ${NEEDED.join('.')} or newer is needed, and there is no Debian archive to take it from. ` +
        'Install it (its own site says how) so that emcc is on the PATH, and run this again.',
    );
  }
  progress('package lists');
  const apt = await openApt(join(folder, 'apt'), [
    { type: 'deb', suite: 'bookworm' },
    { type: 'deb', suite: 'trixie' },
  ]);
  const downloads = join(folder, 'downloads');
  let arrived = 0;
  const wanted = [...LLVM.map((name) => `${name}/bookworm`), ...[...RUNTIME, 'emscripten'].map((name) => `${name}/trixie`)];
  await apt.packages(wanted, downloads, (line) => {
    if (/^Get:/.test(line)) progress(`package ${++arrived} of ${wanted.length}, about 320 MB in all`);
  });
  apt.close();
  check(downloads, architecture);

  progress('unpacking');
  const unpack = async (/** @type {string} */ name, /** @type {string} */ target) => {
    await mkdir(target, { recursive: true });
    await run('dpkg-deb', ['-x', onlyFile(downloads, `${name}_`), target]);
  };
  for (const name of LLVM) await unpack(name, join(folder, 'llvm'));
  for (const name of RUNTIME) await unpack(name, join(folder, 'runtime'));
  const em = join(folder, 'em');
  await mkdir(em);
  const excluded = LEFT_OUT.map((pattern) => `--exclude='${pattern}'`).join(' ');
  const archive = onlyFile(downloads, 'emscripten_');
  await run('sh', ['-c', `dpkg-deb --fsys-tarfile '${archive}' | tar -x -C '${em}' --wildcards ${excluded} ./usr/share/emscripten`]);
  rmSync(downloads, { recursive: true });

  const emscriptenFolder = join(em, 'usr/share/emscripten');
  await mkdir(join(emscriptenFolder, 'test'), { recursive: true });
  await writeFile(join(emscriptenFolder, 'test/hello_world.c'), 'int main(void) { return 0; }\n'); // for emcc --cflags
  await addAcorn(folder, emscriptenFolder);
  await wrapPrograms(folder);
  await writeFile(
    join(folder, 'emscripten.cfg'),
    `import os
here = os.path.dirname(os.environ['EM_CONFIG'])
LLVM_ROOT = os.path.join(here, 'bin')
BINARYEN_ROOT = os.path.join(here, 'binaryen')
NODE_JS = 'node'
CACHE = os.path.join(here, 'em/usr/share/emscripten/cache')
FROZEN_CACHE = True
`,
  );
  const said = await run('emcc', ['--version'], { env: environmentOf(folder), why: 'The private Emscripten does not run' });
  progress(said.split('\n')[0]);
}

/** @param {string} downloads @param {string} architecture */
function check(downloads, architecture) {
  const pinned = { ...PINNED.all, ...(architecture === 'amd64' ? PINNED.amd64 : {}) };
  for (const [file, sha256] of Object.entries(pinned)) {
    const path = join(downloads, file);
    if (existsSync(path)) {
      checkSha256(path, sha256, file);
      continue;
    }
    // Debian has moved on within its stable release; apt has checked the signature of what came instead.
    const instead = onlyFile(downloads, `${file.slice(0, file.indexOf('_'))}_`);
    say(`Note: the archive has ${basename(instead)} (sha256 ${sha256OfFile(instead)}) in place of ${file}.`);
  }
}

/** @param {string} folder @param {string} emscriptenFolder */
async function addAcorn(folder, emscriptenFolder) {
  const place = join(folder, 'npm');
  await mkdir(place);
  await run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--no-save', '--prefix', place, `acorn@${ACORN}`], {
    cwd: place,
    why: 'acorn cannot be fetched from the npm registry',
  });
  rmSync(join(emscriptenFolder, 'node_modules'), { recursive: true, force: true });
  await cp(join(place, 'node_modules'), join(emscriptenFolder, 'node_modules'), { recursive: true });
  rmSync(place, { recursive: true });
}

/** The programs find their libraries beside them; the host's are left alone. @param {string} folder */
async function wrapPrograms(folder) {
  const triple = onlyLibraryFolder(join(folder, 'llvm/usr/lib'));
  const llvm = join(folder, 'llvm/usr/lib/llvm-19');
  await symlink(`../../${triple}/libLLVM.so.19.1`, join(llvm, 'lib/libLLVM.so.19.1')).catch(() => {});
  const tools = `clang clang++ wasm-ld llvm-ar llvm-nm llvm-ranlib llvm-objcopy llvm-strip llvm-dwarfdump llvm-cxxfilt
    llvm-readobj llc opt`.split(/\s+/);
  await mkdir(join(folder, 'bin'));
  for (const tool of tools.filter((name) => existsSync(join(llvm, 'bin', name)))) {
    await script(
      join(folder, 'bin', tool),
      `L=\${0%/*}/../llvm\nLD_LIBRARY_PATH=$L/usr/lib/${triple}:$L/lib/${triple} exec $L/usr/lib/llvm-19/bin/${tool} "$@"`,
    );
  }
  const runtime = join(folder, 'runtime');
  const loader = basename(onlyFile(join(runtime, 'usr/lib', triple), 'ld-linux-'));
  await mkdir(join(folder, 'binaryen/bin'), { recursive: true });
  for (const tool of readdirSync(join(runtime, 'usr/bin')).filter((name) => name.startsWith('wasm'))) {
    await script(
      join(folder, 'binaryen/bin', tool),
      `R=\${0%/*}/../../runtime/usr\nexec $R/lib/${triple}/${loader} --library-path $R/lib/${triple} $R/bin/${tool} "$@"`,
    );
  }
}

/** @param {string} path @param {string} body */
async function script(path, body) {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

/** "x86_64-linux-gnu" @param {string} folder */
function onlyLibraryFolder(folder) {
  const found = readdirSync(folder).filter((name) => name.endsWith('-linux-gnu'));
  if (found.length !== 1) throw new SetupError(`${dirname(folder)} is not the folder of packages that was expected.`);
  return found[0];
}
