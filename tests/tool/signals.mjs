/** Ending the real `doppel` before its end. */
import { spawn } from 'node:child_process';
import { program } from '../places.mjs';

const binary = process.env.DOPPEL_PROGRAM ?? program;

/** @typedef {{code: number | null, signal: string | null, out: string, err: string}} Stopped */

/**
 * Runs `doppel` and sends a signal after so many milliseconds. @param {NodeJS.Signals} signal
 * @param {number} after @param {...string} args @returns {Promise<Stopped>}
 */
export function stopped(signal, after, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args);
    let out = '', err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    const timer = setTimeout(() => child.kill(signal), after);
    child.on('error', reject);
    child.on('close', (code, by) => {
      clearTimeout(timer);
      resolve({ code, signal: by, out, err });
    });
  });
}

/** Ctrl-C while it works. @param {...string} args */
export const interrupted = (...args) => stopped('SIGINT', 250, ...args);
