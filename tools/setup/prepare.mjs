/** Everything that has to be there before anything else can happen, in order; what is there already costs nothing. */
import { join } from 'node:path';
import { linkTo, lock } from './cache.mjs';
import { compileBench, compileNative, compileSanitized, compileWasm } from './compile.mjs';
import { emscripten } from './emscripten.mjs';
import { buildDemoGalleries } from './gallery.mjs';
import { makeNetworks } from './networks.mjs';
import { npmPackages } from './npm.mjs';
import { libjpegForHost, libjpegForWasm } from './libjpeg.mjs';
import { build, toolchain } from './places.mjs';
import { SetupError } from './progress.mjs';
import { sources } from './sources.mjs';
import { systemPackages } from './system-packages.mjs';
import { xnnpackForHost, xnnpackForWasm } from './xnnpack.mjs';

/**
 * From a fresh clone to the native program, the module, the networks and the demo gallery; for tests and bench with both sets.
 * @param {{tests?: boolean, bench?: boolean}} [options] @returns {Promise<{inUse: string, made: string[]}>} the sets of networks
 */
export function prepare({ tests = false, bench = false } = {}) {
  return alone(async () => {
    const sourceFolder = await host(tests ? ['build', 'test'] : ['build']);
    const compiler = await emscripten();
    await xnnpackForWasm(sourceFolder, compiler);
    await libjpegForWasm(compiler);
    await compileNative();
    await compileWasm(compiler);
    if (bench) await compileBench(compiler);
    if (tests) await compileSanitized();
    const networks = await makeNetworks({ every: tests || bench });
    await buildDemoGalleries(networks);
    return networks;
  });
}

/** Only the native program, then work that needs it. @param {() => Promise<void>} work */
export function withProgram(work) {
  return alone(async () => {
    if (!process.env.DOPPEL_PROGRAM) {
      await host(['build']);
      await compileNative();
    }
    await work();
  });
}

/** Only as far as the sanitizers' build, whose list of compiler commands the linters read. */
export function prepareLint() {
  return alone(async () => {
    await host(['build', 'test', 'lint']);
    await compileSanitized();
  });
}

/** What a native build needs and not the build, for builds of others. */
export function dependencies() {
  return alone(async () => void (await host(['build', 'test'])));
}

/** Only the sanitizers' build, which has the fuzz targets. */
export function prepareFuzz() {
  return alone(async () => {
    await host(['build', 'test']);
    await compileSanitized();
  });
}

/** What this machine needs for a native build. @param {Parameters<typeof systemPackages>[0]} purposes */
async function host(purposes) {
  await systemPackages(purposes);
  await npmPackages();
  const sourceFolder = await sources();
  linkTo(join(toolchain, 'sources'), sourceFolder);
  await xnnpackForHost(sourceFolder);
  await libjpegForHost();
  return sourceFolder;
}

/** One set-up at a time in this folder. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function alone(work) {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 18) throw new SetupError(`Node 18 or newer is needed; this is ${process.versions.node}.`);
  const unlock = await lock(join(build, 'setup.lock'));
  try {
    return await work();
  } finally {
    unlock();
  }
}
