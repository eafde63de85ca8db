/** The page that the bench drives: both sides, loaded once, and a photo that both take over as the same pixels. */
import * as peer from './face-api.js';

const worker = new Worker(new URL('./doppel-worker.js', import.meta.url), { type: 'module' });
/** @type {Map<number, {resolve: Function, reject: Function}>} */
const owed = new Map();
worker.onmessage = (/** @type {MessageEvent} */ { data: { id, result, error } }) => {
  const { resolve, reject } = /** @type {{resolve: Function, reject: Function}} */ (owed.get(id));
  owed.delete(id);
  if (error === undefined) resolve(result);
  else reject(new Error(error));
};
worker.onerror = (/** @type {ErrorEvent} */ event) => {
  for (const { reject } of owed.values()) reject(new Error(`the worker of the bench: ${event.message}`));
};

let next = 0;
const doppel = (/** @type {string} */ call, /** @type {any} */ argument = {}) =>
  new Promise((resolve, reject) => {
    owed.set(++next, { resolve, reject });
    worker.postMessage({ id: next, call, argument });
  });

/** A photo in a canvas, reduced to a longest side if one is given; orientation applied. */
async function canvasOf(/** @type {string} */ url, longest = Infinity) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function pictureOf(/** @type {HTMLCanvasElement} */ canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, rgba: data.buffer };
}

/** @type {any} */ (window).bench = {
  async load(/** @type {{people: number, dimension: number}} */ options) {
    return { peer: await peer.load(options), doppel: await doppel('load') };
  },

  async use(/** @type {string} */ url, /** @type {number} */ longest) {
    const canvas = await canvasOf(url, longest);
    /** @type {Blob | null} */
    const jpeg = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.92));
    if (!jpeg) throw new Error('the browser makes no JPEG');
    await peer.use({ jpeg, canvas });
    const found = await doppel('use', { jpeg: new Uint8Array(await jpeg.arrayBuffer()), picture: pictureOf(canvas) });
    return { width: canvas.width, height: canvas.height, jpegBytes: jpeg.size, ...found };
  },

  time: (/** @type {'doppel' | 'peer'} */ side, /** @type {string} */ stage) =>
    side === 'doppel' ? doppel('time', stage) : peer.time(stage),

  /** Boxes of all three on one photo. */
  async boxes(/** @type {string} */ url) {
    const canvas = await canvasOf(url);
    return {
      doppel: await doppel('boxes', pictureOf(canvas)),
      tiny: await peer.boxes('tiny', canvas),
      ssd: await peer.boxes('ssd', canvas),
    };
  },
};
