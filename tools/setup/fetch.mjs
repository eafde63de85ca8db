/**
 * Files from public addresses into the cache: each is kept under its sha256, so that a second run asks nobody. A
 * download that breaks off goes on where it stopped. Knows nothing about networks.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, lock } from './cache.mjs';
import { SetupError, megabytes } from './progress.mjs';

/** Why nothing came: the address gave no answer, broke off or refused. Another try may succeed. */
export class FetchError extends SetupError {}

/** Seconds to wait for an answer, and for each next piece of a file. */
const PATIENCE = 5;

/** How long a failure is remembered, so that a run without network does not wait again. */
const MEMORY_MS = 3600 * 1000;

const folder = () => join(cacheFolder(), 'downloads');

/** Where a file with this sha256 lies in the cache, or would. @param {string} sha256 @param {string} name */
export const cachedPath = (sha256, name) => join(folder(), sha256, name);

/** The cached file with this sha256, or undefined. @param {string} sha256 @param {string} name */
export function cachedFile(sha256, name) {
  const path = cachedPath(sha256, name);
  return existsSync(path) ? path : undefined;
}

/**
 * Copies a file of this machine into the cache, checked. @param {string} path @param {string | null} sha256 null: whatever
 * it is @param {string} name @returns {Promise<{path: string, sha256: string}>}
 */
export async function keepFile(path, sha256, name) {
  const found = await sha256Of(path);
  if (sha256 && found !== sha256) throw new SetupError(`${path} is not the file that the catalogue pins: its sha256 is ${found}, expected ${sha256}.`);
  const kept = cachedPath(found, name);
  if (!existsSync(kept)) {
    mkdirSync(join(folder(), found), { recursive: true });
    copyFileSync(path, `${kept}.${process.pid}`);
    renameSync(`${kept}.${process.pid}`, kept);
  }
  return { path: kept, sha256: found };
}

/**
 * Downloads a file, or finds it in the cache.
 * @param {string} address
 * @param {object} options
 * @param {string} options.name of the file
 * @param {string | null} options.sha256 null: not known yet, and whatever comes is taken
 * @param {(detail: string) => void} [options.progress]
 * @param {number} [options.patience] seconds, instead of DOPPEL_FETCH_PATIENCE or 5
 * @returns {Promise<{path: string, sha256: string}>}
 */
export async function fetchFile(address, { name, sha256, progress = () => {}, patience = patienceWanted() }) {
  const kept = sha256 && cachedFile(sha256, name);
  if (kept) return { path: kept, sha256 };
  const part = new Part(address);
  const unlock = await lock(`${part.path}.lock`, progress);
  try {
    const finished = sha256 && cachedFile(sha256, name); // by the run that we waited for
    if (finished) return { path: finished, sha256 };
    await download(address, part, progress, patience);
    const found = await sha256Of(part.path);
    if (sha256 && found !== sha256) {
      part.remove();
      throw new FetchError(`${address} gave another file than the catalogue pins: its sha256 is ${found}, expected ${sha256}. It was thrown away.`);
    }
    const path = cachedPath(found, name);
    mkdirSync(join(folder(), found), { recursive: true });
    renameSync(part.path, path);
    part.remove();
    rememberFailure(address, '');
    return { path, sha256: found };
  } catch (error) {
    if (error instanceof FetchError) rememberFailure(address, error.message);
    throw error;
  } finally {
    unlock();
  }
}

/** Why an address failed less than an hour ago, or undefined. @param {string} address */
export function recentFailure(address) {
  const { time = 0, why = '' } = failures()[address] ?? {};
  return Date.now() - time < MEMORY_MS && time <= Date.now() ? why : undefined;
}

// ------------------------------------------------------------------------------------------------ downloading

/** What has arrived of an address so far, and which version of it that is. */
class Part {
  /** @param {string} address */
  constructor(address) {
    mkdirSync(folder(), { recursive: true });
    this.path = join(folder(), `${createHash('sha256').update(address).digest('hex').slice(0, 16)}.part`);
    this.notes = `${this.path}.json`;
  }

  get bytes() {
    return existsSync(this.path) ? statSync(this.path).size : 0;
  }

  /** An ETag or date that says whether the file is still the same one; empty where the server gave none. @returns {string} */
  get version() {
    try {
      return JSON.parse(readFileSync(this.notes, 'utf8')).version;
    } catch {
      return '';
    }
  }

