/**
 * Galleries of lfw-dev as a host would make them, and the hosted page with them: 963 people with all their photos, or each
 * of the 1,549 photos as an entry of its own. Made once, and again when the program or the networks change.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build, program, shared } from '../tests/places.mjs';
import { assembleDist } from '../tools/setup/dist.mjs';
import { madeFrom, sha256 } from '../tools/setup/stamp.mjs';

const images = join(shared, 'data/lfw-dev/images');

/** The folder that is hosted, made of the page as it is now; null where the photos are not here. @param {'people' | 'photos'} entries */
export async function lfwSite(entries) {
  if (!existsSync(images)) return console.log(`SKIPPED: ${images} is not here.`), null;
  const gallery = join(build, 'bench', `lfw-${entries}`);
  await madeFrom(gallery, sha256(readFileSync(program), readFileSync(join(build, 'models/models.json')), entries), async (fresh) => {
    console.log('Making a gallery of lfw-dev, once …');
    const roster = `${gallery}.csv`;
    writeFileSync(roster, ['person,name,img,team', ...lines(entries)].join('\n'));
    await promisify(execFile)(program, ['build', roster, '--photos', images, '-o', fresh, '--force', '--title', 'Labeled Faces', '--notice', 'For measurements.', '--work', `${gallery}.work`, '--quiet']);
    rmSync(`${fresh}.report`, { recursive: true, force: true });
  });
  const to = join(build, 'bench', `site-${entries}`);
  assembleDist({ gallery, to });
  return to;
}

/** @param {'people' | 'photos'} entries */
function lines(entries) {
  const paths = readdirSync(images, { recursive: true }).map(String).filter((path) => path.endsWith('.jpg')).sort();
  return paths.map((path, i) => {
    const name = dirname(path).replaceAll('_', ' ');
    return `${entries === 'people' ? name : i},${name},${path},Team ${(i % 7) + 1}`;
  });
}
