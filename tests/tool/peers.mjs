/** Programs that others have written for the files that doppel reads and writes: NumPy and hnswlib, through Debian's Python. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = join(dirname(fileURLToPath(import.meta.url)), 'peers.py');

/** @param {string} module @returns {string | undefined} */
const pythonWith = (module) => ['python3', '/usr/bin/python3'].find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0);

const python = { numpy: pythonWith('numpy'), hnswlib: pythonWith('hnswlib') };
export const lacksNumpy = python.numpy ? false : 'SKIPPED: python3-numpy is not here';
export const lacksHnswlib = python.numpy && python.hnswlib ? false : 'SKIPPED: python3-hnswlib is not here';

/** What peers.py answers. @param {string[]} args @param {unknown} [input] */
export function ask(args, input) {
  const { status, stdout, stderr } = spawnSync(python.hnswlib ?? python.numpy ?? '', [script, ...args], {
    input: JSON.stringify(input ?? null),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
