/**
 * The demo gallery: the group photos inside the npm package of the packaged networks, every face an entry of its own,
 * built by `doppel build` as a host would. A host's own gallery takes its place in build/gallery or dist/gallery.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFiles, models, packageOf, packagedSet } from './networks.mjs';
import { build, program } from './places.mjs';
import { step } from './progress.mjs';
import { run } from './run.mjs';
import { madeFrom, sha256 } from './stamp.mjs';

export const gallery = join(build, 'gallery');

const TITLE = 'Demo: faces in six group photos';
const NOTICE =
  'The photos come with the npm package @vladmandic/face-api (MIT). Drop one of them and the same people come first.';

export async function buildDemoGallery() {
  const set = packagedSet();
  const inputs = sha256(
    JSON.stringify([set.demo_photos, TITLE, NOTICE]),
    readFileSync(program),
    readFileSync(join(models, 'models.json')),
  );
  await madeFrom(gallery, inputs, (folder) =>
    step('Building the demo gallery', async (progress) => {
      checkFiles(set, set.demo_photos);
      const photos = Object.keys(set.demo_photos).map((file) => join(packageOf(set), file));
      const options = ['--models', models, '--title', TITLE, '--notice', NOTICE, '--force', '-o', folder];
      await run(program, ['build', '--each-face', ...options, ...photos], {
        onLine: progress,
        why: 'The demo gallery cannot be built',
      });
    }),
  );
}
