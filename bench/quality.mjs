/**
 * Where the limits of web/quality.js come from: photos of lfw-dev made small, blurred, dark or covered, step by step; per
 * step the measure and the share of pairs of one person that still pass for the same at the threshold that 1 of 1,000 pairs of
 * different people passes. Compared is a degraded photo with a good one of the same person.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSession } from '../tests/golden/engine.mjs';
import { shared } from '../tests/places.mjs';
import { limits } from '../web/quality.js';

const folder = join(shared, 'data/lfw-dev');
const falseMatches = 0.001;

/** @typedef {import('../web/types.js').Picture} Picture */
/** @typedef {import('../web/types.js').Face} Face */

/** By kind: what is measured, and how a photo is made worse, given the face in it. @type {Record<string, {measure: (keyof typeof limits), steps: number[], apply: (photo: Picture, step: number, face: Face) => Picture}>} */
const kinds = {
  small: { measure: 'size', steps: [1, 0.6, 0.5, 0.4, 0.33, 0.27, 0.22, 0.18], apply: shrink },
  blurred: { measure: 'sharpness', steps: [0, 1, 1.5, 2, 2.5, 3, 4, 5, 6], apply: blur },
  dark: { measure: 'brightness', steps: [1, 0.5, 0.3, 0.2, 0.12, 0.08, 0.05, 0.03], apply: darken },
  'cut off': { measure: 'visible', steps: [1, 0.9, 0.8, 0.7, 0.6, 0.5], apply: cutOff },
  'eyes covered': { measure: 'detail', steps: [0, 0.5, 0.75, 1], apply: (photo, step, face) => cover(photo, step, eyesOf(face)) },
  'mouth covered': { measure: 'detail', steps: [0, 0.5, 0.75, 1], apply: (photo, step, face) => cover(photo, step, mouthOf(face)) },
};

/** @param {number} pairs */
export async function qualityLimits(pairs = 120) {
  if (!existsSync(folder)) return console.log(`SKIPPED: ${folder} is not here.`);
  const session = await openSession();
  const { same, different } = readPairs();
  const good = await vectorsOf(session, [...same.slice(0, pairs).flat(), ...different.slice(0, 400).flat()]);
  const strangers = different.slice(0, 400).flatMap(([a, b]) => (good.has(a) && good.has(b) ? [dot(seen(good, a).vector, seen(good, b).vector)] : []));
  const threshold = quantile(strangers, 1 - falseMatches);
  console.log(`threshold ${threshold.toFixed(3)}; ${pairs} pairs of one person, ${strangers.length} of different people\n`);

  const all = [...good.values()];
  const wrongly = Object.keys(limits).map((key) => {
    const measure = /** @type {keyof typeof limits} */ (key);
    const bad = all.filter(({ quality }) => (measure === 'yaw' || measure === 'pitch' ? Math.abs(quality[measure]) > limits[measure] : quality[measure] < limits[measure]));
    return `${key} ${((100 * bad.length) / all.length).toFixed(1)} %`;
  });
  console.log(`good photos beyond the limits: ${wrongly.join(', ')}\n`);

  for (const [kind, { measure, steps, apply }] of Object.entries(kinds)) {
    console.log(`${kind}: step, ${measure} (5 %, median, 95 %), face found, same person recognised`);
    for (const step of steps) {
      /** @type {number[]} */
      const measured = [];
      let recognised = 0, asked = 0;
      for (const [a, b] of same.slice(0, pairs)) {
        if (!good.has(a) || !good.has(b)) continue;
        asked++;
        const photo = picture(session, a);
        const one = lookAt(session, apply(photo, step, seen(good, a).face));
        if (!one) continue;
        measured.push(one.quality[measure]);
        if (dot(one.vector, seen(good, b).vector) >= threshold) recognised++;
      }
      const spread = [0.05, 0.5, 0.95].map((q) => quantile(measured, q).toFixed(3)).join(' ');
      console.log(`  ${String(step).padEnd(5)} ${spread}  ${((100 * measured.length) / asked).toFixed(0)} %  ${((100 * recognised) / asked).toFixed(0)} %`);
    }
  }

  console.log('turned: |yaw|, |pitch| of the pairs’ photos against whether they pass');
  for (const [measure, edges] of /** @type {['yaw' | 'pitch', number[]][]} */ ([['yaw', [0, 5, 10, 15, 20, 25, 30, 40, 90]], ['pitch', [0, 5, 10, 15, 20, 30, 90]]]))
    for (let i = 1; i < edges.length; i++) {
      const some = same.slice(0, pairs).filter(([a, b]) => good.has(a) && good.has(b)).map(([a, b]) => ({
        angle: Math.max(Math.abs(seen(good, a).quality[measure]), Math.abs(seen(good, b).quality[measure])),
        passes: dot(seen(good, a).vector, seen(good, b).vector) >= threshold,
      })).filter(({ angle }) => angle >= edges[i - 1] && angle < edges[i]);
      if (some.length) console.log(`  ${measure} ${edges[i - 1]}–${edges[i]}: ${some.length} pairs, ${((100 * some.filter(({ passes }) => passes).length) / some.length).toFixed(0)} %`);
    }
}

function readPairs() {
  const lines = readFileSync(join(folder, 'pairs.txt'), 'utf8').trim().split('\n').map((line) => line.trim().split(/\s+/));
  const path = (/** @type {string} */ name, /** @type {string} */ n) => `${name}/${name}_${n.padStart(4, '0')}.jpg`;
  return {
    same: lines.filter((l) => l.length === 3).map(([name, a, b]) => [path(name, a), path(name, b)]),
    different: lines.filter((l) => l.length === 4).map(([one, a, other, b]) => [path(one, a), path(other, b)]),
  };
}

