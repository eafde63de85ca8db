/** Files that tests give to the page: made of numbers or of the demo photos, so that none has to be kept. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { openSession } from '../golden/engine.mjs';
import { demoPhotos } from '../places.mjs';

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
    oneFace: () => file('one-face.png', portraitOfDemo),
    /** Stripes. */
    noFace: () => file('no-face.png', () => png(stripes(320, 240))),
    empty: () => file('empty.jpg', () => new Uint8Array()),
    text: () => file('letter.txt', () => Buffer.from('Dear reader\n')),
    unknown: () => file('unknown.jpg', () => Buffer.from('this is no picture of any kind, whatever its name says')),
    /** A PNG of the right kind whose pixels are missing. */
    damaged: () => file('damaged.png', () => png(stripes(64, 64)).subarray(0, 60)),
    tooLarge: () => file('too-large.png', () => png({ width: 20000, height: 20000, rgba: new Uint8Array() })),
    /** A second demo photo under a name of its own. */
    copy: (/** @type {number} */ photo) => file(`copy-${photo}.jpg`, () => readFile(demoPhotos[photo])),
    /** What Chromium's camera shows: the same demo photo again and again, as MJPEG. */
    camera: () => file('camera.mjpeg', async () => Buffer.concat(Array(30).fill(await readFile(demoPhotos[0])))),
    close: () => rm(folder, { recursive: true }),
  };
}

async function portraitOfDemo() {
  const session = await openSession({ thorough: false });
  try {
    session.openPhoto(await readFile(demoPhotos[0]));
    session.detect();
    const { width, height, rgba } = session.portrait(0, 480);
    return png({ width, height, rgba: new Uint8Array(rgba) });
  } finally {
    session.close();
  }
}

/** @typedef {{width: number, height: number, rgba: Uint8Array}} Pixels */

/** @returns {Pixels} */
function stripes(/** @type {number} */ width, /** @type {number} */ height) {
  const rgba = new Uint8Array(width * height * 4).map((_, i) => (i % 4 === 3 ? 255 : ((i >> 2) % 64) * 4));
  return { width, height, rgba };
}

/** RGBA, 8 bits, no filter. */
export function png(/** @type {Pixels} */ { width, height, rgba }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Buffer.alloc(rgba.length ? height * (width * 4 + 1) : 0);
  for (let y = 0; y < height && rgba.length; y++)
    rows.set(rgba.subarray(y * width * 4, (y + 1) * width * 4), y * (width * 4 + 1) + 1);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(/** @type {string} */ kind, /** @type {Buffer} */ data) {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
