/**
 * What is downloaded or built of the dependencies, kept outside the clone and shared by all clones: one folder a
 * recipe, named by the recipe's hash. A folder is made under another name and put into place whole, so that one that is
 * there is complete; a lock keeps two runs from making the same one.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { say, step } from './progress.mjs';

/** The folder of all caches: $XDG_CACHE_HOME/doppel. */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'doppel');
}

/**
 * The hash that names a recipe: anything that JSON can say, plus the contents of files.
 * @param {unknown} recipe @param {string[]} [files]
 */
export function recipeHash(recipe, files = []) {
  const hash = createHash('sha256').update(JSON.stringify(recipe));
  for (const file of files) hash.update('\0').update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/**
 * The folder that a recipe makes; made now if it is not there yet.
 * @param {string} name as in "emscripten"
 * @param {string} hash of the recipe
 * @param {string} title of the step, as in "Fetching Emscripten"
 * @param {(folder: string, progress: (detail: string) => void) => Promise<void>} make fills an empty folder. Its path
 *   changes when it is done, so nothing inside may remember it
 * @returns {Promise<string>}
 */
export async function cached(name, hash, title, make) {
  const folder = finalPath(name, hash);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  return step(title, async (progress) => {
    const unlock = await lock(`${folder}.lock`, progress);
    try {
      if (existsSync(folder)) return folder; // made by the run that we waited for
      sweep(dirname(folder));
      const partial = await mkdtemp(`${folder}.partial-`);
      try {
        await make(partial, progress);
        putInPlace(partial, folder);
      } finally {
        rmSync(partial, { recursive: true, force: true });
      }
      return folder;
    } finally {
      unlock();
    }
  });
}

/** The lock only saves work; this makes two makers at once harmless. @param {string} partial @param {string} folder */
function putInPlace(partial, folder) {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** Removes what runs that were killed have left half made. @param {string} parent */
function sweep(parent) {
  const yesterday = Date.now() - 24 * 3600 * 1000;
  for (const entry of readdirSync(parent)) {
    const path = join(parent, entry);
    if (entry.includes('.partial-') && statSync(path).mtimeMs < yesterday) rmSync(path, { recursive: true, force: true });
  }
}

/** @param {string} name @param {string} hash */
function finalPath(name, hash) {
  return join(cacheFolder(), `${name}-${hash}`);
}

/** Makes `link` point to `target`; returns whether anything changed. @param {string} link @param {string} target */
export function linkTo(link, target) {
  try {
    if (readlinkSync(link) === target) return false;
  } catch {
    // no link there yet
  }
  mkdirSync(dirname(link), { recursive: true });
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  if (existsSync(link) && !isLink(link)) rmSync(link, { recursive: true });
  renameSync(fresh, link);
  return true;
}

/** @param {string} path */
function isLink(path) {
  try {
    readlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Holds a lock that dies with its process.
 * @param {string} path @param {(detail: string) => void} [progress]
 * @returns {Promise<() => void>} lets it go
 */
export async function lock(path, progress = say) {
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      const release = () => rmSync(path, { force: true });
      process.once('exit', release);
      return () => {
        process.removeListener('exit', release);
        release();
      };
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(path);
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(path, { force: true });
      continue;
    }
    progress(`waiting for another run (process ${holder ?? 'starting'})`);
    await new Promise((wake) => setTimeout(wake, 300));
  }
}

/** @param {string} path @returns {number | undefined} */
function holderOf(path) {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} process_id */
function isAlive(process_id) {
  try {
    process.kill(process_id, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
