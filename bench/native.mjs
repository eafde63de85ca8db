/** The native program of the bench (native.c), which answers each word with the milliseconds that it took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from '../tests/places.mjs';
import { attempt } from '../tools/setup/run.mjs';

const program = join(build, 'native/bench/bench_native');

/** @typedef {{ask: (word: string) => Promise<string>, time: (word: string) => Promise<number>, close: () => Promise<void>}} Native */

/** The way of a photo. @param {string} models @param {string} gallery folders @param {string} photo */
export const nativeWay = (models, gallery, photo) => start('photo', models, gallery, photo);

/** A network alone: a time is the mean of a few passes. @param {string} file @param {string} numbers float32 N H W C @param {number} side */
export const nativeNetwork = (file, numbers, side) => start('network', file, numbers, String(side));

/**
 * The layers with weights, in their order, and how many multiplications each takes.
 * @param {string} file @param {number} side @returns {Promise<{op: string, products: number}[]>}
 */
export async function workOf(file, side) {
  const { code, output, everything } = await attempt(program, ['work', file, String(side)]);
  if (code !== 0) throw new Error(everything);
  return output.trim().split('\n').map((line) => {
    const [products, op] = line.split('\t');
    return { op, products: Number(products) };
  });
}

/** Decoding of a JPEG: each answer has ours and djpeg's processor time. @param {string} file @param {number} reduce */
export async function nativeJpeg(file, reduce) {
  const { ask, close } = await start('jpeg', file, String(reduce));
  return { times: async () => (await ask('')).split(' ').map(Number), close };
}

/** @param {...string} words @returns {Promise<Native>} */
async function start(...words) {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (data) => (complaint += data));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(complaint.trim() || 'The native program of the bench has ended.');
    return value;
  };
  await answer(); // "ready"
  const ask = (/** @type {string} */ word) => {
    child.stdin.write(`${word}\n`);
    return answer();
  };
  return {
    ask,
    time: async (word) => Number(await ask(word)),
    async close() {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}
