/**
 * The way of a photo, stage by stage: builds of doppel with both sets of networks, in headless Chromium and natively,
 * beside face-api and human, on the same pixels; and how much memory the module holds along it.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, demoPhotos, faceApi, root, sets, shared } from '../tests/places.mjs';
import { open, run } from '../tests/web/engines.mjs';
import { openSite } from '../tests/web/site.mjs';
import { PORTRAIT } from './goals.mjs';
import { builds, isolated } from './builds.mjs';
import { syntheticGallery } from './gallery.mjs';
import { nativeWay } from './native.mjs';
import { interleaved, sentenceOf } from './rounds.mjs';

export const PEOPLE = 10_000;

/** Numbers of a vector of face-api. */
const PEER_DIMENSION = 128;

const LONGEST = 1280;

/** Where the photo lies as all sides decode it. */
const kept = (/** @type {Photo} */ photo) => join(build, 'bench', photo === group ? 'group.jpg' : 'portrait.jpg');

/** In the order in which they are timed. @type {Record<'doppel' | 'face-api' | 'human', string[]>} */
const STAGES = {
  doppel: ['decode', 'detect and points', 'cut out', 'embed', 'search', 'whole'],
  'face-api': ['decode', 'detect and points, tiny', 'detect and points, SSD', 'embed', 'search', 'whole, tiny', 'whole, SSD'],
  human: ['detect and points', 'search', 'whole'],
};

/** @typedef {{name: string, url: string, file: string}} Photo */
/** @typedef {Record<string, {start: number, match: number, photos: number}>} Memory bytes by build */

const group = { name: 'A group photo', url: '/face-api/demo/sample1.jpg', file: demoPhotos[0] };

/** A portrait of 947×1280 where ../shared is there, else a group photo. @returns {Photo} */
export function portrait() {
  const path = 'data/deepface-pairs/img1.jpg';
  if (existsSync(join(shared, path))) return { name: PORTRAIT, url: `/photos/${path}`, file: join(shared, path) };
  return group;
}

/** The same, as small as it was timed where that has been done before. */
export function photoFile() {
  const photo = portrait();
  return existsSync(kept(photo)) ? kept(photo) : photo.file;
}

/** @param {{rounds: number, warmUp: number, ofGroup?: boolean}} options */
export async function wayTimes({ rounds, warmUp, ofGroup = false }) {
  const photo = ofGroup ? group : portrait();
  const page = await openPage();
  /** Why somebody is not measured. @type {Record<string, string>} */
  const faults = {};
  /** @type {Record<string, () => Promise<number>>} */
  const what = {};
  /** @type {Record<string, any>} */
  const loaded = {};
  const natives = [];
  const load = async (/** @type {string} */ side, /** @type {any} */ options) => {
    try {
      loaded[side] = await page.call('load', side, options);
    } catch (error) {
      faults[side] = sentenceOf(error);
    }
  };
  try {
    for (const [side, options] of Object.entries(page.sides)) await load(side, options);
    const { width, height, jpeg, said } = await page.call('use', photo.url, LONGEST);
    mkdirSync(join(build, 'bench'), { recursive: true });
    writeFileSync(kept(photo), Buffer.from(jpeg, 'base64'));
    for (const side of Object.keys(said)) {
      if (said[side].error) faults[side] = said[side].error;
      else for (const stage of stagesOf(side)) what[`${side}: ${stage}`] = () => page.call('time', side, stage);
    }
    for (const { set, models, gallery } of page.galleries) {
      const side = `${set} native`;
      try {
        const native = await nativeWay(models, gallery, kept(photo));
        natives.push(native);
        for (const stage of STAGES.doppel) what[`${side}: ${stage}`] = () => native.time(stage);
      } catch (error) {
        faults[side] = sentenceOf(error);
      }
    }
    const measured = await interleaved({ rounds, warmUp, what, faults });
    const memory = await memoryOf(page, loaded, said);
    return { photo: { name: photo.name, width, height }, browser: page.browser, rounds, backends: backendsOf(loaded), measured, memory, faults };
  } finally {
    for (const native of natives) await native.close();
    await page.close();
  }
}

/** Calls back with what finds the boxes of all detectors on a photo. @param {(boxesAt: (url: string) => Promise<any>) => Promise<void>} work */
export async function withBoxes(work) {
  const page = await openPage();
  try {
    const [first] = Object.keys(page.sides);
    await page.call('load', 'doppel', page.sides[first]);
    await page.call('load', 'face-api', page.sides['face-api']);
    await work((url) => page.call('boxes', url));
  } finally {
    await page.close();
  }
}

