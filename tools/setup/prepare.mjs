/** Everything that has to be there before anything else can happen, in order; what is there already costs nothing. */
import { join } from 'node:path';
import { linkTo, lock } from './cache.mjs';
import { compileNative, compileSanitized, compileWasm } from './compile.mjs';
import { emscripten } from './emscripten.mjs';
import { buildDemoGallery } from './gallery.mjs';
import { importNetworks } from './networks.mjs';
import { npmPackages } from './npm.mjs';
import { build, toolchain } from './places.mjs';
import { SetupError } from './progress.mjs';
import { sources } from './sources.mjs';
import { systemPackages } from './system-packages.mjs';
import { xnnpackForHost, xnnpackForWasm } from './xnnpack.mjs';

/** From a fresh clone to the native program, the module, the networks and the demo gallery. @param {{tests?: boolean}} [options] */
export async function prepare({ tests = false } = {}) {
  checkNode();
  const unlock = await lock(join(build, 'setup.lock'));
  try {
    await systemPackages(tests ? ['build', 'test'] : ['build']);
    await npmPackages();
    const sourceFolder = await sources();
    linkTo(join(toolchain, 'sources'), sourceFolder);
    await xnnpackForHost(sourceFolder);
    const compiler = await emscripten();
    await xnnpackForWasm(sourceFolder, compiler);
    await compileNative();
    await compileWasm(compiler);
    if (tests) await compileSanitized();
    await importNetworks();
    await buildDemoGallery();
  } finally {
    unlock();
  }
}

function checkNode() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 18) throw new SetupError(`Node 18 or newer is needed; this is ${process.versions.node}.`);
}
