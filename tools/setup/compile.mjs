/** doppel itself: CMake is configured where it is not yet, and Ninja builds what has changed. */
import { existsSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, root, toolchain } from './places.mjs';
import { step } from './progress.mjs';
import { attempt, run } from './run.mjs';

/** The library and `doppel` for this machine. */
export function compileNative() {
  return compile('native', ['cmake', '-S', root, '-DDOPPEL_TESTS=OFF'], process.env, 'Building doppel');
}

/** The same under AddressSanitizer and UBSan, with unit tests and fuzz targets. */
export function compileSanitized() {
  return compile('asan', ['cmake', '--preset', 'asan'], process.env, 'Building doppel under the sanitizers');
}

/** The fuzz targets, which count the lines that they reach. */
export function compileCoverage() {
  return compile('coverage', ['cmake', '--preset', 'coverage'], process.env, 'Building the fuzz targets with coverage');
}

/** doppel.mjs and doppel.wasm. @param {import('./emscripten.mjs').Emscripten} emscripten */
export function compileWasm(emscripten) {
  return compile('wasm', ['emcmake', 'cmake', '-S', root], emscripten.env, 'Building the WebAssembly module');
}

/** What `npm run bench` runs beside these: bench/CMakeLists.txt. @param {import('./emscripten.mjs').Emscripten} emscripten */
export async function compileBench(emscripten) {
  await compile('native', ['cmake', '-S', root, '-DDOPPEL_TESTS=OFF'], process.env, 'Building the bench', ['bench_native']);
  await compile('wasm', ['emcmake', 'cmake', '-S', root], emscripten.env, 'Building the modules of the bench', ['bench_module', 'bench_relaxed']);
}

/**
 * @param {string} name of the folder in build/ @param {string[]} configure @param {NodeJS.ProcessEnv} env @param {string} title
 * @param {string[]} [targets] what is not built by itself
 */
async function compile(name, configure, env, title, targets = []) {
  const folder = join(build, name);
  const stamp = join(folder, 'dependencies.txt');
  const dependencies = dependenciesOf(name);
  const configured = existsSync(stamp) && readFileSync(stamp, 'utf8') === dependencies;
  if (configured) {
    const { output } = await attempt('ninja', ['-C', folder, '-n', ...targets], { env });
    if (output.includes('no work to do')) return;
  }
  await step(title, async (progress) => {
    if (!configured) {
      progress('configuring');
      rmSync(folder, { recursive: true, force: true });
      await run(configure[0], [...configure.slice(1), '-B', folder, '-G', 'Ninja'], {
        cwd: root,
        env,
        why: 'The build cannot be configured',
      });
      writeFileSync(stamp, dependencies);
    }
    await run('ninja', ['-C', folder, ...targets], { env, onLine: ninjaProgress(progress), why: 'The build failed' });
  });
}

/** What a configured build remembers by its path: when one of these changes, it begins anew. @param {string} name */
function dependenciesOf(name) {
  const links = name === 'wasm' ? ['sources', 'wasm', 'libjpeg-wasm', 'emscripten'] : ['sources', 'native', 'libjpeg-native'];
  const targets = links.map((link) => (existsSync(join(toolchain, link)) ? readlinkSync(join(toolchain, link)) : ''));
  return [root, ...targets, ''].join('\n');
}

/** Reads Ninja's "[12/340]". @param {(detail: string) => void} progress @returns {(line: string) => void} */
export function ninjaProgress(progress) {
  return (line) => {
    const found = line.match(/^\[(\d+)\/(\d+)\]/);
    if (found) progress(`${found[1]} of ${found[2]}`);
  };
}
