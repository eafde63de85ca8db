/**
 * Our side of the bench: one build of the module in a worker, through the same session as the page's worker, with one set
 * of networks. The photo comes as a JPEG and as pixels that are decoded already; the gallery is a synthetic one.
 */
// @ts-ignore: the bench's host serves web/ and build/wasm/ beside this file
import { Session } from './web/heap.js';

const TOP = 10;

/** @typedef {{script: string, wasm: string, models: string, gallery: string}} Build addresses: of the module's two files, and of folders */

/** @type {import('../web/heap.js').Session} */
let session;
/** @type {{jpeg: Uint8Array, picture: import('../web/types.js').Picture}} */
let photo;
/** @type {import('../web/types.js').NetworkCatalogue} */
let catalogue;
/** Of the networks. */
let models = '';
/** The face's. @type {Float32Array} */
let vector;
/** @type {string[]} names of the networks that are open */
const networks = [];

const at = (/** @type {string} */ path) => new URL(path, import.meta.url).href;

async function bytes(/** @type {string} */ path) {
  const response = await fetch(at(path));
  if (!response.ok) throw new Error(`${path} is not here`);
  return new Uint8Array(await response.arrayBuffer());
}

async function network(/** @type {string} */ path) {
  const packed = await bytes(path);
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

async function addNetworks(/** @type {(entry: import('../web/types.js').NetworkEntry) => boolean} */ wanted) {
  for (const { name, path } of catalogue.networks.filter(wanted)) {
    session.addNetwork(await network(`${models}/${path}`));
    networks.push(name);
  }
}

/** As on the page: the thorough detector is fetched when a photo wants it, and stays. */
async function findFaces() {
  const { faces, wantsThorough } = session.detect();
  if (!wantsThorough || networks.length === catalogue.networks.length) return faces;
  await addNetworks(({ role }) => role === 'thorough');
  return session.detect().faces;
}

function wholeWay() {
  session.takePhoto(photo.picture);
  session.detect();
  vector = session.embed(0);
  session.search([vector], TOP);
}

/** What is timed; it leaves the session with a photo whose faces are known. @type {Record<string, () => void>} */
const stages = {
  decode: () => session.openPhoto(photo.jpeg),
  'detect and points': () => session.detect(),
  'cut out': () => session.chip(0),
  embed: () => session.embed(0),
  search: () => session.search([vector], TOP),
  whole: wholeWay,
};

/** @type {Record<string, (argument: any) => any>} */
const calls = {
  async load(/** @type {Build} */ build) {
    const { default: createDoppel } = await import(at(build.script));
    session = new Session(await createDoppel({ locateFile: () => at(build.wasm) }));
    models = build.models;
    catalogue = JSON.parse(new TextDecoder().decode(await bytes(`${models}/models.json`)));
    await addNetworks(({ role }) => role !== 'thorough');
    session.start();
    session.openGallery(await bytes(`${build.gallery}/gallery.json`));
    session.addShard(await bytes(`${build.gallery}/embeddings.safetensors`));
    return { set: catalogue.set, heap: session.heapSize() };
  },

  async use(/** @type {typeof photo} */ next) {
    photo = next;
    session.takePhoto(photo.picture);
    const faces = await findFaces();
    if (!faces.length) throw new Error('doppel finds no face in the photo of the bench');
    vector = session.embed(0);
    session.search([vector], TOP);
    return { faces: faces.length, networks, heap: session.heapSize() };
  },

  /** Milliseconds that one stage takes. */
  time(/** @type {string} */ stage) {
    const began = performance.now();
    stages[stage]();
    const ms = performance.now() - began;
    if (stage === 'decode') session.detect();
    return ms;
  },

  /** A photo, and back to the bench's: bytes of memory after that. */
  async visit(/** @type {Uint8Array} */ jpeg) {
    session.openPhoto(jpeg);
    if ((await findFaces()).length) session.search([session.embed(0)], TOP);
    const heap = session.heapSize();
    session.takePhoto(photo.picture);
    session.detect();
    return heap;
  },

  async boxes(/** @type {import('../web/types.js').Picture} */ picture) {
    session.takePhoto(picture);
    return (await findFaces()).map(({ box }) => [box.x, box.y, box.width, box.height]);
  },
};

self.onmessage = async ({ data: { id, call, argument } }) => {
  try {
    self.postMessage({ id, result: await calls[call](argument) });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
