/** Ending the real `doppel` before its end. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
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

/** A signal as soon as `ready` says so of the process. @param {NodeJS.Signals} signal @param {(pid: number) => boolean} ready @param {...string} args */
export function signalledWhen(signal, ready, ...args) {
  return watched((child) => {
    const timer = setInterval(() => {
      if (!ready(child.pid ?? 0)) return;
      clearInterval(timer);
      child.kill(signal);
    }, 5);
    return () => clearInterval(timer);
  }, args);
}

/** Ctrl-C as soon as `ready` says so of the process. @param {(pid: number) => boolean} ready @param {...string} args */
export const interruptedWhen = (ready, ...args) => signalledWhen('SIGINT', ready, ...args);

/** Whether a process has a file open. @param {number} pid @param {string} file */
export function hasOpen(pid, file) {
  const open = `/proc/${pid}/fd`;
  try {
    return readdirSync(open).some((entry) => readlinkSync(join(open, entry)) === file);
  } catch {
    return false; // a file that was closed meanwhile, or a process that has ended
  }
}

/**
 * The stages of a build from a roster into `out`: each says whether a process has reached it.
 * @param {string} roster @param {string} out @returns {Record<string, (pid: number) => boolean>}
 */
export function stagesOf(roster, out) {
  let read = false;
  const isWriting = () => existsSync(`${out}.unfinished`) && readdirSync(`${out}.unfinished`).some((name) => name.startsWith('large-'));
  return {
    reading: (pid) => hasOpen(pid, roster),
    planning(pid) {
      const reads = hasOpen(pid, roster);
      read ||= reads;
      return read && !reads;
    },
    analysing: () => existsSync(`${out}.work`),
    assembling: () => existsSync(`${out}.unfinished`),
    writing: isWriting,
  };
}
