// One file over the network: bytes counted as they come, unpacked where they are packed, and their sha256 checked.
import { hex } from './photo-file.js';
import * as words from './words.js';

/** Why a file is not here: `code` is one of words.js. */
export class DownloadError extends Error {
  /** @param {string} code @param {string} sentence */
  constructor(code, sentence) {
    super(sentence);
    this.code = code;
  }
}

/** Bytes of many files at once. */
export class Tally {
  loaded = 0;
  total = 0;
  #changed;

  /** @param {(tally: Tally) => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {number} bytes */
  expect(bytes) {
    this.total += bytes;
    this.#changed(this);
  }

  /** @param {number} bytes */
  add(bytes) {
    this.loaded += bytes;
    this.#changed(this);
  }
}

/**
 * @param {URL | string} url
 * @param {{name: string, tally?: Tally, integrity?: string, fresh?: boolean, sizeUnknown?: boolean}} options
 * @returns {Promise<Response>} whose body counts itself while it is read
 */
export async function request(url, { name, tally, integrity = '', fresh = false, sizeUnknown = false }) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { integrity, cache: fresh ? 'no-cache' : 'default', credentials: 'same-origin' });
  } catch {
    throw new DownloadError('OFFLINE', words.problems.OFFLINE);
  }
  if (!response.ok) throw new DownloadError('NOT_SERVED', words.notServed(name, response.status));
  if (!tally || !response.body) return response;
  if (sizeUnknown && !response.headers.get('Content-Encoding')) tally.expect(Number(response.headers.get('Content-Length')) || 0);
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        tally.add(chunk.byteLength);
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted, { headers: { 'Content-Type': response.headers.get('Content-Type') ?? '' } });
}

/** @param {Parameters<typeof request>} parameters @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function download(...parameters) {
  const response = await request(...parameters);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new DownloadError('OFFLINE', words.problems.OFFLINE);
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {string} name @returns {any} */
export function parse(bytes, name) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new DownloadError('DAMAGED_LIST', `${name}: ${words.problems.DAMAGED_LIST}`);
  }
}

/** Unpacks gzip. Looks at the first two bytes, because some hosts unpack on the way. @param {Uint8Array<ArrayBuffer>} bytes @param {string} name */
export async function unpack(bytes, name) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new DownloadError('DAMAGED_FILE', words.damaged(name));
  }
}

/** Browsers give crypto to https and localhost only; elsewhere gzip's own checksum and `integrity` have to do. */
export const canHash = () => Boolean(globalThis.crypto?.subtle);

/** @param {Uint8Array<ArrayBuffer>} bytes @param {string} sha256 @param {string} name */
export async function check(bytes, sha256, name) {
  if (!canHash()) return;
  if (hex(await crypto.subtle.digest('SHA-256', bytes)) !== sha256) throw new DownloadError('DAMAGED_FILE', words.damaged(name));
}

/** A hex sha256 as `fetch` wants it, for pages without crypto. @param {string} sha256 */
export function integrityOf(sha256) {
  if (canHash()) return '';
  const bytes = sha256.match(/../g)?.map((pair) => parseInt(pair, 16)) ?? [];
  return `sha256-${btoa(String.fromCharCode(...bytes))}`;
}
