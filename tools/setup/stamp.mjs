/** Things made from other things: made again only when what goes in has changed, and put into place whole. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @param {(string | Buffer)[]} parts */
export function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/**
 * @param {string} folder what is made
 * @param {string} inputs a hash of all that goes in
 * @param {(fresh: string) => Promise<void>} make fills an empty folder
 */
export async function madeFrom(folder, inputs, make) {
  const stamp = `${folder}.made-from`;
  if (existsSync(folder) && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;
  const fresh = join(dirname(folder), `.${process.pid}.partial`);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  try {
    await make(fresh);
    rmSync(stamp, { force: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    writeFileSync(stamp, inputs);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
