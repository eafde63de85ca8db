/** XNNPACK and pthreadpool as static libraries, for the host and for WebAssembly; each built once into the cache. */
import { rm } from 'node:fs/promises';
import { arch, availableParallelism, platform } from 'node:os';
import { basename, join } from 'node:path';
import { cached, linkTo, recipeHash } from './cache.mjs';
import { ninjaProgress } from './compile.mjs';
import { root, toolchain } from './places.mjs';
import { attempt, run } from './run.mjs';

const recipeFolder = join(root, 'cmake/xnnpack');
const recipe = (/** @type {string[]} */ ...files) => ['CMakeLists.txt', 'build_identifier.c', ...files].map((file) => join(recipeFolder, file));
const hostRecipe = recipe('cpu_features.h');
const wasmRecipe = recipe(
  'conv_rgb_wasm.c',
  'copy_wasm.c',
  'dwconv_3x3_wasm.c',
  'max_pool_2x2_wasm.c',
  'qd8_activations.h',
  'qd8_convert_wasm.c',
  'qd8_gemm_wasm.c',
  'shim/arm_neon.h',
  '../EmscriptenClang.cmake',
);

/** @param {string} sources the folder of sources.mjs */
export async function xnnpackForHost(sources) {
  const compiler = (await attempt('cc', ['--version'])).output.split('\n')[0];
  const hash = recipeHash([basename(sources), platform(), arch(), compiler], hostRecipe);
  const folder = await cached('xnnpack-native', hash, 'Building XNNPACK for this machine', (target, progress) =>
    build(target, sources, ['cmake'], process.env, progress),
  );
  linkTo(join(toolchain, 'native'), folder);
}

/** @param {string} sources @param {import('./emscripten.mjs').Emscripten} emscripten */
export async function xnnpackForWasm(sources, emscripten) {
  const hash = recipeHash([basename(sources), emscripten.identity], wasmRecipe);
  const folder = await cached('xnnpack-wasm', hash, 'Building XNNPACK for WebAssembly', (target, progress) =>
    build(target, sources, ['emcmake', 'cmake'], emscripten.env, progress),
  );
  linkTo(join(toolchain, 'wasm'), folder);
}

/**
 * @param {string} target @param {string} sources @param {string[]} cmake @param {NodeJS.ProcessEnv} env
 * @param {(detail: string) => void} progress
 */
async function build(target, sources, cmake, env, progress) {
  const objects = join(target, 'objects');
  const parameters = ['-S', recipeFolder, '-B', objects, '-G', 'Ninja', `-DSOURCES=${sources}`, `-DCMAKE_INSTALL_PREFIX=${target}`];
  await run(cmake[0], [...cmake.slice(1), ...parameters], { env, why: 'XNNPACK cannot be configured' });
  await run('ninja', ['-C', objects, `-j${availableParallelism?.() ?? 2}`, 'install'], {
    env,
    onLine: ninjaProgress(progress),
    why: 'XNNPACK cannot be built',
  });
  await rm(objects, { recursive: true });
}
