/** JPEG decoding of the native program beside djpeg of libjpeg-turbo at the same scale, in processor time. */
import { nativeJpeg } from './native.mjs';
import { machine } from './machine.mjs';
import { madePhotos } from './photos.mjs';
import { aligned } from './report.mjs';
import { compared } from './statistics.mjs';

const MEGAPIXELS = 12;
const SCALES = [1, 2, 4, 8];
const GOAL = 1.15;

/** djpeg is a process per photo; ours decodes again and again in one, as in a build. @param {{rounds: number}} options */
export async function jpegCosts({ rounds }) {
  const photos = (await madePhotos()).filter(({ megapixels }) => megapixels === MEGAPIXELS);
  const rows = [];
  for (const photo of photos)
    for (const scale of SCALES) {
      const { ours, theirs } = await timesOf(photo.file, scale, rounds);
      const costs = compared(ours, theirs);
      const share = 1 / costs.ratio.median;
      rows.push([photo.kind, `1/${scale}`, costs.ours.median.toFixed(1), costs.theirs.median.toFixed(1), share.toFixed(2), `${share <= GOAL ? '✓' : '✗'} ≤ ${GOAL}`]);
    }
  const { cpu, commit } = machine();
  console.log([`${MEGAPIXELS} megapixels, ${cpu}, ${commit}; medians of ${rounds} rounds, ms of processor time`, ...aligned([['JPEG', 'scale', 'doppel', 'djpeg', 'share', 'goal'], ...rows], 2)].join('\n'));
}

/** @param {string} file @param {number} scale @param {number} rounds */
async function timesOf(file, scale, rounds) {
  const native = await nativeJpeg(file, scale);
  try {
    await native.times(); // the warm-up
    /** @type {{ours: number[], theirs: number[]}} */
    const measured = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round++) {
      const [ours, theirs] = await native.times();
      measured.ours.push(ours);
      measured.theirs.push(theirs);
    }
    return measured;
  } finally {
    await native.close();
  }
}
