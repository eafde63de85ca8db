// The worker that holds the module and the photo. It answers one message at a time and decides nothing: what is to be
// done comes from engine.js. The build makes one classic script, engine-worker.js, of this file and what it imports, and
// worker-frame.js starts it. guard.js must stay the first import.
import { stillReachable } from './guard.js';
// @ts-ignore: built by Emscripten
import createDoppel from './doppel.mjs';
import { Session, StatusError } from './heap.js';

/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./types.js').Vector} Vector */
/** @typedef {import('./types.js').Condition} Condition */

/** For the few photos that an <img> cannot show: what costs is the writing of the pixels, not the reduction. */
const previewSide = 1024;
const mostFacesAside = 12;

/** @type {Session | null} */
let session = null;

/** @param {Blob} blob */
const bytes = async (blob) => new Uint8Array(await blob.arrayBuffer());

function open() {
  if (!session) throw new StatusError('INTERNAL', 'The engine has not been started.');
  return session;
}

/** A photo's file, or what the browser decoded where the engine cannot read it. @typedef {{file: Blob, picture?: Picture}} Given */

/** Everything is read before the session is touched, so that a call is one step of it. @param {Given} given */
async function reading({ file, picture }) {
  const read = picture ? null : await bytes(file);
  return (/** @type {Session} */ into) => (read ? into.openPhoto(read) : into.takePhoto(/** @type {Picture} */ (picture)));
}

/** The module was compiled by the page; here it only gets its memory. @param {WebAssembly.Module} module */
function instantiate(module) {
  return createDoppel({
    instantiateWasm: (/** @type {WebAssembly.Imports} */ imports, /** @type {Function} */ received) => {
      const instance = new WebAssembly.Instance(module, imports);
      received(instance, module);
      return instance.exports;
    },
    locateFile: (/** @type {string} */ path) => path,
    print: () => {},
    printErr: () => {},
  });
}

/** @type {Record<string, (args: any) => any>} */
const calls = {
  async start(/** @type {{module: WebAssembly.Module}} */ { module }) {
    const reachable = await stillReachable();
    if (reachable.length) throw new StatusError('INTERNAL', `The worker could still reach ${reachable.join(', ')}.`);
    session = new Session(await instantiate(module));
  },

  async addNetwork(/** @type {{network: Blob}} */ { network }) {
    open().addNetwork(await bytes(network));
  },

  /** When all networks are here that it was made with. */
  async openGallery(/** @type {{manifest: Blob, embedderSha256: string}} */ { manifest, embedderSha256 }) {
    const read = await bytes(manifest);
    open().start();
    open().openGallery(read);
    open().checkGallery(embedderSha256);
  },

  async addShard(/** @type {{shard: Blob}} */ { shard }) {
    open().addShard(await bytes(shard));
  },

  async addColumns(/** @type {{columns: Blob[]}} */ { columns }) {
    for (const column of columns) open().addColumn(await bytes(column));
    return open().columns();
  },

  async openPhoto(/** @type {Given} */ given) {
    const put = await reading(given);
    return put(open());
  },

  /** The largest faces of another photo, while the one at hand stays what it is. */
  async facesOf(/** @type {Given & {size: number}} */ { size, ...given }) {
    const put = await reading(given);
    const session = open();
    return session.meanwhile(() => {
      const opened = put(session);
      const { faces, cut, wantsThorough } = session.detect();
      const seen = faces.slice(0, mostFacesAside).map((_, i) => ({ portrait: session.portrait(i, size), chip: session.chip(i), vector: session.embed(i) }));
      return { seen, cut, wantsThorough, opened };
    });
  },

  forgetPhoto: () => open().forgetPhoto(),
  preview: () => open().preview(previewSide),
  detect: () => open().detect(),
  faceInBox: (/** @type {{box: import('./types.js').Box}} */ { box }) => open().faceInBox(box),
  putFaces: (/** @type {{faces: import('./types.js').Face[]}} */ { faces }) => open().putFaces(faces),
  portrait: (/** @type {{face: number, size: number}} */ { face, size }) => open().portrait(face, size),
  chip: (/** @type {{face: number}} */ { face }) => open().chip(face),
  measure: (/** @type {{face: number}} */ { face }) => open().measure(face),
  embed: (/** @type {{face: number}} */ { face }) => open().embed(face),

  /** One vector for several photos, and whether they look like photos of different people. */
  mean(/** @type {{vectors: Vector[]}} */ { vectors }) {
    const { vector, leastAlike } = open().mean(vectors);
    return { vector, strangers: leastAlike < open().threshold() };
  },

  search(/** @type {{vectors: Vector[], capacity: number, among: Condition[]}} */ { vectors, capacity, among }) {
    const people = open().allow(among);
    return { people, found: open().search(vectors, capacity) };
  },

  warmUp: (/** @type {{step: string}} */ { step }) => warmUps[step](open()),
};

/**
 * Steps on a made-up photo, so that the browser compiles what a photo runs through to its fastest code, and the networks
 * have their memory, while the visitor still chooses one. @type {Record<string, (session: Session) => any>}
 */
const warmUps = {
  async decode(session) {
    const photo = await madeUpPhoto(640, 480);
    if (photo) session.openPhoto(photo);
    else session.takePhoto({ width: 640, height: 480, rgba: new ArrayBuffer(640 * 480 * 4) });
  },
  face(session) {
    session.faceInBox({ x: 200, y: 120, width: 200, height: 240 });
    session.portrait(0, 144);
    session.chip(0);
  },
  embed: (session) => void session.embed(0),
  search: (session) => void session.search([session.embed(0)], 10),
  forget: (session) => session.forgetPhoto(),
};

/** A JPEG of coloured tiles, where this browser can make one. @param {number} width @param {number} height */
async function madeUpPhoto(width, height) {
  if (typeof OffscreenCanvas !== 'function') return null;
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  for (let y = 0; y < height; y += 20)
    for (let x = 0; x < width; x += 20) {
      context.fillStyle = `hsl(${(x * 7 + y * 13) % 360} 60% ${20 + ((x * 3 + y) % 60)}%)`;
      context.fillRect(x, y, 20, 20);
    }
  return bytes(await canvas.convertToBlob({ type: 'image/jpeg' }));
}

/** After a trap the module's memory is in no state to continue, and after a failed allocation networks may stay unusable and the heap full: the page takes a new worker. */
function describe(/** @type {unknown} */ error) {
  if (error instanceof StatusError) return { code: error.status, sentence: error.message, trap: error.status === 'OUT_OF_MEMORY' };
  if (error instanceof DOMException) return { code: 'UNREADABLE', sentence: '', trap: false };
  const text = error instanceof Error ? error.message : String(error);
  const memory = error instanceof RangeError && /alloc|memory|length/i.test(text);
  return { code: memory ? 'OUT_OF_MEMORY' : 'TRAP', sentence: '', trap: true, text };
}

/** Pictures go to the page without being copied. */
const transferable = (/** @type {any} */ result) => (result?.rgba ? [result.rgba] : []);

let turn = Promise.resolve();

self.onmessage = ({ data: { id, call, args } }) => {
  turn = turn.then(async () => {
    const began = performance.now();
    try {
      const result = await calls[call](args);
      const ms = performance.now() - began;
      self.postMessage({ id, result, ms, heap: session?.heapSize() ?? 0 }, { transfer: transferable(result) });
    } catch (error) {
      self.postMessage({ id, problem: describe(error) });
    }
  });
};
self.postMessage({ loaded: true });
