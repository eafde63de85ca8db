// What went wrong, as the page shows it: a code, a sentence, and what a visitor can do about it.
import { DownloadError } from './download.js';
import { EngineError } from './engine.js';
import * as words from './words.js';

/** @typedef {import('./types.js').Problem} Problem */

/** Where trying again does not help. @type {Record<string, Problem['actions']>} */
const waysOutOf = { WRONG_NETWORK: [], OLDER_GALLERY: [], NEWER_GALLERY: ['renew'], OUTDATED: ['renew'] };

/** @param {unknown} error @returns {Problem} */
export function loadProblem(error) {
  if (error instanceof EngineError || error instanceof DownloadError)
    return { code: error.code, sentence: error.code === 'TRAP' ? words.problems.NO_WORKER : error.message, actions: waysOutOf[error.code] ?? ['reload'] };
  console.error(error);
  return { code: 'INTERNAL', sentence: words.problems.INTERNAL, actions: ['reload'] };
}

const worthRetrying = ['NO_WORKER', 'TRAP', 'OUT_OF_MEMORY', 'INTERNAL', 'OFFLINE', 'STALLED', 'NOT_SERVED', 'DAMAGED_FILE', 'UPDATING'];

/** @param {unknown} error @returns {Problem} */
export function photoProblem(error) {
  if (error instanceof DOMException) return { code: 'UNREADABLE', sentence: words.problems.UNREADABLE, actions: ['choose'] };
  if (!(error instanceof EngineError || error instanceof DownloadError)) {
    console.error(error);
    return { code: 'INTERNAL', sentence: words.problems.INTERNAL, actions: ['retry', 'choose'] };
  }
  const again = worthRetrying.includes(error.code);
  return { code: error.code, sentence: error.message, actions: waysOutOf[error.code] ?? (again ? ['retry', 'choose'] : ['choose']) };
}
