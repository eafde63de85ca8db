/** Files that tests give to the page: made of numbers or of the demo photos, so that none has to be kept. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession } from '../golden/engine.mjs';
import { demoPhotos } from '../places.mjs';
import { png } from '../png.mjs';

/** A folder of files to give, gone with `close`. */
export async function openPictures() {
  const folder = await mkdtemp(join(tmpdir(), 'doppel-pictures-'));
  /** Writes a file once, when it is first asked for. @type {Map<string, Promise<string>>} */
  const made = new Map();
  const file = (/** @type {string} */ name, /** @type {() => Promise<Uint8Array> | Uint8Array} */ make) => {
    if (!made.has(name)) {
      const path = join(folder, name);
      made.set(name, Promise.resolve(make()).then((bytes) => writeFile(path, bytes)).then(() => path));
    }
    return /** @type {Promise<string>} */ (made.get(name));
  };
  return {
    /** A photo with one face, cut from a demo photo as the gallery's portraits are. */
    oneFace: () => file('one-face.png', async () => png(await portraitOfDemo())),
    /** The same as pixels, taller than wide, with a corner each in red, green and blue, and the last in yellow. */
    oneFacePixels: async () => withCorners(cropped(await portraitOfDemo(), 360)),
    /** A file with these bytes. */
    of: (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => file(name, () => bytes),
    /** The same face with a tenth of the light. */
    darkFace: () => file('dark-face.png', async () => png(await portraitOfDemo(0.07))),
    /** Stripes. */
    noFace: () => file('no-face.png', () => png(stripes(320, 240))),
    /** More faces than the page shows at once: those of a demo photo, again and again. */
    crowd: () => file('crowd.png', crowdOfDemo),
    /** A JPEG that ends where its only face in sight is not whole yet. */
    cutFace: () => file('cut-face.jpg', cutDemo),
    empty: () => file('empty.jpg', () => new Uint8Array()),
    text: () => file('letter.txt', () => Buffer.from('Dear reader\n')),
    unknown: () => file('unknown.jpg', () => Buffer.from('this is no picture of any kind, whatever its name says')),
    /** A PNG of the right kind whose pixels are missing. */
    /** It ends within its header: browsers show what there is of a photo that ends later. */
    damaged: () => file('damaged.png', () => png(stripes(64, 64)).subarray(0, 28)),
    tooLarge: () => file('too-large.png', () => png({ width: 20000, height: 20000, rgba: new Uint8Array() })),
    /** What Chromium's camera shows: the same demo photo again and again, as MJPEG. */
    camera: () => file('camera.mjpeg', async () => Buffer.concat(Array(30).fill(await readFile(demoPhotos[0])))),
    close: () => rm(folder, { recursive: true }),
  };
}

async function portraitOfDemo(light = 1) {
  const session = await openSession({ thorough: false });
  try {
    session.openPhoto(await readFile(demoPhotos[0]));
    session.detect();
    const { width, height, rgba } = session.portrait(0, 480);
    return { width, height, rgba: new Uint8Array(rgba).map((value, i) => (i % 4 === 3 ? value : value * light)) };
  } finally {
    session.close();
  }
}

/** The middle of it. @param {import('../png.mjs').Pixels} picture @param {number} wide @returns {import('../png.mjs').Pixels} */
function cropped({ width, height, rgba }, wide) {
  const left = (width - wide) >> 1;
  const rows = Array.from({ length: height }, (_, y) => rgba.subarray((y * width + left) * 4, (y * width + left + wide) * 4));
  return { width: wide, height, rgba: new Uint8Array(Buffer.concat(rows)) };
}

export const CORNERS = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255], yellow: [255, 255, 0] };

/** From the left above to the right below, in the order of CORNERS. @param {import('../png.mjs').Pixels} picture */
function withCorners({ width, height, rgba }) {
  const side = 24;
  Object.values(CORNERS).forEach((colour, corner) => {
    const [left, top] = [corner % 2 ? width - side : 0, corner >= 2 ? height - side : 0];
    for (let y = top; y < top + side; y++) for (let x = left; x < left + side; x++) rgba.set(colour, (y * width + x) * 4);
  });
  return { width, height, rgba };
}

/** As much of a demo photo as shows a first face in part. */
async function cutDemo() {
  const whole = await readFile(demoPhotos[0]);
  const session = await openSession({ thorough: false });
  try {
    for (let share = 0.05; share < 1; share += 0.01) {
      const part = whole.subarray(0, Math.floor(whole.length * share));
      session.openPhoto(part);
      const { faces, cut } = session.detect();
      if (cut && !faces.length) return part;
    }
    throw new Error('No part of the demo photo shows a face in part.');
  } finally {
    session.close();
  }
}

async function crowdOfDemo() {
  const columns = 13, rows = 9, side = 112;
  const session = await openSession({ thorough: false });
  try {
    session.openPhoto(await readFile(demoPhotos[0]));
    const { faces } = session.detect();
    const portraits = faces.map((_, i) => new Uint8Array(session.portrait(i, side).rgba));
    const rgba = new Uint8Array(columns * rows * side * side * 4);
    for (let i = 0; i < columns * rows; i++)
      for (let y = 0; y < side; y++) {
        const to = ((Math.floor(i / columns) * side + y) * columns + (i % columns)) * side * 4;
        rgba.set(portraits[i % portraits.length].subarray(y * side * 4, (y + 1) * side * 4), to);
      }
    return png({ width: columns * side, height: rows * side, rgba });
  } finally {
    session.close();
  }
}

/** @returns {import('../png.mjs').Pixels} */
function stripes(/** @type {number} */ width, /** @type {number} */ height) {
  const rgba = new Uint8Array(width * height * 4).map((_, i) => (i % 4 === 3 ? 255 : ((i >> 2) % 64) * 4));
  return { width, height, rgba };
}
