// The page's side of the worker. One call at a time. Cancelling lets the worker finish the step it is in, or ends it
// where that takes long; after that or a trap another worker starts, from the same script, which needs no network. A photo
// that is here before the networks is read meanwhile; where none is, everything is run once. After minutes without work the
// engine rests: its worker ends, and with it the memory goes back to the system, until it is next needed.
import { decodeWithBrowser } from './browser-decoder.js';
import { DownloadError, ownFile } from './download.js';
import { workerFile } from './own-files.js';
import { brokeOff, problems } from './words.js';
import { startWorker } from './worker-frame.js';

/** @typedef {import('./types.js').Ingredients} Ingredients */
/** @typedef {import('./types.js').Face} Face */
/** @typedef {import('./types.js').Opened} Opened */
/** @typedef {import('./types.js').Box} Box */
/** @typedef {import('./types.js').Match} Match */
/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./types.js').Vector} Vector */
/** @typedef {import('./types.js').Condition} Condition */
/** @typedef {import('./types.js').Column} Column */
/** @typedef {import('./types.js').FaceSeen} FaceSeen */

/** Milliseconds without work after which the engine rests. */
const restAfter = 4 * 60 * 1000;
/** What the worker is to run once before there is a photo, in this order, each in a moment. */
const warmUps = ['decode', 'face', 'embed', 'search', 'forget'];
const cancelPatience = 1500;
/** What the browser's own decoder may be able to read. */
const forBrowser = ['UNSUPPORTED_FORMAT', 'DAMAGED_IMAGE'];
/** What a photo that came early can be the reason of. */
const troubles = ['NO_WORKER', 'TRAP', 'OUT_OF_MEMORY', 'INTERNAL'];

/** What the engine answers instead of a result: a status of doppel.h or a code of words.js, with its sentence. */
export class EngineError extends Error {
  /** @param {string} code @param {string} [sentence] */
  constructor(code, sentence) {
    super(sentence || problems[code] || problems.INTERNAL);
    this.code = code;
  }
}

/** The worker's script stays, so that another worker needs no network. @type {Promise<Blob> | null} */
let script = null;

function workerScript() {
  const broken = () => {
    throw new DownloadError('OFFLINE', brokeOff(workerFile));
  };
  script ??= ownFile(workerFile).then((response) => response.blob().catch(broken));
  script.catch(() => (script = null));
  return script;
}

/** One worker, and the answers that it still owes. */
class Line {
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #owed = new Map();
  #next = 1;
  /** @type {Worker | null} */
  #worker = null;
  /** Rejects with why the worker does not run. */
  started = this.#start();
  /** Resolves with the last answer: the worker works in order. @type {Promise<unknown>} */
  idle = Promise.resolve();
  ended = false;

  constructor() {
    this.started.catch((error) => this.end(error));
  }

  async #start() {
    const source = await workerScript();
    const worker = await startWorker(source).catch(() => {
      script = null;
      throw new EngineError('NO_WORKER');
    });
    if (this.ended) return worker.terminate();
    worker.onmessage = ({ data }) => this.#answer(data);
    worker.onerror = (event) => {
      event.preventDefault(); // an error is said by the page
      this.end(new EngineError('TRAP'));
    };
    this.#worker = worker;
  }

  /** @param {string} call @param {object} args @param {Transferable[]} transfer @returns {Promise<{result: any, ms: number, heap: number}>} */
  ask(call, args, transfer = []) {
    const worker = this.#worker;
    if (this.ended || !worker) return Promise.reject(new EngineError('NO_WORKER'));
    const id = this.#next++;
    const answer = new Promise((resolve, reject) => this.#owed.set(id, { resolve, reject }));
    worker.postMessage({ id, call, args }, transfer);
    this.idle = answer.catch(() => {});
    return answer;
  }

  /** @param {Error} reason */
  end(reason) {
    this.ended = true;
    this.#worker?.terminate();
    for (const { reject } of this.#owed.values()) reject(reason);
    this.#owed.clear();
  }

  /** @param {{id: number, result: any, ms: number, heap: number, problem?: {code: string, sentence: string, trap: boolean}}} data */
  #answer({ id, result, ms, heap, problem }) {
    const owed = this.#owed.get(id);
    this.#owed.delete(id);
    if (!problem) owed?.resolve({ result, ms, heap });
    else {
      const error = new EngineError(problem.code, problem.sentence);
      if (problem.trap) this.end(error);
      owed?.reject(error);
    }
  }
}

