/**
 * A gallery of the size that people have, of real faces: the vectors of lfw-dev's photos, with seeded noise for as many
 * people and photos as wanted, written by `doppel adopt` as every gallery of others' vectors is. Made once, and again when
 * the program or the networks change.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, program, shared } from '../tests/places.mjs';
import { madeFrom, sha256 } from '../tools/setup/stamp.mjs';
import { noisy } from './synthetic.mjs';

/** As in Police Officers Faces. */
const PEOPLE = 7_300;
const PHOTOS = 88_783;

/** Cosines: of a person to the face that they are made of, and of a photo to its person. */
const PERSON = 0.8;
const PHOTO = 0.8;

const images = join(shared, 'data/lfw-dev/images');
const execute = promisify(execFile);

/** The folder with `gallery/`, `vectors.f32` and `probes.f32`; null where the photos are not here. @param {number} probes */
export async function realFaces(probes) {
  if (!existsSync(images)) {
    console.log(`SKIPPED: ${images} is not here, so neither recall nor ${PHOTOS.toLocaleString('en')} real faces are measured.`);
    return null;
  }
  const folder = join(build, 'bench/real-faces');
  const inputs = sha256(readFileSync(program), readFileSync(join(build, 'models/models.json')), `${PEOPLE} ${PHOTOS} ${PERSON} ${PHOTO} ${probes}`);
  await madeFrom(folder, inputs, async (fresh) => {
    console.log(`Making ${PHOTOS.toLocaleString('en')} photos of ${PEOPLE.toLocaleString('en')} people from the faces of lfw-dev, once …`);
    const { vectors, dimension } = await facesOf(images);
    const people = noisy(vectors, PEOPLE, dimension, PERSON, 1);
    const photos = noisy(people, PHOTOS, dimension, PHOTO, 2);
    writeFileSync(join(fresh, 'vectors.f32'), photos);
    writeFileSync(join(fresh, 'probes.f32'), noisy(people, probes, dimension, PHOTO, 3));
    writeFileSync(join(fresh, 'vectors.npy'), npy(photos, dimension));
    writeFileSync(join(fresh, 'roster.csv'), ['person,name', ...Array.from({ length: PHOTOS }, (_, i) => `${i % PEOPLE},Person ${i % PEOPLE}`)].join('\n'));
    const embedder = JSON.parse(readFileSync(join(build, 'models/models.json'), 'utf8')).networks.find((/** @type {any} */ n) => n.role === 'embedder').name;
    await execute(program, ['adopt', join(fresh, 'vectors.npy'), '--roster', join(fresh, 'roster.csv'), '--embedder', embedder, '-o', join(fresh, 'gallery')]);
  });
  const { dimension } = JSON.parse(readFileSync(join(folder, 'gallery/gallery.json'), 'utf8')).embedder;
  return { folder, dimension };
}

/** The vector of the largest face of every photo. @param {string} folder */
async function facesOf(folder) {
  const paths = readdirSync(folder, { recursive: true }).map(String).filter((path) => path.endsWith('.jpg')).sort();
  /** @type {number[][]} */
  const vectors = [];
  for (let i = 0; i < paths.length; i += 200) {
    const some = paths.slice(i, i + 200).map((path) => join(folder, path));
    const { stdout } = await execute(program, ['represent', ...some], { maxBuffer: 1 << 28 });
    for (const photo of [JSON.parse(stdout)].flat()) if (photo.faces?.length) vectors.push(photo.faces[0].embedding);
  }
  const dimension = vectors[0].length;
  const flat = new Float32Array(vectors.length * dimension);
  vectors.forEach((vector, i) => flat.set(vector, i * dimension));
  return { vectors: flat, dimension };
}

/** NumPy's file format, version 1. @param {Float32Array} vectors @param {number} dimension */
function npy(vectors, dimension) {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${vectors.length / dimension}, ${dimension}), }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11, ' ') + '\n';
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), Buffer.from(vectors.buffer)]);
}
