/**
 * The page that the bench drives: peers on the main thread, where their users run them, and builds of doppel in a worker
 * each, as the page has it. All take over a photo as the same pixels; nobody works while another is timed.
 */

/** @typedef {{load: (options: any) => Promise<any>, use: (photo: Photo) => Promise<any>, time: (stage: string) => Promise<number>}} Side */
/** @typedef {{jpeg: Blob, canvas: HTMLCanvasElement}} Photo */

/** @type {Map<string, Side & {call?: (name: string, argument?: any) => Promise<any>}>} */
const sides = new Map();

/** A build of doppel in its worker. */
function inWorker() {
  const worker = new Worker(new URL('./doppel-worker.js', import.meta.url), { type: 'module' });
  /** @type {Map<number, {resolve: Function, reject: Function}>} */
  const owed = new Map();
  worker.onmessage = ({ data: { id, result, error } }) => {
    const { resolve, reject } = /** @type {{resolve: Function, reject: Function}} */ (owed.get(id));
    owed.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  };
  worker.onerror = ({ message }) => {
    for (const { reject } of owed.values()) reject(new Error(`the worker of the bench: ${message}`));
  };
  let next = 0;
  const call = (/** @type {string} */ name, /** @type {any} */ argument = {}) =>
    new Promise((resolve, reject) => {
      owed.set(++next, { resolve, reject });
      worker.postMessage({ id: next, call: name, argument });
    });
  return {
    call,
    load: (/** @type {any} */ build) => call('load', build),
    use: async (/** @type {Photo} */ { jpeg, canvas }) =>
      call('use', { jpeg: new Uint8Array(await jpeg.arrayBuffer()), picture: pictureOf(canvas) }),
    time: (/** @type {string} */ stage) => call('time', stage),
  };
}

/** A photo in a canvas, reduced to a longest side if one is given, orientation applied; and as a JPEG of these pixels. */
async function photoAt(/** @type {string} */ url, longest = Infinity) {
  const file = await (await fetch(url)).blob();
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const jpeg = scale === 1 ? file : await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.92));
  if (!jpeg) throw new Error('the browser makes no JPEG');
  return { canvas, jpeg };
}

function pictureOf(/** @type {HTMLCanvasElement} */ canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, rgba: data.buffer };
}

async function base64(/** @type {Blob} */ blob) {
  let text = '';
  for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
  return btoa(text);
}

const sideNamed = (/** @type {string} */ name) => {
  const side = sides.get(name);
  if (!side) throw new Error(`there is no ${name}`);
  return side;
};

/** @type {any} */ (window).bench = {
  /** Opens a build of doppel, or a peer where `script` is one. */
  async load(/** @type {string} */ name, /** @type {any} */ options) {
    const side = options.peer ? await import(options.peer) : inWorker();
    const loaded = await side.load(options);
    sides.set(name, side);
    return loaded;
  },

  /** Every side looks at the photo once. What each says about it, or why it cannot, and the photo as they decode it. */
  async use(/** @type {string} */ url, /** @type {number} */ longest) {
    const photo = await photoAt(url, longest);
    /** @type {Record<string, any>} */
    const said = {};
    for (const [name, side] of sides) said[name] = (await side.use(photo).catch((error) => ({ error: error.message }))) ?? {};
    return { width: photo.canvas.width, height: photo.canvas.height, jpeg: await base64(photo.jpeg), said };
  },

  time: (/** @type {string} */ name, /** @type {string} */ stage) => sideNamed(name).time(stage),

  /** Another photo for a build of doppel: bytes of its memory after that. */
  visit: async (/** @type {string} */ name, /** @type {string} */ url) =>
    sideNamed(name).call?.('visit', new Uint8Array(await (await fetch(url)).arrayBuffer())),

  /** Boxes of all three on one photo. */
  async boxes(/** @type {string} */ url) {
    const { canvas } = await photoAt(url);
    const peer = /** @type {any} */ (sideNamed('face-api'));
    return {
      doppel: await sideNamed('doppel').call?.('boxes', pictureOf(canvas)),
      tiny: await peer.boxes('tiny', canvas),
      ssd: await peer.boxes('ssd', canvas),
    };
  },
};