/** @typedef {{vector: Float32Array, quality: import('../web/types.js').Quality, face: Face}} Seen */

/** @param {Map<string, Seen>} all @param {string} path */
const seen = (all, path) => /** @type {Seen} */ (all.get(path));

/** @param {import('../web/heap.js').Session} session @param {string[]} paths */
async function vectorsOf(session, paths) {
  /** @type {Map<string, Seen>} */
  const all = new Map();
  for (const path of new Set(paths)) {
    const one = lookAt(session, picture(session, path));
    if (one) all.set(path, one);
  }
  return all;
}

/** @param {import('../web/heap.js').Session} session @param {string} path @returns {Picture} */
function picture(session, path) {
  session.openPhoto(readFileSync(join(folder, 'images', path)));
  return session.preview(4096);
}

/** The face nearest the middle, as LFW means it. @param {import('../web/heap.js').Session} session @param {Picture} photo @returns {Seen | null} */
function lookAt(session, photo) {
  session.takePhoto(photo);
  const { faces } = session.detect();
  if (!faces.length) return null;
  const off = (/** @type {Face} */ { box }) => Math.hypot(box.x + box.width / 2 - photo.width / 2, box.y + box.height / 2 - photo.height / 2);
  const best = faces.map((face, i) => ({ i, off: off(face) })).sort((a, b) => a.off - b.off)[0].i;
  return { vector: session.embed(best), quality: session.measure(best), face: faces[best] };
}

/** @param {Float32Array} a @param {Float32Array} b */
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** @param {number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** @param {Picture} photo @param {(x: number, y: number, c: number, at: Uint8Array) => number} value @returns {Picture} */
function mapped({ width, height, rgba }, value) {
  const from = new Uint8Array(rgba);
  const to = new Uint8Array(from.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 4; c++) to[(y * width + x) * 4 + c] = c === 3 ? 255 : value(x, y, c, from);
  return { width, height, rgba: to.buffer };
}

/** Each pixel of the smaller photo is the mean of those that it covers. @param {Picture} photo @param {number} scale @returns {Picture} */
function shrink({ width, height, rgba }, scale) {
  const w = Math.round(width * scale), h = Math.round(height * scale);
  const from = new Uint8Array(rgba), to = new Uint8Array(w * h * 4);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let c = 0; c < 4; c++) {
        let sum = 0, count = 0;
        for (let v = Math.floor(y / scale); v < Math.min(height, (y + 1) / scale); v++)
          for (let u = Math.floor(x / scale); u < Math.min(width, (x + 1) / scale); u++, count++) sum += from[(v * width + u) * 4 + c];
        to[(y * w + x) * 4 + c] = sum / count;
      }
  return { width: w, height: h, rgba: to.buffer };
}

/** Gaussian, in pixels of the photo. @param {Picture} photo @param {number} sigma */
function blur(photo, sigma) {
  if (!sigma) return photo;
  const reach = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const total = kernel.reduce((a, b) => a + b);
  const along = (/** @type {Picture} */ from, /** @type {number} */ dx, /** @type {number} */ dy) =>
    mapped(from, (x, y, c, at) => {
      let sum = 0;
      for (let i = -reach; i <= reach; i++) {
        const u = Math.min(from.width - 1, Math.max(0, x + i * dx)), v = Math.min(from.height - 1, Math.max(0, y + i * dy));
        sum += kernel[i + reach] * at[(v * from.width + u) * 4 + c];
      }
      return sum / total;
    });
  return along(along(photo, 1, 0), 0, 1);
}

/** @param {Picture} photo @param {number} light */
function darken(photo, light) {
  return mapped(photo, (x, y, c, at) => Math.round(at[(y * photo.width + x) * 4 + c] * light));
}

/** The photo ends inside the face: this share of the box is left, from its left. @param {Picture} photo @param {number} left @param {Face} face @returns {Picture} */
function cutOff(photo, left, { box }) {
  if (left === 1) return photo;
  const width = Math.max(8, Math.round(box.x + box.width * left));
  const from = new Uint8Array(photo.rgba), to = new Uint8Array(width * photo.height * 4);
  for (let y = 0; y < photo.height; y++) to.set(from.subarray(y * photo.width * 4, (y * photo.width + width) * 4), y * width * 4);
  return { width, height: photo.height, rgba: to.buffer };
}

/** An even grey over this share of a part's height. @param {Picture} photo @param {number} share @param {{left: number, top: number, right: number, bottom: number}} part */
function cover(photo, share, { left, top, right, bottom }) {
  const from = bottom - share * (bottom - top);
  return mapped(photo, (x, y, c, at) => (share && x >= left && x < right && y >= from && y < bottom ? 60 : at[(y * photo.width + x) * 4 + c]));
}

/** @param {Face} face */
function eyesOf({ points: [a, b] }) {
  const apart = Math.hypot(b.x - a.x, b.y - a.y);
  return { left: Math.min(a.x, b.x) - 0.5 * apart, right: Math.max(a.x, b.x) + 0.5 * apart, top: Math.min(a.y, b.y) - 0.35 * apart, bottom: Math.max(a.y, b.y) + 0.35 * apart };
}

/** Nose to chin, as a mask. @param {Face} face */
function mouthOf({ points: [a, b, nose] }) {
  const apart = Math.hypot(b.x - a.x, b.y - a.y);
  return { left: nose.x - 1.1 * apart, right: nose.x + 1.1 * apart, top: nose.y - 0.1 * apart, bottom: nose.y + 1.5 * apart };
}
