/**
 * npm run bench               one page: our times beside the peers' in one run, our goals and what is reached. All
 *                             figures in build/bench.json; a chart and a table in build/bench.svg and build/bench.md
 * npm run bench -- readme     puts chart and table of the last run into docs/benchmarks.md
 * npm run bench -- way | networks | search | start | accuracy
 *                             parts of the page alone, figures in build/bench-PART.json; `search` with more sizes,
 *                             `networks` with the time of each kind of operator
 * npm run bench -- group      the way of a group photo, which our quick detector is not certain of
 * npm run bench -- photo      from a photo's file to its match for JPEGs of 0.06 to 48 megapixels, beside the browser's own
 *                             decoder; --against COMMIT: beside the page of that commit, too;
 *                             --megapixels 12,48: these sizes alone
 * npm run bench -- jpeg       JPEG decoding of the native program and of djpeg
 * npm run bench -- portraits  builds of portraits of 12 megapixels, compared with a commit (--against COMMIT, --photos N: 400 and so on)
 * npm run bench -- build      native portraits a second and core, and memory as photos become more (--photos N: so many)
 * npm run bench -- roster     what many rows over 60 photos cost a build in processor time and memory (--rows N: so many,
 *                             100,000 by default), and how soon it ends at SIGTERM in each of its stages
 * npm run bench -- packed     what gzip and brotli save, for each kind of file in dist/
 * npm run bench -- quality    where the limits of the page's warning about bad photos come from (../shared/data/lfw-dev)
 * npm run bench -- slow       faces on slow 4G (1.6 Mbit/s, 150 ms): how long after the match, and after the gallery is here;
 *                             1,549 people of ../shared/data/lfw-dev
 * npm run bench -- lighthouse medians of five, desktop and mobile, for the demo and for 963 people of lfw-dev
 * npm run bench -- recall     how many labelled faces doppel and face-api find, on photos of ../shared
 *
 * Each part is a file that gives its figures; goals.mjs knows our goals, report.mjs prints. All sides of a part are
 * timed by turns (rounds.mjs), on one thread with WebAssembly SIMD. A peer that fails is named and ends nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, dist, root } from '../tests/places.mjs';
import { accuracyCosts } from './accuracy.mjs';
import { ratioRows } from './goals.mjs';
import { buildCosts } from './build.mjs';
import { chart } from './chart.mjs';
import { loadNow, machine } from './machine.mjs';
import { networkTimes } from './networks.mjs';
import { packedSizes, packedTable } from './packed.mjs';
import { markdown, withFigures } from './readme.mjs';
import { qualityLimits } from './quality.mjs';
import { lighthouse } from './lighthouse.mjs';
import { recall } from './recall.mjs';
import { jpegCosts } from './jpeg.mjs';
import { photoCosts } from './photo.mjs';
import { portraitCosts } from './portraits.mjs';
import { page, profiles } from './report.mjs';
import { rosterCosts } from './roster.mjs';
import { sentenceOf } from './rounds.mjs';
import { searchCosts } from './search.mjs';
import { slowFaces } from './slow.mjs';
import { startTimes } from './start.mjs';
import { photoFile, portrait, wayTimes, withBoxes } from './way.mjs';

const ROUNDS = Number(process.env.DOPPEL_BENCH_ROUNDS ?? 12);
const WARM_UP = 2;
const FILE = join(build, 'bench.json');

const words = process.argv.slice(2).filter((word, i, all) => !word.startsWith('--') && !all[i - 1]?.startsWith('--'));

/** @type {Record<string, () => Promise<any>>} */
const PARTS = {
  way: () => wayTimes({ rounds: ROUNDS, warmUp: WARM_UP, ofGroup: words.includes('group') }),
  networks: () => networkTimes({ photo: portrait().file, rounds: ROUNDS, warmUp: WARM_UP }),
  search: () => searchCosts({ rounds: Math.ceil(ROUNDS / 2), long: words.includes('search') }),
  start: () => startTimes({ photo: photoFile(), rounds: Math.ceil(ROUNDS / 3) }),
  accuracy: accuracyCosts,
};

