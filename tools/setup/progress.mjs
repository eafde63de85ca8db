/**
 * What the set-up says while it works: one line a step with its duration, moving numbers inside long ones, and failures
 * as sentences. Steps that have nothing to do stay silent. Nothing here knows what the steps are.
 */

/** A failure that is a sentence for whoever runs the command; shown without a stack trace. */
export class SetupError extends Error {}

const onTerminal = Boolean(process.stderr.isTTY) && !process.env.CI;
const QUIET_SECONDS = 15; // without a terminal, a running step says something this often

/** @type {{name: string, started: number, said: number, shown: boolean}[]} */
const running = [];

/**
 * Runs one step and says how long it took.
 * @template T
 * @param {string} name as in "Building XNNPACK"
 * @param {(progress: (detail: string) => void) => Promise<T>} work calls progress with a short text as often as it likes
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const mine = { name, started: Date.now(), said: Date.now(), shown: false };
  running.push(mine);
  show(mine, '');
  try {
    const result = await work((detail) => show(mine, detail));
    finish(mine, seconds(Date.now() - mine.started));
    return result;
  } catch (error) {
    finish(mine, 'failed');
    throw error;
  } finally {
    running.splice(running.indexOf(mine), 1);
  }
}

/** A plain line. @param {string} text */
export function say(text) {
  clearLine();
  process.stderr.write(`${text}\n`);
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  const whole = milliseconds / 1000;
  if (whole < 10) return `${whole.toFixed(1)} s`;
  return whole < 120 ? `${Math.round(whole)} s` : `${Math.floor(whole / 60)} min ${Math.round(whole % 60)} s`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Ends the program on an error: a sentence where it is one of ours, otherwise with where it came from. @param {unknown} error */
export function exitWith(error) {
  clearLine();
  if (error instanceof SetupError) process.stderr.write(`\n${error.message}\n`);
  else console.error(error);
  process.exit(1);
}

/** @param {{name: string, said: number, shown: boolean}} one @param {string} detail */
function show(one, detail) {
  if (process.env.DOPPEL_QUIET) return;
  if (onTerminal) {
    const line = `… ${one.name}${detail ? `  ${detail}` : ''}`;
    process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    return;
  }
  if (!one.shown) process.stderr.write(`… ${one.name}\n`);
  else if (detail && Date.now() - one.said > QUIET_SECONDS * 1000) process.stderr.write(`  ${one.name}: ${detail}\n`);
  else return;
  one.shown = true;
  one.said = Date.now();
}

/** @param {{name: string, started: number}} one @param {string} result */
function finish(one, result) {
  if (process.env.DOPPEL_QUIET) return;
  clearLine();
  if (onTerminal || result === 'failed' || Date.now() - one.started > 2000) {
    process.stderr.write(`${result === 'failed' ? '✗' : '✓'} ${one.name}  ${result}\n`);
  }
}

function clearLine() {
  if (onTerminal) process.stderr.write('\r\x1b[K');
}