const stagesOf = (/** @type {string} */ side) => STAGES[/** @type {'human'} */ (side)] ?? STAGES.doppel;

const backendsOf = (/** @type {Record<string, any>} */ loaded) =>
  Object.fromEntries(Object.entries(loaded).flatMap(([side, { backend }]) => (backend ? [[side, backend]] : [])));

/** page.html in Chromium, and what it can open. */
async function openPage() {
  const folder = mkdtempSync(join(tmpdir(), 'doppel-bench-'));
  const galleries = sets()
    .filter(({ skip }) => !skip)
    .map(({ name, models, gallery }) => ({ set: name, models, gallery: writeGallery(folder, name, gallery) }));
  const site = await openSite({
    '/': join(root, 'bench'),
    '/web/': join(root, 'web'),
    '/wasm/': join(build, 'wasm'),
    '/galleries/': folder,
    '/face-api/': faceApi,
    '/human/': join(root, 'bench/peers/node_modules/@vladmandic/human'),
    '/tfjs-backend-wasm/': join(root, 'node_modules/@tensorflow/tfjs-backend-wasm'),
    '/photos/': shared,
    ...Object.fromEntries(galleries.map(({ set, models }) => [`/sets/${set}/`, models])),
  }, isolated);
  const page = await open('chromium');
  /** @type {Record<string, any>} */
  const sides = {};
  for (const { set } of galleries)
    for (const { name, ...build } of builds()) sides[`${set} ${name}`] = { ...build, models: `./sets/${set}`, gallery: `./galleries/${set}` };
  sides['face-api'] = { peer: './face-api.js', people: PEOPLE, dimension: PEER_DIMENSION };
  sides.human = { peer: './human.js', people: PEOPLE };
  await page.goto(`${site.origin}/page.html`);
  await run(page, async () => {
    for (let i = 0; i < 100 && !Reflect.has(window, 'bench'); i++) await new Promise((done) => setTimeout(done, 100));
  });
  return {
    browser: `Chromium ${page.native.context().browser().version()}`,
    galleries,
    sides,
    /** A function of page.js. @param {string} name @param {any[]} parameters @returns {Promise<any>} */
    call: (name, ...parameters) =>
      run(page, (/** @type {string} */ f, /** @type {any[]} */ list) => /** @type {any} */ (window).bench[f](...list), name, parameters),
    async close() {
      await page.close();
      await site.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** As large as PEOPLE, for the same embedder as a set's demo gallery. @param {string} folder @param {string} set @param {string} demo */
function writeGallery(folder, set, demo) {
  const { embedder } = JSON.parse(readFileSync(join(demo, 'gallery.json'), 'utf8'));
  const gallery = join(folder, set);
  mkdirSync(gallery);
  const files = syntheticGallery({ count: PEOPLE, dimension: embedder.dimension, embedder });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(gallery, file), bytes);
  return gallery;
}

/**
 * Bytes of the module's memory, with PEOPLE people: after the start, after the first match, and after twenty other photos.
 * @param {Awaited<ReturnType<typeof openPage>>} page @param {Record<string, any>} loaded @param {Record<string, any>} said
 * @returns {Promise<Memory>}
 */
async function memoryOf(page, loaded, said) {
  /** @type {Memory} */
  const memory = {};
  const photos = twentyPhotos();
  for (const side of Object.keys(page.sides).filter((name) => said[name]?.heap)) {
    let bytes = said[side].heap;
    for (const url of photos) bytes = await page.call('visit', side, url);
    memory[side] = { start: loaded[side].heap, match: said[side].heap, photos: bytes };
  }
  return memory;
}

/** Of the demo photos and of lfw-dev. */
function twentyPhotos() {
  const folder = 'data/deepface-pairs';
  const others = existsSync(join(shared, folder)) ? readdirSync(join(shared, folder)).filter((name) => name.endsWith('.jpg')) : [];
  const urls = [...demoPhotos.map((_, i) => `/face-api/demo/sample${i + 1}.jpg`), ...others.map((name) => `/photos/${folder}/${name}`)];
  return Array.from({ length: 20 }, (_, i) => urls[i % urls.length]);
}
