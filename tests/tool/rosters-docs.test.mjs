/** docs/rosters.md: every command in it does what it says with the files that it shows. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { npyFile } from '../voyager.mjs';
import { program, root } from '../places.mjs';
import { doppel, fill, models, peopleOf, sample, scratch } from './program.mjs';

const folder = scratch();
const sections = readFileSync(join(root, 'docs/rosters.md'), 'utf8').split(/^## /m).slice(1);
const binary = process.env.DOPPEL_PROGRAM ?? program;
let embedder = '', dimension = 0;

before(async () => {
  mkdirSync(join(folder, 'bin'));
  symlinkSync(binary, join(folder, 'bin/doppel'));
  const [about] = JSON.parse((await doppel('inspect', models, '--json')).out);
  ({ name: embedder, dimension } = about.networks.find((/** @type {{task: string}} */ { task }) => task === 'embedder'));
});

/** @type {Record<string, number>} people in the gallery; the others have two */
const people = { 7: 6, 9: 1 };

for (const [number, section] of sections.entries()) {
  const [title] = section.split('\n');
  const blocks = [...section.matchAll(/^```(\w*) ?(\S*)\n([^]*?)^```$/gm)].map(([, kind, name, text]) => ({ kind, name, text }));
  const commands = blocks.filter(({ kind }) => kind === 'sh').map(({ text }) => text);
  test(`“${title}” is read by its command`, async () => {
    assert.equal(commands.length, 1);
    const home = join(folder, String(number));
    const portraits = Object.fromEntries([1, 2, 3, 4].map((i) => [`portraits/${i}.jpg`, sample([1, 4, 6, 2][i - 1])]));
    const listed = blocks.filter(({ kind }) => !kind).flatMap(({ text }) => text.trim().split('\n'));
    fill(home, {
      ...portraits,
      ...Object.fromEntries(listed.map((path, i) => [path, sample([1, 4, 6][i])])),
      ...Object.fromEntries(blocks.filter(({ name }) => name).map(({ name, text }) => [name, text])),
      'rows.npy': npyFile([0, 1].map((row) => Array.from({ length: dimension }, (_, i) => Number(i === row)))),
    });
    const command = commands[0].replace('--embedder mfn', `--embedder ${embedder}`).trim();
    const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
    const failed = await new Promise((done) => execFile('sh', ['-c', `${command} --models '${models}'`], { cwd: home, env }, (error, _, err) => done(error && err)));
    assert.equal(failed, null, String(failed));
    const found = peopleOf(join(home, 'gallery'));
    const wanted = people[number + 1] ?? 2;
    assert.ok(number + 1 === 7 ? found.length >= wanted : found.length === wanted, `${found.length} people`);
  });
}

test('there are ten shapes, the language of names, and the corrections', () => assert.equal(sections.length, 12));
