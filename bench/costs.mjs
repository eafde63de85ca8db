/** What a run of the native program costs: seconds, processor time and memory, as /proc says while it runs. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @typedef {{seconds: number, processorSeconds: number, peak: number, own: number, out: string}} Costs peak and own in MiB */

/** Runs a program until its end. @param {string} program @param {...string} args @returns {Promise<Costs>} */
export function costsOf(program, ...args) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const costs = { seconds: 0, processorSeconds: 0, peak: 0, own: 0, out: '' };
    let err = '';
    child.stdout.on('data', (data) => (costs.out += data));
    child.stderr.on('data', (data) => (err += data));
    const timer = setInterval(() => look(child.pid ?? 0, costs), 10);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      costs.seconds = (performance.now() - started) / 1000;
      if (code) reject(new Error(err));
      else resolve(costs);
    });
  });
}

/** @param {number} pid @param {Costs} costs */
function look(pid, costs) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mebibytes = (/** @type {string} */ key) => Number(status.match(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm'))?.[1] ?? 0) / 1024;
    costs.peak = Math.max(costs.peak, mebibytes('VmHWM'));
    costs.own = Math.max(costs.own, mebibytes('RssAnon'));
    const times = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const ticksASecond = 100; // of Linux, whatever the kernel's own
    costs.processorSeconds = Math.max(costs.processorSeconds, (Number(times[11]) + Number(times[12])) / ticksASecond);
  } catch {
    // it has ended
  }
}
