/** Ending the real `doppel` before its end. */
import { spawn } from 'node:child_process';
import { program } from '../places.mjs';

const binary = process.env.DOPPEL_PROGRAM ?? program;

/** @typedef {{code: number | null, signal: string | null, out: string, err: string}} Stopped */

/**
 * Runs `doppel`; `watch` may send it signals, and gives back what ends the watching.
 * @param {(child: import('node:child_process').ChildProcess) => () => void} watch @param {string[]} args
 * @returns {Promise<Stopped>}
 */
function watched(watch, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args);
    let out = '', err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    const end = watch(child);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      end();
      resolve({ code, signal, out, err });
    });
  });
}

/** Killed, without a chance to tidy up, after so many milliseconds. @param {number} after @param {...string} args */
export function killedAfter(after, ...args) {
  return watched((child) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), after);
    return () => clearTimeout(timer);
  }, args);
}

/** Ctrl-C as soon as `ready` says so of the process. @param {(pid: number) => boolean} ready @param {...string} args */
export function interruptedWhen(ready, ...args) {
  return watched((child) => {
    const timer = setInterval(() => {
      if (!ready(child.pid ?? 0)) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 5);
    return () => clearInterval(timer);
  }, args);
}
