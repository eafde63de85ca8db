/** Where the set-up puts things. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Links into the cache, one a dependency; CMake reads from here. */
export const toolchain = join(root, '.toolchain');

export const build = join(root, 'build');
export const dist = join(root, 'dist');
export const program = join(build, 'native/doppel');
export const faceApi = join(root, 'node_modules/@vladmandic/face-api');
