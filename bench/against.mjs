/** The page of another commit, built in a git worktree of its own under build/, so that one run can time both. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from '../tests/places.mjs';

/** @param {string} commit @returns {string} its dist/; takes minutes the first time */
export const distAt = (commit) => join(treeAt(commit), 'dist');

/** @param {string} commit @returns {string} its native program */
export const programAt = (commit) => join(treeAt(commit), 'build/native/doppel');

/** @param {string} commit @returns {string} its folder, with everything built */
function treeAt(commit) {
  const name = command('git', ['rev-parse', '--short=10', `${commit}^{commit}`], root).trim();
  const tree = join(build, 'against', name);
  if (existsSync(join(tree, 'dist/index.html'))) return tree;
  process.stderr.write(`… building ${name} in ${tree}\n`);
  if (!existsSync(join(tree, '.git'))) command('git', ['worktree', 'add', '--detach', tree, name], root);
  command('node', ['tools/setup/setup.mjs'], tree);
  return tree;
}

/** @param {string} program @param {string[]} words @param {string} cwd */
function command(program, words, cwd) {
  const { status, stdout } = spawnSync(program, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`“${program} ${words.join(' ')}” failed in ${cwd}`);
  return stdout;
}
