/** Imports a network file of others with `doppel import`, and compares what it gives with what onnxruntime gives. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { program } from '../places.mjs';
import { openModule, runNetworkInModule, runNetworkNatively } from './engine.mjs';
import { channelsLast } from './onnxruntime.mjs';

const execute = promisify(execFile);

/** Of the largest number of the same output. */
export const TOLERANCE = 1e-4;

/** onnxruntime computes a sigmoid as 0.5 and something, so that small ones are rounded as if they were near 1. */
export const SIGMOID_ROUNDING = 2.4e-7;

/** @type {Promise<any> | undefined} */
let module;

/**
 * Runs `doppel import` on the bytes and hands the network file to `use`.
 * @template T @param {Uint8Array | string} source  bytes of a file, or the path of one
 * @param {string[]} options @param {(path: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withImported(source, options, use, ending = 'onnx') {
  const folder = await mkdtemp(join(tmpdir(), 'doppel-import-'));
  try {
    const [from, to] = [
      typeof source === 'string' ? source : join(folder, `network.${ending}`),
      join(folder, 'network.safetensors'),
    ];
    if (typeof source !== 'string') await writeFile(from, source);
    await execute(program, ['import', from, ...options, '-o', to]);
    return await use(to);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What `doppel import` says of a file that it refuses. */
export async function refusal(/** @type {Uint8Array} */ source, /** @type {string[]} */ options, ending = 'onnx') {
  const failed = await withImported(source, options, async () => null, ending).catch((error) => error);
  assert.ok(failed, 'the file was imported, though it should not be');
  assert.equal(failed.signal, null, `doppel import was ended by ${failed.signal}`);
  return { code: failed.code, text: String(failed.stderr) };
}

/** Outputs of program and module, one behind the other, for input in N H W C. */
export async function bothEngines(
  /** @type {string} */ path,
  /** @type {Float32Array} */ input,
  /** @type {number[]} */ shape,
) {
  module ??= openModule();
  return {
    program: await runNetworkNatively(path, input, shape),
    module: runNetworkInModule(await module, await readFile(path), input, shape),
  };
}

/**
 * Asserts that each output is theirs to within the tolerance. Maps (four sides) are N C H W there and N H W C here.
 * @param {Record<string, Float32Array>} ours  by engine, the outputs one behind the other
 * @param {import('./onnxruntime.mjs').Output[]} theirs  in the same order
 * @param {{tolerance?: number, rounding?: number}} [allowed]  `rounding`: differences that are no fault of ours
 * @returns {number} the largest relative difference
 */
export function assertSame(ours, theirs, { tolerance = TOLERANCE, rounding = 0 } = {}) {
  let worst = 0;
  for (const [engine, flat] of Object.entries(ours)) {
    let at = 0;
    for (const { name, shape, data } of theirs) {
      const golden = shape.length === 4 ? channelsLast(data, shape) : data;
      const difference = relativeDifference(flat.subarray(at, (at += golden.length)), golden, rounding);
      assert.ok(difference <= tolerance, `${engine}: ${name} [${shape}] differs by ${difference.toExponential(2)}`);
      worst = Math.max(worst, difference);
    }
    assert.equal(flat.length, at, `${engine} gives ${flat.length} numbers where ${at} are expected`);
  }
  return worst;
}

/** The largest difference, relative to their largest number: beside a zero there is nothing to be relative to. */
export function relativeDifference(/** @type {Float32Array} */ ours, /** @type {Float32Array} */ theirs, rounding = 0) {
  if (ours.length !== theirs.length || !theirs.length) return Infinity;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < theirs.length; i++) {
    if (!Number.isFinite(ours[i])) return Infinity;
    difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    largest = Math.max(largest, Math.abs(theirs[i]));
  }
  return Math.max(0, difference - rounding) / largest;
}
