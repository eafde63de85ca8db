/** SHA256SUMS: the hashes of all files that are hosted, in the form of sha256sum, for whoever wants to compare (SECURITY.md). */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** @param {string} folder @param {string[]} paths of all its files */
export function writeSums(folder, paths) {
  const line = (/** @type {string} */ path) => `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${relative(folder, path)}\n`;
  writeFileSync(join(folder, 'SHA256SUMS'), paths.sort().map(line).join(''));
}