export class Engine {
  /** @type {Ingredients | null} */
  #ingredients = null;
  /** @type {Line | null} */
  #line = new Line();
  /** @type {Promise<void> | null} */
  #started = null;
  /** The photo and the faces at hand, to be put back after a new start. @type {Blob | null} */
  #photo = null;
  /** @type {Face[]} */
  #faces = [];
  /** A photo that will be opened when everything is here, and what was read of it meanwhile. @type {{file: Blob, opened: Promise<Opened> | null} | null} */
  #expected = null;
  /** Whether the worker has the module. */
  #hasModule = false;
  #resting = 0;
  /** How often something was asked for. */
  #calls = 0;
  #cancelled = Promise.resolve();
  /** Milliseconds that the last call of each kind took inside the worker. @type {Record<string, number>} */
  times = {};
  /** Bytes of memory that the module held after the last call. */
  heap = 0;

  /** Takes each ingredient as it comes. A later call overtakes this one. @param {Ingredients} ingredients */
  async open(ingredients) {
    this.#ingredients = ingredients;
    this.#started = null;
    await this.#start();
    this.#restLater();
  }

  /** Reads a photo while the networks are still on their way; `openPhoto` is then quicker with it. @param {Blob} file */
  expect(file) {
    this.#expected = { file, opened: null };
    if (this.#hasModule) this.#readAhead();
  }

  /** Runs what a photo needs on a made-up one, step by step, until something is asked for: only the step at hand is waited for. */
  async warmUp() {
    const before = this.#calls;
    try {
      for (const step of warmUps) if (this.#calls === before) await this.#ask('warmUp', { step });
    } catch {
      return; // the first photo then finds out what is wrong
    }
  }

  /** @param {Blob} network */
  async addNetwork(network) {
    await this.#call('addNetwork', { network });
    this.#ingredients?.networks.push(Promise.resolve(network));
  }

  /** @param {Blob[]} columns all of the gallery @returns {Promise<Column[]>} */
  async addColumns(columns) {
    const read = await this.#call('addColumns', { columns });
    if (this.#ingredients) this.#ingredients.columns = columns;
    return read;
  }

  /**
   * Opens a photo; what the engine cannot read or finds damaged is offered to the browser's own decoder.
   * @param {Blob} file @returns {Promise<Opened>}
   */
  async openPhoto(file) {
    const early = this.#expected?.file === file ? await this.#expected.opened?.catch(() => null) : null;
    this.#drop();
    delete this.times.preview; // most photos need none
    const opened = early ?? (await this.#read('openPhoto', file));
    this.#photo = file;
    return opened;
  }

  /** @returns {Promise<Picture>} */
  preview() {
    return this.#call('preview');
  }

  /** `found` counts all faces, `faces` has the largest; `cut` counts those left out because the file lacks a part of them. @returns {Promise<{faces: Face[], found: number, cut: number, wantsThorough: boolean}>} */
  async detect() {
    const found = await this.#call('detect');
    this.#faces = found.faces;
    return found;
  }

  /** @param {Box} box @returns {Promise<Face[]>} */
  async faceInBox(box) {
    this.#faces = await this.#call('faceInBox', { box });
    return this.#faces;
  }

  /** @param {number} face @param {number} size @returns {Promise<Picture>} */
  portrait(face, size) {
    return this.#call('portrait', { face, size });
  }

  /** @param {number} face @returns {Promise<Picture>} */
  chip(face) {
    return this.#call('chip', { face });
  }

  /** @param {number} face @returns {Promise<import('./types.js').Quality>} */
  measure(face) {
    return this.#call('measure', { face });
  }

  /** @param {number} face @returns {Promise<Vector>} */
  embed(face) {
    return this.#call('embed', { face });
  }

  /** The largest faces of another photo; the photo at hand stays. @param {Blob} file @param {number} size of the portraits @returns {Promise<{seen: FaceSeen[], cut: number, wantsThorough: boolean, opened: Opened, damaged?: boolean}>} */
  facesOf(file, size) {
    return this.#read('facesOf', file, { size });
  }

  /** One vector for several photos of a face. @param {Vector[]} vectors @returns {Promise<{vector: Vector, strangers: boolean}>} */
  mean(vectors) {
    return this.#call('mean', { vectors });
  }

  /**
   * One pass over the gallery: for each vector the people most like it, of those who meet the conditions.
   * @param {Vector[]} vectors @param {number} capacity @param {Condition[]} among
   * @returns {Promise<{found: Match[][], people: number}>}
   */
  search(vectors, capacity, among) {
    return this.#call('search', { vectors, capacity, among });
  }

  forgetPhoto() {
    this.#drop();
    return this.#started ? this.#call('forgetPhoto') : Promise.resolve();
  }

  /** The page need not wait for it: calls that come meanwhile do. */
  cancel() {
    this.#drop();
    this.#cancelled = this.#letFinish(this.#line);
  }

  /** @param {string} call @param {object} [args] @param {Transferable[]} [transfer] @returns {Promise<any>} */
  async #call(call, args = {}, transfer = []) {
    this.#calls++;
    clearTimeout(this.#resting);
    try {
      await this.#cancelled;
      await this.#start();
      return await this.#ask(call, args, transfer);
    } finally {
      this.#restLater();
    }
  }

  /** @param {string} call @param {object} [args] @param {Transferable[]} [transfer] */
  async #ask(call, args = {}, transfer = []) {
    const line = this.#line;
    if (!line) throw new EngineError('NO_WORKER'); // it was stopped in between
    try {
      const { result, ms, heap } = await line.ask(call, args, transfer);
      this.times[call] = ms;
      this.heap = heap;
      return result;
    } catch (error) {
      if (line.ended && line === this.#line) this.#stop(new EngineError('TRAP'));
      throw error;
    }
  }

  /** A call that reads a photo. `shown` in its answer: what the browser's decoder drew. @param {string} call @param {Blob} file @param {object} [args] */
  async #read(call, file, args = {}) {
    try {
      return await this.#call(call, { ...args, file });
    } catch (error) {
      if (!(error instanceof EngineError) || !forBrowser.includes(error.code)) throw error;
      const decoded = await decodeWithBrowser(file);
      if ('picture' in decoded) {
        const { picture, shown } = decoded;
        const answer = await this.#call(call, { ...args, file, picture }, [picture.rgba]);
        return { ...answer, shown, damaged: error.code === 'DAMAGED_IMAGE' };
      }
      throw error.code === 'DAMAGED_IMAGE' ? error : new EngineError(decoded.code, decoded.sentence);
    }
  }

  #start() {
    if (this.#started) return this.#started;
    const ingredients = this.#ingredients;
    const starting = this.#begin(ingredients).catch((error) => {
      const theirs = this.#expected && error instanceof EngineError && troubles.includes(error.code);
      if (!theirs || ingredients !== this.#ingredients) throw error;
      this.#expected = null;
      this.#stop(error);
      this.#started = starting;
      return this.#begin(ingredients);
    });
    this.#started = starting;
    starting.catch(() => {
      if (this.#started === starting) this.#started = null;
    });
    return starting;
  }

  /** @param {Ingredients | null} ingredients */
  async #begin(ingredients) {
    if (!ingredients) throw new EngineError('INTERNAL');
    if (!this.#line || this.#line.ended) this.#line = new Line();
    const { started } = this.#line;
    const { networks, manifest, shards, columns, embedderSha256 } = ingredients;
    const put = (/** @type {string} */ call, /** @type {object} */ args = {}) => {
      if (ingredients !== this.#ingredients) throw new EngineError('CANCELLED', 'Cancelled.');
      return this.#ask(call, args);
    };
    const [module] = await Promise.all([ingredients.module, started]);
    await put('start', { module });
    this.#hasModule = true;
    if (this.#expected) this.#readAhead();
    for (const network of networks) await put('addNetwork', { network: await network });
    await put('openGallery', { manifest, embedderSha256 });
    for (const shard of shards) await put('addShard', { shard: await shard });
    if (columns.length) await put('addColumns', { columns });
    this.#started = Promise.resolve();
    if (!this.#photo) return;
    await this.#read('openPhoto', this.#photo);
    await this.#ask('putFaces', { faces: this.#faces });
  }

  /** What goes wrong is said by `openPhoto`, which then reads it once more. */
  #readAhead() {
    if (!this.#expected) return;
    this.#expected.opened = this.#ask('openPhoto', { file: this.#expected.file });
    this.#expected.opened.catch(() => {});
  }

  #drop() {
    this.#photo = null;
    this.#faces = [];
    this.#expected = null;
  }

  #restLater() {
    clearTimeout(this.#resting);
    this.#resting = window.setTimeout(() => this.#stop(new EngineError('CANCELLED', 'Cancelled.')), restAfter);
  }

  /** @param {Line | null} line */
  async #letFinish(line) {
    if (!line) return;
    const inTime = await Promise.race([line.idle.then(() => true), new Promise((late) => setTimeout(late, cancelPatience, false))]);
    if (!inTime && line === this.#line) this.#stop(new EngineError('CANCELLED', 'Cancelled.'));
    else if (!line.ended && this.#started) await line.ask('forgetPhoto', {}).catch(() => {});
  }

  /** Ends the worker; the next call starts another one. @param {Error} reason */
  #stop(reason) {
    const line = this.#line;
    this.#line = null;
    this.#started = null;
    this.#hasModule = false;
    line?.end(reason);
  }
}
