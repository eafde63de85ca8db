/**
 * `npm run nightly`: what takes too long for every run of the tests. The decode fuzz target without sanitizers under valgrind,
 * which sees each decision that depends on memory that was never written, on the photos that others had trouble with.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, root } from './places.mjs';
import { withProgram } from './prepare.mjs';
import { SetupError, exitWith, say, step } from './progress.mjs';
import { findProgram, run } from './run.mjs';

const shared = process.env.DOPPEL_SHARED ?? join(dirname(root), 'shared');

try {
  await withProgram(async () => {
    if (!findProgram('valgrind')) throw new SetupError('valgrind is needed; install it and run this again.');
    const photos = ['data/bad-images', 'cases'].map((name) => join(shared, name)).filter(existsSync).flatMap(photosIn);
    if (!photos.length) throw new SetupError(`There are no photos to try in ${shared}.`);
    const folder = join(build, 'valgrind');
    await step('Building the decode fuzz target for valgrind', async () => {
      await run('cmake', ['-S', root, '-B', folder, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release'], { why: 'The build cannot be configured' });
      await run('ninja', ['-C', folder, 'decode_fuzz'], { why: 'The build failed' });
    });
    await step(`Decoding ${photos.length} photos under valgrind`, async () => {
      await run('valgrind', ['--quiet', '--error-exitcode=1', join(folder, 'decode_fuzz'), ...photos], { why: 'A photo is decoded from memory that was never written' });
    });
  });
  say('Nothing was found.');
} catch (error) {
  exitWith(error);
}

/** @param {string} folder @returns {string[]} */
function photosIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(jpe?g|png|gif|bmp|webp)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
