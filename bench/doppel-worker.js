/**
 * Our side of the bench: the hosted module in a worker, through the same session as the page's worker. The photo comes
 * as a JPEG and as pixels that are decoded already; the gallery is a synthetic one.
 */
// @ts-ignore: the bench's host serves dist/ beside this file
import createDoppel from './dist/doppel.mjs';
// @ts-ignore: likewise
import { moduleFile } from './web/module-file.js';
// @ts-ignore: likewise
import { Session } from './dist/heap.js';

/** @type {import('../web/heap.js').Session} */
let session;
/** @type {{jpeg: Uint8Array, picture: import('../web/types.js').Picture}} */
let photo;
/** @type {import('../web/types.js').NetworkCatalogue} */
let catalogue;
/** The face's. @type {Float32Array} */
let vector;
/** @type {string[]} names of the networks that are open */
const networks = [];

const bytes = async (/** @type {string} */ path) => new Uint8Array(await (await fetch(path)).arrayBuffer());

async function network(/** @type {string} */ path) {
  const packed = await bytes(path);
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

async function addNetworks(/** @type {(entry: import('../web/types.js').NetworkEntry) => boolean} */ wanted) {
  for (const { name, path } of catalogue.networks.filter(wanted)) {
    session.addNetwork(await network(`./dist/models/${path}`));
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

/** @type {Record<string, (argument: any) => any>} */
const calls = {
  async load() {
    session = new Session(await createDoppel({ locateFile: () => new URL(`./dist/${moduleFile()}`, import.meta.url).href }));
    catalogue = await (await fetch('./dist/models/models.json')).json();
    await addNetworks(({ role }) => role !== 'thorough');
    session.start();
    session.openGallery(await bytes('./gallery/gallery.json'));
    session.addShard(await bytes('./gallery/embeddings.safetensors'));
    return { set: catalogue.set };
  },

  async use(/** @type {typeof photo} */ next) {
    photo = next;
    session.takePhoto(photo.picture);
    const faces = await findFaces();
    if (!faces.length) throw new Error('doppel finds no face in the photo of the bench');
    vector = session.embed(0);
    return { faces: faces.length, networks };
  },

  /** Milliseconds that one stage takes; the session is left as `use` left it. */
  time(/** @type {string} */ stage) {
    const began = performance.now();
    stages[stage]();
    const ms = performance.now() - began;
    if (stage === 'decode') session.detect(), session.embed(0);
    return ms;
  },

  async boxes(/** @type {import('../web/types.js').Picture} */ picture) {
    session.takePhoto(picture);
    return (await findFaces()).map(({ box }) => [box.x, box.y, box.width, box.height]);
  },

  heapSize: () => session.heapSize(),
};

/** @type {Record<string, () => void>} */
const stages = {
  decode: () => session.openPhoto(photo.jpeg),
  'detect and points': () => session.detect(),
  embed: () => session.embed(0),
  search: () => session.search([vector], 10),
  whole() {
    session.takePhoto(photo.picture);
    session.detect();
    vector = session.embed(0);
    session.search([vector], 10);
  },
};

self.onmessage = async ({ data: { id, call, argument } }) => {
  try {
    self.postMessage({ id, result: await calls[call](argument) });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
