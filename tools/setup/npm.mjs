/** The npm packages: `npm ci`, and only when package-lock.json is another than the one that was installed. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { step } from './progress.mjs';
import { run } from './run.mjs';

export async function npmPackages() {
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const stamp = join(root, 'node_modules/.doppel-lock-sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await step('Installing the npm packages', () =>
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
      cwd: root,
      why: 'The npm packages cannot be installed',
    }),
  );
  writeFileSync(stamp, wanted);
}
