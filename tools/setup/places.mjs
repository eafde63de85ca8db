/** Where the set-up puts things. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Links into the cache, one a dependency; CMake reads from here. */
export const toolchain = join(root, '.toolchain');

export const build = process.env.DOPPEL_BUILD ?? join(root, 'build');
export const dist = process.env.DOPPEL_DIST ?? join(root, 'dist');
export const program = process.env.DOPPEL_PROGRAM ?? join(build, 'native/doppel');
