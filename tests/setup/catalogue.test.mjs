/** The catalogue of networks: ours is in order, and each way to break the form gets its sentence. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { importOptions, networkNamed, readCatalogue, roleOf, violations } from '../../tools/setup/catalogue.mjs';

const ours = () => structuredClone(readCatalogue());

/** What is said about our catalogue after one change. @param {(catalogue: any) => void} change */
function saidAfter(change) {
  const catalogue = ours();
  change(catalogue);
  return violations(catalogue);
}

const yunet = (/** @type {any} */ catalogue) => catalogue.networks.find((/** @type {any} */ { name }) => name === 'yunet');
const mfn = (/** @type {any} */ catalogue) => catalogue.networks.find((/** @type {any} */ { name }) => name === 'mfn');

describe('our catalogue', () => {
  it('has the form that it should have', () => assert.deepEqual(violations(ours()), []));

  it('has what both sets need: one embedder, one quick detector', () => {
    const catalogue = ours();
    for (const names of Object.values(catalogue.sets)) {
      const roles = names.map((name) => roleOf(networkNamed(catalogue, name)));
      assert.equal(roles.filter((role) => role === 'embedder').length, 1);
      assert.equal(roles.filter((role) => role === 'quick').length, 1);
    }
  });

  it('marks what may not be used commercially, and has none of it in a set', () => {
    const catalogue = ours();
    const marked = catalogue.networks.filter(({ commercial }) => !commercial).map(({ name }) => name);
    assert.deepEqual(marked.sort(), ['arcface_mobilefacenet', 'mobilefacenet', 'scrfd_500m']);
    for (const name of Object.values(catalogue.sets).flat()) assert.ok(!marked.includes(name));
  });

  it('becomes options of the importer', () => {
    const options = importOptions(networkNamed(ours(), 'facenet512')).join(' ');
    assert.match(options, /--as embedder --name facenet512 --size 160x160 --order bgr --mean 0,0,0 --scale 0\.0039\d*,/);
    assert.match(options, /--template box --threshold 0\.7 --weights int8/);
    assert.deepEqual(importOptions(networkNamed(ours(), 'face_recognition')), []);
    assert.throws(() => networkNamed(ours(), 'nobody'), /There is no network "nobody" in the catalogue\. There are yunet, mfn,/);
  });
});

