/** Other programs, run for the set-up: their output is kept and shown only when they fail. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { SetupError } from './progress.mjs';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] instead of this process's
 * @property {(line: string) => void} [onLine] each line of output as it comes
 * @property {string} [why] what could not be done, when it fails
 * @property {boolean} [show] pass the output through instead of keeping it
 */

/**
 * Runs a program to its end and returns its standard output. A failure is a SetupError with the last lines.
 * @param {string} program @param {string[]} parameters @param {RunOptions} [options]
 * @returns {Promise<string>}
 */
export async function run(program, parameters, options = {}) {
  const { code, output, everything } = await attempt(program, parameters, options);
  if (code !== 0) {
    const tail = everything.trimEnd().split('\n').slice(-25).join('\n');
    throw new SetupError(
      `${options.why ?? `${program} failed`} (exit code ${code}).\n  ${program} ${parameters.join(' ')}\n${tail}`,
    );
  }
  return output;
}

/**
 * The same without an opinion about the exit code (127: there is no such program).
 * @param {string} program @param {string[]} parameters @param {RunOptions} [options]
 * @returns {Promise<{code: number, output: string, everything: string}>}
 */
export function attempt(program, parameters, { cwd, env, onLine, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let everything = '';
    let unfinished = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({ code: 127, output, everything: `${everything}${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ code: signal ? 128 : (code ?? 1), output, everything }));

    /** @param {string} text */
    function take(text) {
      everything += text;
      if (show) process.stdout.write(text);
      if (!onLine) return;
      const lines = (unfinished + text).split(/\r|\n/);
      unfinished = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
  });
}

/** The full path of a program on the PATH, or undefined. @param {string} name @param {NodeJS.ProcessEnv} [env] */
export function findProgram(name, env = process.env) {
  if (isAbsolute(name)) return isExecutable(name) ? name : undefined;
  return (env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
