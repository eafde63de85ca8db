/** Identifiers of people and galleries: the same however often a gallery is built, whoever joins the roster. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { doppel, fill, peopleOf, readJson, sample, scratch } from './program.mjs';

const folder = scratch();
const photos = fill(join(folder, 'photos'), { 'a.jpg': sample(1), 'b.jpg': sample(4), 'c.jpg': sample(6), 'd.jpg': sample(2) });

/** @param {string} name @param {object[] | string} roster @param {...string} options */
async function build(name, roster, ...options) {
  const home = fill(join(folder, name), { 'roster.txt': typeof roster === 'string' ? roster : JSON.stringify(roster) });
  const out = join(home, 'gallery');
  const { code, err } = await doppel('build', join(home, 'roster.txt'), '--photos', photos, '-o', out, '--quiet', ...options);
  assert.equal(code, 0, err);
  return { out, manifest: readJson(join(out, 'gallery.json')), ids: Object.fromEntries(peopleOf(out).map(({ id, name }) => [name, id])) };
}

const ada = { name: 'Ada', img: 'a.jpg' }, ben = { name: 'Ben', img: 'b.jpg' }, cleo = { name: 'Cleo', img: 'c.jpg' };

describe('the language of names', () => {
  test('comes from --lang into the manifest, and from a column of the roster into its records, where it is a language tag', async () => {
    const { manifest, out } = await build('lang', 'name,img,Lang\nAda,a.jpg,de-AT\nBen,b.jpg,pt_BR\nCleo,c.jpg,\n', '--lang', 'zh-Hant-TW');
    assert.equal(manifest.lang, 'zh-Hant-TW');
    assert.deepEqual(peopleOf(out).map(({ fields }) => fields), [{ Lang: 'de-AT' }, {}, {}]);
    const { notes } = readJson(join(`${out}.report`, 'report.json'));
    assert.match(notes.join(), /1 values of the column lang are no language tags .* Record 2 of the roster has the first/);
    for (const tag of ['d', 'de_DE', 'de-', '-de', 'deutschland', 'de DE', 'de-x', '1a', ''])
      assert.match((await doppel('build', 'roster', '--photos', photos, '-o', out, '--lang', tag)).err, /--lang wants a language tag such as de or pt-BR/, tag);
  });
});

describe('identifiers of people', () => {
  test('are the same for the same roster in another order, with one person more, and with other photos', async () => {
    const { ids } = await build('first', [ada, ben]);
    assert.deepEqual((await build('reversed', [ben, ada])).ids, ids);
    const more = (await build('more', [cleo, { ...ada, img: 'd.jpg' }, ben])).ids;
    assert.deepEqual([more.Ada, more.Ben], [ids.Ada, ids.Ben]);
    assert.equal(new Set(Object.values(more)).size, 3);
    for (const id of Object.values(more)) assert.match(id, /^[0-9a-f]{16}$/);
  });

  test("are the roster's own where it has a column that tells people apart, with leading zeros", async () => {
    const { ids } = await build('own', 'name,photo,person_id\nAda,a.jpg,007\nBen,b.jpg,7\nBen,c.jpg,0042\n');
    assert.deepEqual(ids.Ada, '007');
    const people = peopleOf(join(folder, 'own/gallery'));
    assert.deepEqual(people.map(({ id }) => id), ['007', '7', '0042']);
  });

  test('do not depend on the order where neither name nor column tells people apart', async () => {
    const rows = [{ img: 'a.jpg', name: '' }, { img: 'b.jpg', name: '' }, { img: 'c.jpg', name: '' }];
    const first = await build('nameless', rows), reversed = await build('nameless-reversed', [...rows].reverse());
    assert.deepEqual(Object.values(reversed.ids).sort(), Object.values(first.ids).sort());
    assert.deepEqual(reversed.ids, first.ids);
    assert.equal(new Set(Object.values(first.ids)).size, 3);
  });

  test('differ between people also where the roster repeats itself', async () => {
    const { out } = await build('repeated', 'name,photo,person_id\nAda,a.jpg,\nAda,a.jpg,\nBen,b.jpg,9\n');
    const ids = peopleOf(out).map(({ id }) => id);
    assert.equal(new Set(ids).size, 3, ids.join(' '));
  });

  test('of every face of a photo differ, and stay when a photo is added', async () => {
    const first = join(folder, 'faces.first'), second = join(folder, 'faces.second');
    const group = fill(join(folder, 'group'), { 'm.jpg': sample(1) }), groups = fill(join(folder, 'groups'), { 'b.jpg': sample(4), 'm.jpg': sample(1) });
    assert.equal((await doppel('build', '--all-faces', group, '-o', first, '--quiet')).code, 0);
    assert.equal((await doppel('build', '--all-faces', groups, '-o', second, '--quiet')).code, 0);
    const ids = peopleOf(first).map(({ id }) => id), more = new Set(peopleOf(second).map(({ id }) => id));
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.ok(more.has(id), id);
  });

  test('come with search and export, and an export that is built again keeps them', async () => {
    const { out, ids } = await build('told', [ada, ben]);
    const found = JSON.parse((await doppel('search', out, join(photos, 'a.jpg'), '--json')).out);
    for (const { name, person_id: id } of found.faces[0].matches) assert.equal(id, ids[name]);
    const { code } = await doppel('export', out, '-o', join(folder, 'told.npy'), '--quiet');
    assert.equal(code, 0);
    const again = join(folder, 'told.again');
    const [about] = JSON.parse((await doppel('inspect', out, '--json')).out);
    const adopted = await doppel('adopt', join(folder, 'told.npy'), '--roster', join(folder, 'told.csv'), '--embedder', about.embedder, '-o', again, '--quiet');
    assert.equal(adopted.code, 0, adopted.err);
    assert.deepEqual(Object.fromEntries(peopleOf(again).map(({ id, name }) => [name, id])), ids);
  });
});

describe('the identifier of a gallery', () => {
  test('is made of its title, so that a gallery that is built again keeps it', async () => {
    const one = await build('title', [ada], '--title', 'Cast'), other = await build('title-more', [ben, ada], '--title', 'Cast');
    assert.ok(one.manifest.id);
    assert.equal(other.manifest.id, one.manifest.id);
    assert.notEqual((await build('title-other', [ada], '--title', 'Crew')).manifest.id, one.manifest.id);
  });

  test('is what --id says; an empty one is refused', async () => {
    assert.equal((await build('named', [ada], '--id', 'cast-1926', '--title', 'The cast')).manifest.id, 'cast-1926');
    const { code, err } = await doppel('build', photos, '-o', join(folder, 'none'), '--id', '');
    assert.equal(code, 2);
    assert.match(err, /--id is 1 to 200 bytes of text/);
  });
});