  /** @param {string} version */
  begin(version) {
    writeFileSync(this.path, '');
    writeFileSync(this.notes, JSON.stringify({ version }));
  }

  remove() {
    rmSync(this.path, { force: true });
    rmSync(this.notes, { force: true });
  }
}

/** @param {string} address @param {Part} part @param {(detail: string) => void} progress @param {number} patience */
async function download(address, part, progress, patience) {
  const stop = new AbortController();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const stillAlive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), patience * 1000);
  };
  try {
    stillAlive();
    const { response, from, total } = await ask(address, part, stop.signal);
    stillAlive();
    await take(response, part, from, total, () => stillAlive(), progress);
    if (total && part.bytes !== total) throw new FetchError(`${address} broke off after ${megabytes(part.bytes)} of ${megabytes(total)}. Try again: it goes on from there.`);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    const got = part.bytes ? ` ${megabytes(part.bytes)} are kept; the next try goes on from there.` : '';
    if (stop.signal.aborted) throw new FetchError(`${address} did not answer for ${patience} s.${got}`);
    throw new FetchError(`${address} cannot be reached: ${reasonOf(error)}.${got}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks for what is missing; for everything where the server cannot do that or has another version now.
 * @param {string} address @param {Part} part @param {AbortSignal} signal
 * @returns {Promise<{response: Response, from: number, total: number}>} total 0: not known
 */
async function ask(address, part, signal) {
  const have = part.version ? part.bytes : 0;
  /** @type {Record<string, string>} */
  const headers = { 'Accept-Encoding': 'identity' };
  if (have) Object.assign(headers, { Range: `bytes=${have}-`, 'If-Range': part.version });
  const response = await fetch(address, { headers, signal });
  const version = versionOf(response.headers);
  if (response.status === 206) {
    const [, start, all] = response.headers.get('Content-Range')?.match(/^bytes (\d+)-\d+\/(\d+)$/) ?? [];
    if (Number(start) === have && version === part.version) return { response, from: have, total: Number(all) };
  }
  if (have && (response.status === 206 || response.status === 416)) {
    await response.body?.cancel();
    part.remove();
    return ask(address, part, signal);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new FetchError(`${address} answered ${response.status}${response.statusText ? ` ${response.statusText}` : ''} instead of sending the file.`);
  }
  part.begin(version);
  return { response, from: 0, total: Number(response.headers.get('Content-Length') ?? 0) };
}

/** What If-Range may carry: a strong ETag, or else a date. @param {Headers} headers */
function versionOf(headers) {
  const tag = headers.get('ETag');
  return tag?.startsWith('"') ? tag : (headers.get('Last-Modified') ?? '');
}

/**
 * @param {Response} response @param {Part} part @param {number} from @param {number} total
 * @param {() => void} arrived @param {(detail: string) => void} progress
 */
async function take(response, part, from, total, arrived, progress) {
  const file = createWriteStream(part.path, { flags: 'r+', start: from });
  let have = from;
  try {
    for await (const piece of /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (response.body ?? []))) {
      arrived();
      have += piece.length;
      if (!file.write(piece)) await new Promise((resume) => file.once('drain', () => resume(undefined)));
      progress(total ? `${megabytes(have)} of ${megabytes(total)}` : megabytes(have));
    }
  } finally {
    await new Promise((done, fail) => file.end((/** @type {Error | null | undefined} */ error) => (error ? fail(error) : done(undefined))));
  }
}

/** fetch says "fetch failed"; what failed is its cause. @param {unknown} error */
function reasonOf(error) {
  const cause = /** @type {any} */ (error)?.cause ?? error;
  return String(cause?.code ?? cause?.message ?? cause);
}

/** @param {string} path @returns {Promise<string>} */
async function sha256Of(path) {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest('hex');
}

function patienceWanted() {
  const wanted = Number(process.env.DOPPEL_FETCH_PATIENCE);
  return wanted > 0 ? wanted : PATIENCE;
}

// ------------------------------------------------------------------------------------------------ memory of failures

const memory = () => join(folder(), 'failed.json');

/** @returns {Record<string, {time: number, why: string}>} */
function failures() {
  try {
    return JSON.parse(readFileSync(memory(), 'utf8'));
  } catch {
    return {};
  }
}

/** @param {string} address @param {string} why empty: it has not failed */
function rememberFailure(address, why) {
  const all = failures();
  if (!why && !all[address]) return;
  delete all[address];
  if (why) all[address] = { time: Date.now(), why };
  writeFileSync(memory(), JSON.stringify(all));
}
