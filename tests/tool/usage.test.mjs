/** The command line itself: help on stdout, mistakes on stderr with exit code 2, and nothing else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../places.mjs';
import { doppel } from './program.mjs';

const commands = [
  ['build'],
  ['adopt'],
  ['export'],
  ['extract'],
  ['search'],
  ['verify'],
  ['represent'],
  ['inspect'],
  ['import'],
  ['run'],
  ['merge'],
  ['eval', 'pairs'],
  ['eval', 'turned'],
  ['eval', 'boxes'],
  ['eval', 'faces'],
];

describe('help', () => {
  for (const command of commands) {
    test(`doppel ${command.join(' ')} --help explains itself`, async () => {
      const { code, out, err } = await doppel(...command, '--help');
      assert.equal(code, 0);
      assert.equal(err, '');
      assert.match(out, new RegExp(`^Usage: doppel ${command.join(' ')} \\[OPTION`));
      assert.match(out, /--help/);
    });
  }

  for (const family of [[], ['eval']]) {
    test(`${['doppel', ...family].join(' ')} --help lists the commands`, async () => {
      const { code, out } = await doppel(...family, '--help');
      assert.equal(code, 0);
      const names = family.length ? ['pairs', 'turned', 'boxes', 'faces'] : ['build', 'search', 'verify', 'inspect', 'eval'];
      for (const name of names) assert.match(out, new RegExp(`^ +${name} `, 'm'));
    });
  }

  test('doppel --version prints the version that package.json states', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.deepEqual(await doppel('--version'), { code: 0, out: `doppel ${version}\n`, err: '' });
  });

  test('the exit codes are documented', async () => {
    const { out } = await doppel('verify', '--help');
    assert.match(out.replace(/\s+/g, ' '), /Exit codes: 0 the distance is within the threshold, 3 it is not, 1 failed/);
  });
});

/** Command lines that are wrong, with the words that say so. @type {[string[], RegExp][]} */
const mistakes = [
  [[], /Usage: doppel COMMAND/],
  [['frobnicate'], /there is no command `frobnicate`/],
  [['eval'], /Usage: doppel eval COMMAND/],
  [['eval', 'luck'], /there is no command `luck`; `doppel eval --help`/],
  [['build'], /the roster is missing/],
  [['build', 'roster.csv', '--photos', 'photos'], /--output OUT is missing/],
  [['build', 'roster.csv', '-o', 'out'], /--photos DIR is missing/],
  [['build', 'a.csv', 'b.csv', '--photos', 'photos', '-o', 'out'], /one roster is enough/],
  [['build', '--all-faces', '-o', 'out'], /a photo or folder is missing/],
  [['build', '--all-faces', 'a.csv', 'b.csv', '--photos', 'photos', '-o', 'out'], /one roster is enough/],
  [['build', '--all-faces', 'a.jpg', '--departments', 'd.csv', '-o', 'out'], /--photo-list, --departments and jurisdictions go with a roster/],
  [['build', 'a.csv', '--photos', 'b', '-o', 'out', '--notice', 'a', '--notice-file', 'b'], /one of --notice and --notice-file is enough/],
  [['adopt', '--roster', 'p.json', '-o', 'out', '--embedder', 'x'], /the file of vectors is missing/],
  [['adopt', 'i.voy', '-o', 'out', '--embedder', 'x'], /--roster FILE is missing/],
  [['adopt', 'i.voy', '--roster', 'p.json', '--embedder', 'x'], /--output OUT is missing/],
  [['adopt', 'i.voy', '--roster', 'p.json', '-o', 'out'], /--embedder is missing: which network made the vectors/],
  [['adopt', 'i.voy', '--roster', 'p.json', '-o', 'out', '--embedder', 'x', '--storage', 'float9'], /--storage is float32, float8 or e4m3, not `float9`/],
  [['export', 'gallery'], /--output OUT is missing/],
  [['export', '-o', 'a.voy'], /the gallery is missing/],
  [['export', 'gallery', '-o', 'a'], /--as is missing: voyager, npy, csv or json/],
  [['export', 'gallery', '-o', 'a.csv', '--as', 'xml'], /--as is voyager, npy, csv or json, not `xml`/],
  [['export', 'gallery', '-o', 'a.json', '--as', 'voyager'], /--output ends with .voy where --as is voyager, not `a.json`/],
  [['export', 'gallery', '-o', 'a.csv', '--storage', 'e4m3'], /--storage goes with --as voyager/],
  [['extract', '-o', 'out'], /a photo or folder is missing/],
  [['extract', 'a.jpg'], /--output OUT is missing/],
  [['extract', 'a.jpg', '-o', 'out', '--size', '200'], /--size wants a width and a height from 16 to 4096, as in 200x280, not `200`/],
  [['extract', 'a.jpg', '-o', 'out', '--size', '8x5000'], /--size wants a width and a height/],
  [['build', 'roster.csv', '--photos', 'photos', '-o', 'out', '--jobs', '0'], /--jobs wants a whole number from 1 to 256, not `0`/],
  [['build', 'roster.csv', '--photos', 'photos', '-o', 'out', '--jobs', 'two'], /not `two`/],
  [['build', 'roster.csv', '--photos', 'photos', '-o', 'out', '--mirror', 'on'], /--mirror makes vectors that are unlike the page's/],
  [['build', '--colour', 'red'], /unrecognized option '--colour'/],
  [['search'], /a gallery and a photo are needed/],
  [['search', 'gallery'], /a gallery and a photo are needed/],
  [['search', 'gallery', 'a.jpg', 'b.jpg'], /one gallery and one photo are enough/],
  [['search', 'gallery', 'a.jpg', '-k', '0'], /--most wants a whole number from 1 to 1000/],
  [['search', 'gallery', 'a.jpg', '--where', '=captain'], /--where wants FIELD=VALUE, not `=captain`/],
  [['verify', 'a.jpg'], /two photos are needed/],
  [['verify', 'a.jpg', 'b.jpg', 'c.jpg'], /two photos are enough/],
  [['verify', 'a.jpg', 'b.jpg', '--threshold', '3'], /--threshold wants a number from 0 to 2/],
  [['represent'], /a photo is missing/],
  [['inspect', '--colour'], /unrecognized option '--colour'/],
  [['import', 'weights.json'], /SOURCE and -o FILE are needed/],
  [['merge', '-o', 'out'], /the parts are missing/],
  [['merge', 'part'], /--output OUT is missing/],
  [['eval', 'pairs'], /the folder with pairs.txt or pairs.csv is missing/],
  [['eval', 'pairs', 'a', 'b'], /`b` is one too many/],
  [['eval', 'pairs', 'a', '--face', 'nearest'], /`largest` or `centred`, not `nearest`/],
  [['eval', 'turned', 'a', '--angles', '0,north'], /--angles wants a number from -360 to 360, not `north`/],
  [['eval', 'boxes'], /the file with the boxes is missing/],
  [['eval', 'boxes', 'a.xml', '--iou', '2'], /--iou wants a number from 0.01 to 1/],
  [['eval', 'faces'], /a photo is missing/],
  [['eval', 'faces', 'a.jpg', '--score', 'NaN'], /--score wants a number/],
];

describe('mistakes', () => {
  for (const [args, words] of mistakes) {
    test(`doppel ${args.join(' ')}: exit code 2`, async () => {
      const { code, out, err } = await doppel(...args);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, words);
    });
  }
});
