/** What a network file of ours says about itself, without running it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { SetupError } from './progress.mjs';

const LARGEST_HEADER = 16 * 1024 * 1024;

/**
 * The document in a .safetensors file's metadata.
 * @param {string} path
 * @returns {{name: string, task: 'detector' | 'landmarks' | 'embedder', licence: string, source_sha256?: string}}
 */
export function networkDocument(path) {
  const file = openSync(path, 'r');
  try {
    const length = Buffer.alloc(8);
    readSync(file, length);
    const size = Number(length.readBigUInt64LE());
    if (size > LARGEST_HEADER) throw new RangeError();
    const header = Buffer.alloc(size);
    readSync(file, header);
    const document = JSON.parse(JSON.parse(header.toString()).__metadata__.doppel);
    if (typeof document.name !== 'string' || typeof document.task !== 'string') throw new TypeError();
    return document;
  } catch {
    throw new SetupError(`${path} is not a network file of doppel.`);
  } finally {
    closeSync(file);
  }
}