/** @type {[string, (catalogue: any) => void, RegExp][]} */
const BROKEN = [
  ['another format', (c) => (c.format = 1), /^The format is 1; this program reads format 2\.$/],
  ['no networks', (c) => delete c.networks, /has no list "networks"\.$/],
  ['something of its own', (c) => (c.colour = 'blue'), /has "colour", which is no part of the form\.$/],
  ['a network twice', (c) => c.networks.push(yunet(c)), /^There are two networks with the name "yunet"\.$/],
  ['a name with spaces', (c) => (c.networks[8].name = 'S Face'), /has a "name" that must be small letters/],
  ['a network without licence', (c) => delete yunet(c).licence, /^The network "yunet" has no "licence"\.$/],
  ['an unknown task', (c) => (yunet(c).task = 'finder'), /"task" that must be one of detector, landmarks, embedder\.$/],
  ['a task that the importer takes for another', (c) => (yunet(c).as = 'embedder'), /has the task detector, but is imported as embedder\.$/],
  ['a role that only detectors have', (c) => (mfn(c).role = 'thorough'), /has the role thorough, which only a detector can have\.$/],
  ['a sha256 that is none', (c) => (mfn(c).files = { 'a.espdl': 'abc' }), /the sha256 "abc"; it must be 64 hex digits, or null until it is known\.$/],
  ['an npm file without sha256', (c) => (c.networks[3].files['model/tiny_face_detector_model.bin'] = null), /the sha256 null; it must be 64 hex digits\.$/],
  ['no files', (c) => (mfn(c).files = {}), /^The network "mfn" lists no files\.$/],
  ['no source', (c) => (mfn(c).sources = {}), /has no source: npm, address or folder\.$/],
  ['an address without encryption', (c) => (mfn(c).sources.address = 'http://example.org/a'), /"address" that must begin with https:\/\/\.$/],
  ['an address that is none', (c) => (mfn(c).sources.address = 'example'), /"address" that must be an address\.$/],
  ['a folder that leads elsewhere', (c) => (mfn(c).sources.folder = '../a.espdl'), /must be the name of a file, without a folder\.$/],
  ['an address for several files', (c) => (c.networks[3].sources.address = 'https://example.org/a'), /has 2 files; an address or a folder can give only one\.$/],
  ['an input without a side', (c) => delete mfn(c).input.width, /^The network "mfn", input, has no "width"\.$/],
  ['two means', (c) => (mfn(c).input.mean = [1, 2]), /^The network "mfn", input, has a "mean" that must be three numbers\.$/],
  ['an embedder without template', (c) => delete mfn(c).template, /is an embedder and needs a template\.$/],
  ['an embedder without threshold', (c) => delete mfn(c).threshold, /is an embedder and needs a threshold\.$/],
  ['four points', (c) => (mfn(c).template = [[1, 2], [1, 2], [1, 2], [1, 2]]), /must be arcface, dlib, box or five points\.$/],
  ['a template of a detector', (c) => (yunet(c).template = 'box'), /has a template, which only an embedder needs\.$/],
  ['a threshold above 1', (c) => (mfn(c).threshold = 1.2), /"threshold" that must be a number between 0 and 1\.$/],
  ['weights of an unknown form', (c) => (mfn(c).weights = 'int4'), /"weights" that must be one of f32, f16, int8\.$/],
  ['a set less', (c) => delete c.sets.packaged, /^The set "packaged" is missing\.$/],
  ['a set more', (c) => (c.sets.best = []), /^There is a set "best"; set-up knows recommended, packaged and accurate\.$/],
  ['a set of strangers', (c) => c.sets.recommended.push('nobody'), /names "nobody", which is no network of the catalogue\.$/],
  ['a set with a network for research only', (c) => (mfn(c).commercial = false), /"mfn", whose licence forbids commercial use; such a network is never a default\.$/],
  ['a set with a network that is not pinned', (c) => (mfn(c).files = { 'a.espdl': null }), /names "mfn", whose sha256 is not pinned\.$/],
  ['a set with two embedders', (c) => c.sets.recommended.push('sface'), /has 2 embedders; it needs one\.$/],
  ['a set without detector', (c) => (c.sets.recommended = ['mfn']), /has no quick detector\.$/],
  ['demo photos without sha256', (c) => (c.demo_photos.files = { 'a.jpg': '' }), /^The demo photo "a\.jpg" needs a path/],
];

describe('a catalogue with', () => {
  for (const [what, change, sentence] of BROKEN)
    it(`${what} gets one sentence`, () => {
      const said = saidAfter(change);
      assert.equal(said.length, 1, said.join('\n'));
      assert.match(said[0], sentence);
    });

  it('nothing in it, or no JSON, is refused with a sentence too', () => {
    for (const value of [null, [], 'text', 1]) assert.deepEqual(violations(value), ['The catalogue must be an object.']);
    assert.match(violations({ format: 2, networks: [null] }).join('\n'), /Network 1 must be an object\./);
    assert.match(violations({ format: 2, networks: [] }).join('\n'), /no object "sets"/);
    const folder = mkdtempSync(join(tmpdir(), 'doppel-catalogue-'));
    try {
      writeFileSync(join(folder, 'a.json'), '{');
      assert.throws(() => readCatalogue(join(folder, 'a.json')), /The catalogue .*a\.json cannot be read/);
      writeFileSync(join(folder, 'a.json'), '{"format": 2}');
      assert.throws(() => readCatalogue(join(folder, 'a.json')), /is not as it should be:\n  .*no list "networks"/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
