/**
 * Where networks come from and which set is in use, with a program that stands in for `doppel` and a host that stands in
 * for the public address: `npm run models`, and the choice that `npm start` makes.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { root } from '../places.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'doppel-networks-'));
const build = join(scratch, 'build');
const folder = join(scratch, 'models');
const sha256 = (/** @type {string | Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex');

/** What the host gives, by path. @type {Record<string, string>} */
const published = { '/face.onnx': 'a detector', '/vector.espdl': 'an embedder', '/open.h5': 'nobody knows its sha256' };
let asked = 0;
let hostAnswers = true;
const host = createServer((request, response) => {
  asked++;
  const bytes = published[request.url ?? ''];
  if (hostAnswers && bytes) response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
  else response.writeHead(503).end();
});

before(async () => {
  await new Promise((done) => host.listen(0, '127.0.0.1', () => done(undefined)));
  const origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (host.address()).port}`;
  writeFileSync(join(scratch, 'catalogue.json'), JSON.stringify(catalogue(origin)));
  writeFileSync(join(scratch, 'doppel'), STAND_IN);
  chmodSync(join(scratch, 'doppel'), 0o755);
});
beforeEach(() => {
  for (const made of [build, join(scratch, 'cache'), folder]) rmSync(made, { recursive: true, force: true });
  mkdirSync(build);
  mkdirSync(folder);
  asked = 0;
  hostAnswers = true;
});
after(() => {
  host.closeAllConnections();
  host.close();
  rmSync(scratch, { recursive: true });
});

/** Instead of `doppel import`: a network file whose weights are what it was told. */
const STAND_IN = `#!${process.execPath}
const { readFileSync, writeFileSync } = require('node:fs');
const [command, source, ...options] = process.argv.slice(2);
const after = (name) => options[options.lastIndexOf(name) + 1];
const bytes = readFileSync(source, 'utf8');
if (command !== 'import' || bytes.startsWith('damaged')) {
  console.error('doppel import: ' + source + ' is damaged.');
  process.exit(1);
}
const given = (name) => (options.includes(name) ? after(name) : '');
const task = given('--as').split(':')[0] || (bytes.includes('Detector') ? 'detector' : 'embedder');
const document = { name: given('--name'), task, licence: given('--licence'), options: options.slice(0, -2) };
const header = Buffer.from(JSON.stringify({ __metadata__: { doppel: JSON.stringify(document) } }));
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(header.length));
writeFileSync(after('-o'), Buffer.concat([length, header, Buffer.from(bytes)]));
`;

/** Ours, with other addresses and files, and a packaged set that needs no package. @param {string} origin */
function catalogue(origin) {
  const ours = JSON.parse(readFileSync(join(root, 'models/catalogue.json'), 'utf8'));
  const input = { width: 112, height: 112, order: 'rgb', mean: [0, 0, 0], scale: [1, 1, 1] };
  const common = { title: 'x', licence: 'MIT', commercial: true, input, citation: 'x' };
  const one = (/** @type {string} */ name, /** @type {string} */ file, /** @type {object} */ more) => ({
    ...common,
    name,
    files: { [file]: sha256(published[`/${file}`] ?? name) },
    sources: { address: `${origin}/${file}`, folder: file },
    ...more,
  });
  const detector = { task: 'detector', as: 'detector:yunet' };
  const embedder = { task: 'embedder', as: 'embedder', template: 'arcface', threshold: 0.3 };
  return {
    ...ours,
    sets: { recommended: ['face', 'vector'], packaged: ['tiny', 'old'], accurate: ['face', 'large'] },
    networks: [
      one('face', 'face.onnx', detector),
      one('vector', 'vector.espdl', embedder),
      one('large', 'vector.espdl', embedder),
      one('open', 'open.h5', { ...embedder, files: { 'open.h5': null }, template: 'box', weights: 'int8' }),
      one('research', 'research.onnx', { ...embedder, sources: { folder: 'research.onnx' }, commercial: false, licence: 'research only', note: 'It lies in a zip.' }),
      one('tiny', 'package.json', { ...detector, ...npmFile('package.json') }),
      one('old', 'package.json', { ...embedder, ...npmFile('package.json') }),
    ],
  };
}

/** A file of a package that every clone has. @param {string} file */
function npmFile(file) {
  const bytes = readFileSync(join(root, 'node_modules/@vladmandic/face-api', file));
  return { files: { [file]: sha256(bytes) }, sources: { npm: { package: '@vladmandic/face-api', version: JSON.parse(bytes.toString()).version } } };
}

/** @typedef {{code: number, out: string, err: string}} Ended */

/** @param {string[]} parameters @param {NodeJS.ProcessEnv} [env] @returns {Promise<Ended>} */
function node(parameters, env = {}) {
  const all = {
    ...process.env,
    DOPPEL_BUILD: build,
    DOPPEL_PROGRAM: join(scratch, 'doppel'),
    DOPPEL_CATALOGUE: join(scratch, 'catalogue.json'),
    XDG_CACHE_HOME: join(scratch, 'cache'),
    DOPPEL_MODELS: '',
    DOPPEL_SET: '',
    ...env,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, { env: all }, (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }));
  });
}

/** @param {string[]} words @param {NodeJS.ProcessEnv} [env] */
const models = (words, env) => node([join(root, 'tools/setup/models.mjs'), ...words], env);

/** What `npm start` does about networks. @param {NodeJS.ProcessEnv} [env] */
const makeNetworks = (env = {}, options = '{}') =>
  node(['--input-type=module', '-e', `
    import { makeNetworks } from ${JSON.stringify(join(root, 'tools/setup/networks.mjs'))};
    import { exitWith } from ${JSON.stringify(join(root, 'tools/setup/progress.mjs'))};
    await makeNetworks(${options}).then((made) => console.log(JSON.stringify(made)), exitWith);`], env);

const inUse = () => readlinkSync(join(build, 'models'));
const lineOf = (/** @type {Ended} */ { err }) => err.split('\n').filter((line) => line.startsWith('Networks: '));
const give = (/** @type {string} */ name, content = published[`/${name}`]) => writeFileSync(join(folder, name), content);

/** The options that the stand-in was called with. @param {string} name */
function importedWith(name) {
  const file = readdirSync(join(build, 'networks')).find((each) => each.startsWith(`${name}.`)) ?? '';
  const bytes = readFileSync(join(build, 'networks', file));
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString());
  return JSON.parse(header.__metadata__.doppel).options.join(' ');
}

describe('which set is in use', () => {
  it('the recommended one where its address answers, and nobody is asked twice', async () => {
    const ended = await makeNetworks();
    assert.equal(ended.code, 0, ended.err);
    assert.deepEqual(lineOf(ended), ['Networks: the recommended set (face, vector).']);
    assert.equal(inUse(), 'sets/recommended');
    const { set, networks } = JSON.parse(readFileSync(join(build, 'models/models.json'), 'utf8'));
    assert.equal(set, 'recommended');
    assert.deepEqual(networks.map((/** @type {any} */ { role, name }) => [role, name]), [['quick', 'face'], ['embedder', 'vector']]);
    for (const { path, sha256: expected } of networks) assert.equal(sha256(readFileSync(join(build, 'models', path))), expected);
    rmSync(build, { recursive: true });
    assert.equal((await makeNetworks()).code, 0);
    assert.equal(asked, 2);
  });

  it('the recommended one from the folder DOPPEL_MODELS, without a network', async () => {
    hostAnswers = false;
    give('face.onnx');
    give('vector.espdl');
    assert.equal((await makeNetworks({ DOPPEL_MODELS: folder })).code, 0);
    assert.equal(inUse(), 'sets/recommended');
    assert.equal(asked, 0);
  });

  it('the packaged one where the address does not answer: one line says why, and it is not asked again for an hour', async () => {
    hostAnswers = false;
    const first = await makeNetworks();
    assert.equal(first.code, 0, first.err);
    assert.equal(lineOf(first).length, 1);
    assert.match(lineOf(first)[0], /^Networks: the packaged set \(tiny, old\)\. The recommended set cannot be had: .* answered 503/);
    assert.doesNotMatch(first.err, /✗/);
    assert.equal(inUse(), 'sets/packaged');
    const before = asked;
    const second = await makeNetworks();
    assert.match(lineOf(second)[0], /Tried less than an hour ago; `npm run models -- fetch face` tries again/);
    assert.equal(asked, before);
    hostAnswers = true;
    assert.equal((await models(['fetch', 'recommended'])).code, 0);
    assert.equal((await makeNetworks()).code, 0);
    assert.equal(inUse(), 'sets/recommended');
  });

  it('the one that DOPPEL_SET asks for, or none', async () => {
    assert.match((await makeNetworks({ DOPPEL_SET: 'packaged' })).err, /the packaged set .*DOPPEL_SET asks for it\./);
    assert.equal(asked, 0);
    hostAnswers = false;
    const forced = await makeNetworks({ DOPPEL_SET: 'recommended' });
    assert.equal(forced.code, 1);
    assert.match(forced.err, /answered 503/);
    assert.match((await makeNetworks({ DOPPEL_SET: 'best' })).err, /DOPPEL_SET is "best"; it can be recommended, packaged or accurate\./);
  });

  it('the accurate one says what it costs', async () => {
    const { err, code } = await makeNetworks({ DOPPEL_SET: 'accurate' });
    assert.equal(code, 0, err);
    assert.equal(inUse(), 'sets/accurate');
    assert.match(err, /^Networks: the accurate set \(face, large\)\. Each visitor loads [\d.]+ MB of networks, -?[\d.]+ MB more than the recommended set;/m);
  });

  it('for tests both are made, whichever is in use', async () => {
    for (const set of ['recommended', 'packaged']) {
      const { out } = await makeNetworks({ DOPPEL_SET: set }, '{ every: true }');
      const made = JSON.parse(out);
      assert.equal(made.inUse, set);
      assert.deepEqual([...made.made].sort(), ['packaged', 'recommended']);
    }
  });

  it('a wrong file in the folder, or a network that cannot be imported, is no reason to go on quietly', async () => {
    give('face.onnx', 'another one');
    const wrong = await makeNetworks({ DOPPEL_MODELS: folder });
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /face\.onnx is not the file that the catalogue pins/);
    assert.match((await makeNetworks({ DOPPEL_MODELS: '/no/such/folder' })).err, /DOPPEL_MODELS is \/no\/such\/folder, and there is no such folder\./);
  });
});

describe('what is hosted', () => {
  /** The list that is made for a gallery of these networks. @param {{name: string, sha256: string}[]} networks the embedder last */
  const packed = async (networks) => {
    const manifest = { detector: networks.slice(0, -1), embedder: networks.at(-1) };
    const ended = await node(['--input-type=module', '-e', `
      import { networksOfGallery, packNetworks } from ${JSON.stringify(join(root, 'tools/setup/networks.mjs'))};
      import { exitWith } from ${JSON.stringify(join(root, 'tools/setup/progress.mjs'))};
      try {
        const { set, files } = networksOfGallery(${JSON.stringify(manifest)});
        packNetworks(${JSON.stringify(join(scratch, 'packed'))}, set, files);
      } catch (error) {
        exitWith(error);
      }`]);
    return { ...ended, list: ended.code ? null : JSON.parse(readFileSync(join(scratch, 'packed/models.json'), 'utf8')) };
  };
  const listed = (/** @type {string} */ set) => JSON.parse(readFileSync(join(build, 'sets', set, 'models.json'), 'utf8')).networks;

  it('exactly the networks that the gallery was made with, whichever set they are of', async () => {
    await makeNetworks({}, '{ every: true }');
    const [[face, vector], [, old]] = [listed('recommended'), listed('packaged')];
    const whole = await packed([face, vector]);
    assert.equal(whole.list.set, 'recommended');
    const mixed = await packed([face, old]);
    assert.equal(mixed.list.set, 'own');
    assert.deepEqual(mixed.list.networks.map((/** @type {any} */ { role, name, sha256: hash }) => [role, name, hash]), [
      ['quick', 'face', face.sha256],
      ['embedder', 'old', old.sha256],
    ]);
    for (const { path, bytes, unpacked_bytes, sha256: hash } of mixed.list.networks) {
      const file = readFileSync(join(scratch, 'packed', path));
      assert.equal(file.length, bytes);
      assert.equal(gunzipSync(file).length, unpacked_bytes);
      assert.equal(sha256(gunzipSync(file)), hash);
    }
  });

  it('what the catalogue has is brought for a gallery that was made elsewhere', async () => {
    await makeNetworks({}, '{ every: true }');
    const [tiny, old] = listed('packaged');
    rmSync(build, { recursive: true });
    mkdirSync(build);
    await makeNetworks();
    assert.equal((await packed([tiny, old])).code, 1);
    const brought = await node(['--input-type=module', '-e', `
      import { bringNetworksOf } from ${JSON.stringify(join(root, 'tools/setup/networks.mjs'))};
      await bringNetworksOf(${JSON.stringify({ detector: [tiny], embedder: old })});`]);
    assert.equal(brought.code, 0, brought.err);
    const whole = await packed([tiny, old]);
    assert.equal(whole.code, 0, whole.err);
  });

  it('one that came by hand as well, and a sentence where one is not here', async () => {
    await makeNetworks();
    await models(['fetch', 'open', '--unpinned']);
    const open = JSON.parse(readFileSync(join(build, 'networks/.open.json'), 'utf8'));
    const [face] = listed('recommended');
    assert.equal((await packed([face, { name: 'open', sha256: open.sha256 }])).code, 0);
    const { code, err } = await packed([face, { name: 'lost', sha256: 'ab'.repeat(32) }]);
    assert.equal(code, 1);
    assert.match(err, /The gallery was made with the network lost \(sha256 abababab…\), which is not here\./);
  });
});

describe('npm run models', () => {
  it('list says what there is, what is here, and what may not be used commercially', async () => {
    await models(['fetch', 'vector']);
    const { code, out } = await models(['list']);
    assert.equal(code, 0);
    assert.match(out, /^vector +embedder +0\.0 MB +yes +MIT/m);
    assert.match(out, /^face +detector +no +yes +MIT/m);
    assert.match(out, /^research +embedder +no +NO +research only/m);
    assert.match(out, /^The recommended set, which is not here: face, vector\.$/m);
  });

  it('fetch brings a network into the library, imported as the catalogue says', async () => {
    const { code, out, err } = await models(['fetch', 'vector']);
    assert.equal(code, 0, err);
    assert.match(out, /^vector is here: .*networks\/vector\.[0-9a-f]{8}\.safetensors, .* Licence: MIT\.$/m);
    assert.match(importedWith('vector'), /--as embedder --name vector --size 112x112 .*--template arcface/);
  });

  it('fetch takes what nobody has pinned only when told to, and says its sha256', async () => {
    const refused = await models(['fetch', 'open']);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /Nobody has pinned the sha256 of open yet\. `npm run models -- fetch open --unpinned`/);
    assert.equal(asked, 0);
    const { code, err } = await models(['fetch', 'open', '--unpinned']);
    assert.equal(code, 0, err);
    assert.match(err, new RegExp(`open was taken without a check\\. Its sha256 is ${sha256(published['/open.h5'])}\\.`));
    assert.match(importedWith('open'), /--weights int8/);
  });

  it('fetch says what to do without an address, and marks what is for research only', async () => {
    const refused = await models(['fetch', 'research']);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /research has no public address\. It lies in a zip\. Put research\.onnx into a folder and set DOPPEL_MODELS to it\./);
    give('research.onnx', 'research');
    const { code, out, err } = await models(['fetch', 'research'], { DOPPEL_MODELS: folder });
    assert.equal(code, 0, err);
    assert.match(out, /research may NOT be used commercially/);
  });

  it('add imports a file, with what the catalogue or the command line says about it', async () => {
    give('vector.espdl');
    assert.equal((await models(['add', join(folder, 'vector.espdl'), '--template', 'box'])).code, 0);
    assert.match(importedWith('vector'), /--template arcface.*--template box/);
    give('My Own.onnx', 'something');
    const unknown = await models(['add', join(folder, 'My Own.onnx')]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /The catalogue does not know My Own\.onnx, so say what it is: --as embedder/);
    const { code, out } = await models(['add', join(folder, 'My Own.onnx'), '--as', 'embedder']);
    assert.equal(code, 0);
    assert.match(out, /my_own is here .*: `doppel build --embedder my_own`/);
    assert.match((await models(['list'])).out, /^my_own +embedder .*added by you/m);
  });

  it('add takes over a network of our own form', async () => {
    await models(['fetch', 'vector']);
    const file = readdirSync(join(build, 'networks')).find((name) => name.endsWith('.safetensors')) ?? '';
    writeFileSync(join(folder, 'given.safetensors'), readFileSync(join(build, 'networks', file)));
    rmSync(join(build, 'networks'), { recursive: true });
    assert.equal((await models(['add', join(folder, 'given.safetensors')])).code, 0);
    assert.ok(existsSync(join(build, 'networks', file)));
    give('broken.safetensors', 'not one');
    assert.match((await models(['add', join(folder, 'broken.safetensors')])).err, /is not a network file of doppel\./);
  });

  it('says what is wrong with a command, a name, a file or what is in it', async () => {
    /** @type {[string[], RegExp][]} */
    const wrong = [
      [['steal'], /There is no "steal"\. Usage/],
      [['fetch'], /Which network\? Usage/],
      [['fetch', 'nobody'], /There is no network "nobody" in the catalogue\. There are face, vector,/],
      [['add'], /Which file\? Usage/],
      [['add', '/no/such/file'], /There is no file \/no\/such\/file\./],
    ];
    for (const [words, sentence] of wrong) {
      const { code, err } = await models(words);
      assert.equal(code, 1);
      assert.match(err, sentence);
      assert.doesNotMatch(err, /\bat .*:\d+/);
    }
    give('vector.espdl', 'damaged');
    const { code, err } = await models(['add', join(folder, 'vector.espdl')]);
    assert.equal(code, 1);
    assert.match(err, /vector cannot be imported.*is damaged\./s);
  });
});
