/** libjpeg-turbo as a static library, for the host and for WebAssembly; each built once into the cache. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { arch, availableParallelism, platform } from 'node:os';
import { basename, join } from 'node:path';
import { cached, linkTo, recipeHash } from './cache.mjs';
import { ninjaProgress } from './compile.mjs';
import { root, toolchain } from './places.mjs';
import { attempt, run } from './run.mjs';
import { libjpegSource } from './sources.mjs';

const upstream = ['-DENABLE_SHARED=OFF', '-DWITH_TURBOJPEG=OFF', '-DWITH_ARITH_ENC=OFF', '-DWITH_ARITH_DEC=OFF', '-DREQUIRE_SIMD=ON', '-DCMAKE_POSITION_INDEPENDENT_CODE=ON'];
const wasmFolder = join(root, 'cmake/libjpeg');
const wasmRecipe = ['CMakeLists.txt', 'jsimd_wasm.c', 'shim/arm_neon.h'].map((file) => join(wasmFolder, file));

/** Encoder and decoder: `doppel` writes the sheets of a gallery with it. */
export async function libjpegForHost() {
  const source = await libjpegSource();
  linkTo(join(toolchain, 'libjpeg-source'), source);
  const compiler = (await attempt('cc', ['--version'])).output.split('\n')[0];
  const hash = recipeHash([basename(source), platform(), arch(), compiler, upstream]);
  const folder = await cached('libjpeg-native', hash, 'Building libjpeg-turbo for this machine', (target, progress) =>
    build(target, join(source, 'libjpeg-turbo'), ['cmake', '-S', join(source, 'libjpeg-turbo'), ...upstream], process.env, progress),
  );
  linkTo(join(toolchain, 'libjpeg-native'), folder);
}

/** The decoder alone. @param {import('./emscripten.mjs').Emscripten} emscripten */
export async function libjpegForWasm(emscripten) {
  const source = await libjpegSource();
  const hash = recipeHash([basename(source), emscripten.identity], [...wasmRecipe, join(root, 'cmake/EmscriptenClang.cmake')]);
  const folder = await cached('libjpeg-wasm', hash, 'Building libjpeg-turbo for WebAssembly', (target, progress) =>
    build(target, join(source, 'libjpeg-turbo'), ['emcmake', 'cmake', '-S', wasmFolder, `-DSOURCES=${source}`], emscripten.env, progress),
  );
  linkTo(join(toolchain, 'libjpeg-wasm'), folder);
}

/**
 * @param {string} target @param {string} source @param {string[]} configure @param {NodeJS.ProcessEnv} env
 * @param {(detail: string) => void} progress
 */
async function build(target, source, configure, env, progress) {
  const objects = join(target, 'objects');
  const [program, ...first] = configure;
  await run(program, [...first, '-B', objects, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release'], {
    env,
    why: 'libjpeg-turbo cannot be configured',
  });
  await run('ninja', ['-C', objects, `-j${availableParallelism?.() ?? 2}`, 'jpeg-static'], {
    env,
    onLine: ninjaProgress(progress),
    why: 'libjpeg-turbo cannot be built',
  });
  for (const folder of ['lib', 'include']) await mkdir(join(target, folder));
  await cp(join(objects, 'libjpeg.a'), join(target, 'lib/libjpeg.a'));
  await cp(join(objects, 'jconfig.h'), join(target, 'include/jconfig.h'));
  for (const header of ['jpeglib.h', 'jmorecfg.h', 'jerror.h']) await cp(join(source, header), join(target, 'include', header));
  await rm(objects, { recursive: true });
}
