// One file over the network: bytes counted as they come, asked for again where the connection broke, unpacked where it
// is packed, and its sha256 checked. What is kept of it is files.js's business.
import { takeRequest } from './ahead.js';
import { integrityOfOwn } from './own-files.js';
import { hex } from './photo-file.js';
import * as words from './words.js';

/** Why a file is not here: `code` is one of words.js, `status` what the host answered, 0 where it did not. */
export class DownloadError extends Error {
  /** @param {string} code @param {string} sentence @param {number} [status] */
  constructor(code, sentence, status = 0) {
    super(sentence);
    this.code = code;
    this.status = status;
  }
}

/** Bytes of many files at once, each under its name. */
export class Tally {
  loaded = 0;
  total = 0;
  /** @type {Map<string, {loaded: number, total: number}>} */
  #files = new Map();
  #changed;

  /** @param {(tally: Tally) => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** A file that is to come; it counts once, however often it is asked for. @param {string} name @param {number} bytes */
  expect(name, bytes) {
    if (!this.#files.has(name)) this.#put(name, { loaded: 0, total: bytes });
  }

  /** How much of a file is here: less than before where it is fetched anew. @param {string} name @param {number} loaded */
  at(name, loaded) {
    const file = this.#files.get(name);
    if (file) this.#put(name, { loaded, total: file.total });
  }

  /** No longer wanted. @param {string} name */
  drop(name) {
    this.#put(name, { loaded: 0, total: 0 });
    this.#files.delete(name);
  }

  /** @param {string} name @param {{loaded: number, total: number}} now */
  #put(name, now) {
    const before = this.#files.get(name) ?? { loaded: 0, total: 0 };
    this.#files.set(name, now);
    this.loaded += now.loaded - before.loaded;
    this.total += now.total - before.total;
    this.#changed(this);
  }
}

/**
 * @typedef {object} Options
 * @property {string} name  as sentences say it and the tally counts it
 * @property {Tally} [tally]
 * @property {string} [integrity]
 * @property {boolean} [asItIs]  the response itself, whose body is not looked at on the way
 * @property {RequestCache} [cache]  'no-cache' asks the host whether a list has changed, 'reload' leaves out every cache
 */

/** Milliseconds without a byte after which the host has stalled. */
const patience = 20_000;
/** Bytes per millisecond that a file which is not watched comes with at least: 80 kbit/s. */
const slowest = 10;
const largestModule = 4_000_000;

/** Ends a request for which nothing comes any more. */
class Patience {
  #end;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {AbortController} end */
  constructor(end) {
    this.#end = end;
    this.again();
  }

  again(ms = patience) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end.abort(), ms);
  }

  /** @param {number} bytes of a body that is not counted */
  forWhole(bytes) {
    this.again(patience + bytes / slowest);
  }

  end() {
    clearTimeout(this.#timer);
  }
}

/** What ends the request of a response. A body that breaks off gives an AbortError in Firefox, too. @type {WeakMap<Response, AbortSignal>} */
const signals = new WeakMap();

/** @param {URL | string} url @param {Options} options @returns {Promise<Response>} whose body counts itself while it is read */
export async function request(url, { name, tally, integrity = '', cache = 'default', asItIs = false }) {
  const ahead = takeRequest(url, cache);
  const end = ahead?.end ?? new AbortController();
  const wait = new Patience(end);
  /** @type {Response} */
  let response;
  try {
    response = await (ahead?.response ?? fetch(url, { integrity, cache, credentials: 'same-origin', signal: end.signal }));
  } catch {
    wait.end();
    if (end.signal.aborted) throw new DownloadError('STALLED', words.stalled(name));
    const status = integrity ? await statusOf(url) : 0;
    if (!status) throw new DownloadError('OFFLINE', words.brokeOff(name));
    if (status < 300) throw new DownloadError('DAMAGED_FILE', words.damaged(name));
    throw new DownloadError('NOT_SERVED', words.notServed(name, status), status);
  }
  if (!response.ok) {
    wait.end();
    end.abort();
    throw new DownloadError('NOT_SERVED', words.notServed(name, response.status), response.status);
  }
  if (asItIs || !response.body) {
    wait.forWhole(Number(response.headers.get('Content-Length')) || largestModule);
    return response;
  }
  let loaded = 0;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        wait.again();
        tally?.at(name, (loaded += chunk.byteLength));
        controller.enqueue(chunk);
      },
      flush: () => wait.end(),
    }),
  );
  const answer = new Response(counted, { headers: { 'Content-Type': response.headers.get('Content-Type') ?? '' } });
  signals.set(answer, end.signal);
  return answer;
}

/** `fetch` fails alike for a broken connection and for bytes that are not those that `integrity` names. @param {URL | string} url @returns {Promise<number>} 0 where the host does not answer */
const statusOf = (url) => fetch(url, { method: 'HEAD', cache: 'no-store' }).then(({ status }) => status, () => 0);

/** Milliseconds to wait before each further try. */
const pauses = [400, 1200, 3600];
const passingStatuses = [408, 429, 500, 502, 503, 504];

/** @param {URL | string} url @param {Options} options @returns {Promise<Uint8Array<ArrayBuffer>>} */
export const download = (url, options) => persistently(options, () => downloadOnce(url, options));

/** A file of the page itself; one that does not match is asked for again past all caches. @param {string} path @returns {Promise<Response>} */
export async function ownFile(path) {
  const ask = (/** @type {RequestCache} */ cache) => {
    const options = { name: path, cache, integrity: integrityOfOwn(path), asItIs: true };
    return persistently(options, () => request(new URL(path, document.baseURI), options));
  };
  return ask('default').catch((error) => {
    if (error.code !== 'DAMAGED_FILE') throw error;
    return ask('reload');
  });
}

/** Tries a few times more where the connection breaks or the host is busy. @template T @param {Options} options @param {() => Promise<T>} ask @returns {Promise<T>} */
async function persistently(options, ask) {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      options.tally?.at(options.name, 0);
      if (tries === pauses.length || !isPassing(error) || (tries && isStall(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauses[tries]));
    }
  }
}

/** @param {URL | string} url @param {Options} options */
async function downloadOnce(url, options) {
  const response = await request(url, options);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw signals.get(response)?.aborted ? new DownloadError('STALLED', words.stalled(options.name)) : new DownloadError('OFFLINE', words.brokeOff(options.name));
  }
}

/** Another one costs as long again. @param {unknown} error */
const isStall = (error) => error instanceof DownloadError && error.code === 'STALLED';

/** @param {unknown} error */
const isPassing = (error) =>
  error instanceof DownloadError && (error.code === 'OFFLINE' || error.code === 'STALLED' || (error.code === 'NOT_SERVED' && passingStatuses.includes(error.status)));

/** Whether the host says that there is no such file; anything else may pass. @param {unknown} error */
export const isMissing = (error) => error instanceof DownloadError && error.code === 'NOT_SERVED' && [403, 404, 410].includes(error.status);

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
    const stream = /** @type {ReadableStream} */ (new Response(bytes).body).pipeThrough(new DecompressionStream('gzip'));
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