/** @type {Record<string, () => Promise<void> | void>} */
const OTHERS = {
  group: () => onePage(['way']),
  readme: intoReadme,
  packed: () => console.log(packedTable(packedSizes(dist))),
  build: async () => void (await buildCosts({ photos: numberBehind('--photos') ?? 2000 })),
  roster: () => rosterCosts(numberBehind('--rows')),
  photo: () => photoCosts({ rounds: Math.ceil(ROUNDS / 2), against: wordBehind('--against'), megapixels: wordBehind('--megapixels')?.split(',').map(Number) }),
  jpeg: () => jpegCosts({ rounds: ROUNDS }),
  portraits: () => portraitCosts({ rounds: Math.ceil(ROUNDS / 4), photos: numberBehind('--photos') ?? 40, against: wordBehind('--against') ?? 'f02c4b5' }),
  recall: () => withBoxes(recall),
  slow: () => slowFaces({ photo: photoFile(), rounds: Math.ceil(ROUNDS / 4) }),
  lighthouse: () => lighthouse({ runs: numberBehind('--runs') ?? 5 }),
  quality: () => qualityLimits(numberBehind('--pairs')),
};

const unknown = words.find((word) => !(word in PARTS) && !(word in OTHERS));
if (unknown) {
  console.error(`There is no bench "${unknown}"; there are ${[...Object.keys(PARTS), ...Object.keys(OTHERS)].join(', ')}.`);
  process.exitCode = 2;
} else if (words[0] in OTHERS) await OTHERS[words[0]]();
else await onePage(words.length ? words : Object.keys(PARTS));

/** Measures some parts, prints them, and leaves the figures. @param {string[]} names */
async function onePage(names) {
  const began = Date.now();
  /** @type {import('./report.mjs').Document & Record<string, any>} */
  const run = { machine: machine(), faults: {} };
  for (const name of names) {
    process.stderr.write(`… ${name}\n`);
    try {
      run[name] = await PARTS[name]();
      run.browser ??= run[name]?.browser;
      Object.assign(run.faults, run[name]?.faults);
    } catch (error) {
      run.faults[name] = sentenceOf(error);
    }
  }
  run.machine.load.push(loadNow());
  run.minutes = (Date.now() - began) / 60_000;
  const isWhole = Object.keys(PARTS).every((name) => names.includes(name));
  const file = isWhole ? FILE : join(build, `bench-${words.join('-')}.json`);
  mkdirSync(build, { recursive: true });
  writeFileSync(file, JSON.stringify(run, null, 1));
  if (isWhole) {
    writeFileSync(join(build, 'bench.svg'), chart(ratioRows(run), whereOf(run)));
    writeFileSync(join(build, 'bench.md'), `${markdown(run)}\n`);
  }
  if (words.includes('networks')) console.log(profiles(run));
  console.log(`\n${page(run)}\n\nAll rounds: ${file}`);
}

/** @param {import('./report.mjs').Document} run */
function whereOf({ machine: { date, cpu }, browser }) {
  return `${browser} headless, ${cpu}, ${date.slice(0, 10)}; medians of interleaved rounds`;
}

/** Chart and table of the last whole run. */
function intoReadme() {
  if (!existsSync(FILE)) throw new Error('There are no figures yet; `npm run bench` makes them.');
  /** @type {import('./report.mjs').Document} */
  const run = JSON.parse(readFileSync(FILE, 'utf8'));
  const readme = join(root, 'docs/benchmarks.md');
  writeFileSync(join(root, 'docs/bench.svg'), chart(ratioRows(run), whereOf(run)));
  writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), markdown(run)));
  console.log('docs/bench.svg and docs/benchmarks.md have the figures of the last run.');
}

/** @param {string} option */
function wordBehind(option) {
  const place = process.argv.indexOf(option);
  return place < 0 ? undefined : process.argv[place + 1];
}

/** @param {string} option */
function numberBehind(option) {
  const word = wordBehind(option);
  if (word === undefined && !process.argv.includes(option)) return undefined;
  const number = Number(word);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} wants a whole number`);
  return number;
}
