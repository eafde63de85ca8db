/** On what and beside what a run was made. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../tests/places.mjs';

const PEERS = {
  'face-api': 'node_modules/@vladmandic/face-api',
  tfjs: 'node_modules/@tensorflow/tfjs-backend-wasm',
  human: 'bench/peers/node_modules/@vladmandic/human',
  'onnxruntime-web': 'node_modules/onnxruntime-web',
  usearch: 'bench/peers/node_modules/usearch',
  'hnswlib-wasm': 'bench/peers/node_modules/hnswlib-wasm',
};

/** @typedef {{date: string, commit: string, cpu: string, cores: number, load: number[], node: string, versions: Record<string, string>}} Machine */

/** `load`: how busy the machine was before, in processes; more than a few tenths and times are not to be trusted. @returns {Machine} */
export const machine = () => ({
  date: new Date().toISOString(),
  commit: commit(),
  cpu: cpus()[0].model,
  cores: cpus().length,
  load: [loadavg()[0]],
  node: process.versions.node,
  versions: Object.fromEntries(Object.entries(PEERS).map(([name, folder]) => [name, versionIn(folder)])),
});

export const loadNow = () => loadavg()[0];

function versionIn(/** @type {string} */ folder) {
  const path = join(root, folder, 'package.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : 'is not here';
}

function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}
