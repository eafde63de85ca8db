/**
 * The npm packages: `npm ci`, and only when package-lock.json is another than the one that was installed. Those that the
 * bench alone measures against lie in a folder of their own, bench/peers, and are installed by it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { step } from './progress.mjs';
import { run } from './run.mjs';

export const npmPackages = () => installIn(root, 'Installing the npm packages');
export const benchPeers = () => installIn(join(root, 'bench/peers'), 'Installing what the bench measures against');

/** @param {string} folder @param {string} title */
async function installIn(folder, title) {
  const wanted = createHash('sha256').update(readFileSync(join(folder, 'package-lock.json'))).digest('hex');
  const stamp = join(folder, 'node_modules/.doppel-lock-sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await step(title, () =>
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
      cwd: folder,
      why: 'The npm packages cannot be installed',
    }),
  );
  writeFileSync(stamp, wanted);
}
