/** The builds of the module that the bench looks at, in the order in which it names them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../tests/places.mjs';

/**
 * @typedef {object} Build
 * @property {string} name
 * @property {string} script  Emscripten's, from bench/ as it is served
 * @property {string} wasm
 */

/** @type {(Build & {file: string})[]} */
const ALL = [
  { name: 'relaxed', script: 'doppel.mjs', file: 'relaxed/doppel.wasm' },
  { name: 'simd128', script: 'doppel.mjs', file: 'doppel.wasm' },
].map((build) => ({ ...build, wasm: `./wasm/${build.file}`, script: `./wasm/${build.script}` }));

/** Those that are here. @returns {Build[]} */
export const builds = () => ALL.filter(({ file }) => existsSync(join(build, 'wasm', file)));

/** What makes a page cross-origin isolated, for a clock of 5 µs in place of 100. */
export const isolated = { headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } };
