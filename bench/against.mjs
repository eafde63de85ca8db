/** The page of another commit, built in a git worktree of its own under build/, so that one run can time both. */
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from '../tests/places.mjs';

/** @param {string} commit @returns {string} its dist/; takes minutes the first time */
export function distAt(commit) {
  const name = command('git', ['rev-parse', '--short=10', `${commit}^{commit}`], root).trim();
  const tree = join(build, 'against', name);
  const dist = join(tree, 'dist');
  if (existsSync(join(dist, 'index.html'))) return dist;
  process.stderr.write(`… building ${name} in ${tree}\n`);
  if (!existsSync(join(tree, '.git'))) command('git', ['worktree', 'add', '--detach', tree, name], root);
  if (!existsSync(join(tree, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  command('node', ['tools/setup/setup.mjs'], tree);
  return dist;
}

/** @param {string} program @param {string[]} words @param {string} cwd */
function command(program, words, cwd) {
  const { status, stdout } = spawnSync(program, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`“${program} ${words.join(' ')}” failed in ${cwd}`);
  return stdout;
}
