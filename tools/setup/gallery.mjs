/**
 * The demo gallery: the group photos inside the npm package of the packaged networks, every face an entry of its own,
 * built by `doppel build` as a host would, once with each set: build/galleries/<set>. build/gallery leads to the one of
 * the set in use. A host's own gallery takes its place in build/gallery or dist/gallery.
 */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linkTo } from './cache.mjs';
import { readCatalogue } from './catalogue.mjs';
import { packagedFile, setFolder } from './networks.mjs';
import { build, program } from './places.mjs';
import { step } from './progress.mjs';
import { run } from './run.mjs';
import { madeFrom, sha256 } from './stamp.mjs';

export const gallery = join(build, 'gallery');

/** @param {string} set */
export const galleryOf = (set) => join(build, 'galleries', set);

const TITLE = 'Demo: faces in six group photos';
/** Of the photos, those that the page offers to try. */
const SAMPLES = [0, 3];
const NOTICE =
  'The photos come with the npm package @vladmandic/face-api (MIT). Drop one of them and the same people come first.';

/** @param {{inUse: string, made: string[]}} networks */
export async function buildDemoGalleries({ inUse, made }) {
  for (const set of made) await buildDemoGallery(set);
  linkTo(gallery, join('galleries', inUse));
}

/** @param {string} set */
async function buildDemoGallery(set) {
  const photos = readCatalogue().demo_photos;
  const models = setFolder(set);
  const inputs = sha256(JSON.stringify([photos, TITLE, NOTICE, SAMPLES]), readFileSync(program), readFileSync(join(models, 'models.json')));
  await madeFrom(galleryOf(set), inputs, (folder) =>
    step(`Building the demo gallery with the ${set} set`, async (progress) => {
      const first = packagedFile(photos, photos.files);
      const names = Object.keys(photos.files).map((file) => file.split('/').pop() ?? file);
      const paths = names.map((name) => join(dirname(first), name));
      const samples = SAMPLES.flatMap((index) => ['--sample', paths[index]]);
      const options = [...samples, '--models', models, '--title', TITLE, '--notice', NOTICE, '--force', '-o', folder, '--work', `${galleryOf(set)}.work`];
      await run(program, ['build', '--all-faces', ...options, ...paths], {
        onLine: progress,
        why: 'The demo gallery cannot be built',
      });
      rmSync(`${galleryOf(set)}.report`, { recursive: true, force: true });
      renameSync(`${folder}.report`, `${galleryOf(set)}.report`);
    }),
  );
}
