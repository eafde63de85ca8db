/** Decisions: kept per page and per gallery, never overwritten by another tab, and what was deleted can be had again. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { Decisions } from '../../web/decisions.js';
import * as words from '../../web/words.js';
import { demoPhotos } from '../places.mjs';
import { doppel, fill, sample, scratch } from '../tool/program.mjs';
import { run, until } from './engines.mjs';
import { GALLERY, SUBPATH, inEachEngine, decide, match, ready, scriptFirst, test as statement } from './visit.mjs';

/** What a browser stores, as several tabs see it. @param {number} [room] how many entries fit */
function storage(room = Infinity) {
  /** @type {Map<string, string>} */
  const entries = new Map();
  return {
    get length() { return entries.size; },
    key: (/** @type {number} */ i) => [...entries.keys()][i] ?? null,
    getItem: (/** @type {string} */ key) => entries.get(key) ?? null,
    removeItem: (/** @type {string} */ key) => void entries.delete(key),
    clear: () => entries.clear(),
    setItem(/** @type {string} */ key, /** @type {string} */ value) {
      if (!entries.has(key) && entries.size >= room) throw new Error('QuotaExceededError');
      entries.set(key, value);
    },
  };
}

let minutes = 0;
/** @param {Partial<import('../../web/types.js').Decision>} [about] @returns {import('../../web/types.js').Decision} */
const decision = (about = {}) => ({
  verdict: 'confirm', decided: new Date(Date.UTC(2026, 0, 1, 0, minutes++)).toISOString(), gallery: 'Cast', gallery_id: 'cast', person_id: 'ada', name: 'Ada',
  similarity: 0.5, less_alike: null, photo_name: 'me.jpg', photo_sha256: 'aa', face: { x: 10, y: 10, width: 100, height: 100 }, ...about,
});
const names = (/** @type {Decisions} */ kept) => kept.all.map(({ name }) => name);

describe('decisions that are kept', () => {
  test('of two tabs are all kept, whichever decides last', () => {
    const shared = storage();
    const one = new Decisions(shared, '/a/'), other = new Decisions(shared, '/a/');
    one.put(decision({ name: 'Ada' }));
    other.put(decision({ name: 'Ben', person_id: 'ben' }));
    one.put(decision({ name: 'Cleo', person_id: 'cleo' }));
    assert.deepEqual(names(new Decisions(shared, '/a/')), ['Ada', 'Ben', 'Cleo']);
    assert.deepEqual(names(one), ['Ada', 'Ben', 'Cleo']);
  });

  test('in one tab replace what another tab decided on the same face and person', () => {
    const shared = storage();
    const one = new Decisions(shared, '/a/'), other = new Decisions(shared, '/a/');
    one.put(decision());
    other.put(decision({ verdict: 'reject' }));
    assert.deepEqual(new Decisions(shared, '/a/').all.map(({ verdict }) => verdict), ['reject']);
  });

  test('are not seen by another page on the same host, and not deleted with its own', () => {
    const shared = storage();
    const one = new Decisions(shared, '/a/'), other = new Decisions(shared, '/a/:b/');
    one.put(decision());
    assert.deepEqual(names(new Decisions(shared, '/a/:b/')), []);
    other.put(decision({ name: 'Ben' }));
    assert.equal(other.clear().length, 1);
    assert.deepEqual(names(new Decisions(shared, '/a/')), ['Ada']);
  });

  test('are found by the identifiers of gallery and person, not by name or number', () => {
    const kept = new Decisions(storage(), '/');
    kept.put(decision());
    assert.equal(kept.verdictOn(decision({ name: 'Ada L.' })), 'confirm', 'renamed');
    assert.equal(kept.verdictOn(decision({ person_id: 'other' })), null, 'another person of the same name');
    assert.equal(kept.verdictOn(decision({ gallery_id: 'crew' })), null, 'another gallery with the same title');
  });

  test('of a gallery without identifiers are found by title, name and number', () => {
    const kept = new Decisions(storage(), '/');
    const before = { gallery_id: undefined, person_id: undefined, person: 3 };
    kept.put(decision(before));
    assert.equal(kept.verdictOn(decision(before)), 'confirm');
    assert.equal(kept.verdictOn(decision({ ...before, person: 4 })), null);
    assert.equal(kept.verdictOn(decision()), 'confirm', 'rebuilt with identifiers');
  });

  test('of an earlier version of the page are carried over where title and name agree', () => {
    const shared = storage();
    const old = (/** @type {string} */ gallery, /** @type {string} */ name) => ({ ...decision({ gallery, name }), gallery_id: undefined, person_id: undefined, person: 7 });
    shared.setItem('doppel.decisions.1', JSON.stringify([old('Cast', 'Ada'), old('Crew', 'Ben'), old('Cast', 'Cleo')]));
    const kept = new Decisions(shared, '/a/');
    kept.carryOver('Cast');
    assert.deepEqual(names(kept), ['Ada', 'Cleo']);
    assert.equal(kept.verdictOn(decision()), 'confirm', 'the same name under the same title, wherever it is now');
    assert.equal(kept.verdictOn(decision({ name: 'Dov', person_id: 'dov' })), null, 'who has this number now is somebody else');
    const crew = new Decisions(shared, '/b/');
    crew.carryOver('Crew');
    assert.deepEqual(names(crew), ['Ben']);
    assert.equal(shared.getItem('doppel.decisions.1'), null, 'nothing is left behind');
  });

  test('on an identifier that corrections joined with another person belong to that person; of two on one face the later stays', () => {
    const shared = storage(), kept = new Decisions(shared, '/');
    kept.put(decision({ person_id: 'old', verdict: 'confirm' }));
    kept.put(decision({ person_id: 'ada', verdict: 'reject' }));
    kept.put(decision({ person_id: 'old', verdict: 'unsure', photo_sha256: 'bb' }));
    kept.put(decision({ person_id: 'old', gallery_id: 'crew', photo_sha256: 'cc' }));
    kept.put(decision({ person_id: 'constructor', photo_sha256: 'dd' }));
    kept.join('cast', { old: 'ada' });
    const said = new Decisions(shared, '/').all.map(({ person_id: id, verdict, gallery_id: gallery }) => [gallery, id, verdict]);
    assert.deepEqual(said, [['cast', 'ada', 'reject'], ['cast', 'ada', 'unsure'], ['crew', 'old', 'confirm'], ['cast', 'constructor', 'confirm']]);
    kept.join('cast', { old: 'ada' });
    assert.equal(kept.all.length, 4, 'joining again changes nothing');
  });

  test('the same verdict twice takes it back', () => {
    const kept = new Decisions(storage(), '/');
    assert.equal(kept.put(decision()), true);
    assert.equal(kept.put(decision()), false);
    assert.deepEqual(kept.all, []);
  });

  test('can be had again after all were deleted', () => {
    const shared = storage();
    const kept = new Decisions(shared, '/');
    kept.put(decision());
    kept.put(decision({ person_id: 'ben', name: 'Ben' }));
    const deleted = kept.clear();
    assert.equal(shared.length, 0);
    kept.restore(deleted);
    assert.deepEqual(names(new Decisions(shared, '/')), ['Ada', 'Ben']);
  });

  test('last as long as the tab where the browser refuses storage or has no room, and the page says so', () => {
    const refused = new Decisions(null, '/');
    refused.put(decision());
    assert.deepEqual([names(refused), refused.kept], [['Ada'], 'none']);
    const full = new Decisions(storage(1), '/');
    full.put(decision());
    assert.equal(full.kept, 'all');
    full.put(decision({ name: 'Ben', person_id: 'ben' }));
    assert.deepEqual([names(full), full.kept], [['Ada', 'Ben'], 'some']);
    assert.match(words.decisionsKept(2, 'some'), /gone when you close the tab/);
    assert.match(words.decisionsKept(0, 'none'), /does not let the page store anything/);
    assert.doesNotMatch(words.decisionsKept(1, 'none') + words.decisionsKept(1, 'some'), /Kept in this browser/i);
    full.clear();
    assert.deepEqual([full.all, full.kept], [[], 'all']);
  });

  test('that something else has written are left alone', () => {
    const shared = storage();
    for (const [i, text] of ['{', '[]', 'null', '{"verdict":"confirm"}', '{"verdict":"confirm","name":"X","face":{"x":null}}'].entries())
      shared.setItem(`doppel.decision.2:${encodeURIComponent('/')}:${i}`, text);
    const kept = new Decisions(shared, '/');
    kept.put(decision());
    assert.deepEqual(names(kept), ['Ada']);
  });
});

/** A gallery, and the same built again from its roster in another order. */
const folder = scratch();
before(async () => {
  const people = ['Ada', 'Ben', 'Cleo', 'Dov', 'Eva', 'Fay'].map((name, i) => `${name},${i + 1}.jpg\n`);
  const photos = fill(join(folder, 'photos'), Object.fromEntries(people.map((_, i) => [`${i + 1}.jpg`, sample(i + 1)])));
  fill(folder, { 'first.csv': `name,photo\n${people.join('')}`, 'again.csv': `name,photo\n${people.reverse().join('')}` });
  fill(folder, {
    'fewer.csv': `name,photo,lang\n${['Ada,1.jpg,', 'Ben,2.jpg,de-AT', 'Cleo,3.jpg,pt_BR', 'Dov,4.jpg,'].join('\n')}\n`,
    'joined.json': '{"same_person": [["Cleo", "Ada"]]}',
  });
  const fewer = await doppel('build', join(folder, 'fewer.csv'), '--photos', photos, '--title', 'Cast', '--lang', 'fr', '--corrections', join(folder, 'joined.json'), '-o', join(folder, 'fewer'), '--quiet');
  assert.equal(fewer.code, 0, fewer.err);
  for (const name of ['first', 'again']) {
    const { code, err } = await doppel('build', join(folder, `${name}.csv`), '--photos', photos, '--title', 'Cast', '-o', join(folder, name), '--quiet');
    assert.equal(code, 0, err);
  }
});

const verdicts = () => [...document.querySelectorAll('#matches [data-verdict]')].map((card) => card.querySelector('.match-name')?.textContent);
const stored = () => Object.keys(localStorage).filter((key) => key.startsWith('doppel.decision')).length;
const listed = () => [...document.querySelectorAll('#decisions-list li strong')].map((name) => name.textContent);

inEachEngine('decisions on the page', (visit, engine) => {
  statement('are deleted after a question, and can be had again', async () => {
    const { page } = await visit();
    await ready(page);
    await match(page, demoPhotos[0]);
    await decide(page, 1, 'confirm');
    await decide(page, 2, 'reject');
    await page.click('#decisions-open');
    const before = await run(page, listed);
    assert.equal(before.length, 2);
    await page.click('#decisions-clear');
    assert.deepEqual(await run(page, listed), before, 'nothing is deleted by the first press');
    await page.click('#decisions-keep');
    await page.click('#decisions-clear');
    await page.click('#decisions-sure');
    assert.deepEqual(await run(page, listed), []);
    assert.equal(await run(page, stored), 0);
    await page.click('#decisions-undo');
    assert.deepEqual(await run(page, listed), before);
    await page.click('#decisions-close');
    assert.equal((await run(page, verdicts)).length, 2);
  });

  statement('stay with the person when the gallery is built again, and are not shared with another page of the host', async () => {
    const { page, site, mounts } = await visit({ gallery: join(folder, 'first') });
    await ready(page);
    await match(page, demoPhotos[0]);
    await decide(page, 2, 'confirm');
    const decided = await run(page, verdicts);
    assert.equal(decided.length, 1);
    mounts['/other/'] = mounts[SUBPATH];
    mounts['/other/gallery/'] = join(folder, 'first');
    await page.goto(`${site.origin}/other/`);
    await ready(page);
    assert.equal(await run(page, () => document.getElementById('decisions-count')?.hidden), true);
    mounts[GALLERY] = join(folder, 'again');
    await page.goto(site.origin + SUBPATH);
    await ready(page);
    await match(page, demoPhotos[0]);
    assert.deepEqual(await run(page, verdicts), decided);
  });

  statement('on a person who has left the gallery are shown as such, and on one who was joined with another follow that one', async () => {
    const { page, site, mounts } = await visit({ gallery: join(folder, 'first') });
    await ready(page);
    await match(page, demoPhotos[0]);
    for (const rank of [1, 2, 3, 4, 5, 6]) await decide(page, rank, 'unsure');
    assert.equal(await run(page, stored), 6);
    mounts[GALLERY] = join(folder, 'fewer');
    await page.goto(site.origin + SUBPATH);
    await ready(page);
    await page.click('#decisions-open');
    const gone = () => [...document.querySelectorAll('#decisions-list li')].filter((item) => item.querySelector('.decision-gone')).map((item) => item.querySelector('strong')?.textContent);
    await until(page, 'what the gallery holds', () => Boolean(document.querySelector('.decision-gone')));
    assert.equal((await run(page, gone)).length, 2, 'people of the last two records');
    await page.click('#decisions-close');
    await match(page, demoPhotos[0]);
    assert.deepEqual((await run(page, verdicts)).length, 3, 'one card for each person that there still is');
    assert.equal(await run(page, stored), 5, 'of the two decisions on the joined people one stays');
  });

  statement('and the page say in which language names and values are, where the roster or its host does', async () => {
    const { page } = await visit({ gallery: join(folder, 'fewer') });
    await ready(page);
    await match(page, demoPhotos[0]);
    const languages = () => Object.fromEntries([...document.querySelectorAll('.match-name')].map((name) => [name.textContent, name.getAttribute('lang')]));
    const said = await run(page, languages);
    assert.deepEqual([said.Ben, said.Cleo, said.Dov], ['de-AT', 'fr', 'fr']);
    assert.equal(await run(page, () => document.getElementById('stage-name')?.lang === document.querySelector('#matches [aria-current="true"] .match-name')?.getAttribute('lang')), true);
    assert.doesNotMatch(await run(page, () => document.getElementById('stage-fields')?.textContent ?? ''), /lang/i);
  });

  statement('and the page leave names and field values untranslated, in their own direction', async () => {
    const { page } = await visit({ gallery: join(folder, 'first') });
    await ready(page);
    await match(page, demoPhotos[0]);
    const shown = await run(page, () =>
      [...document.querySelectorAll('.match-name, .match-fields dd, #stage-name, #stage-label-match, #gallery-title')].map((element) => [element.getAttribute('translate'), element.getAttribute('dir')].join()),
    );
    assert.ok(shown.length > 6);
    assert.deepEqual([...new Set(shown)], ['no,auto']);
  });

  statement('say that they are not kept where the browser refuses storage', async () => {
    const refuse = 'Object.defineProperty(window, "localStorage", { get() { throw new DOMException("refused", "SecurityError"); } });';
    const { page } = await visit({ change: scriptFirst(refuse) });
    await ready(page);
    await page.click('#decisions-open');
    assert.equal(await run(page, () => document.getElementById('decisions-text')?.textContent), words.decisionsKept(0, 'none'));
    await page.click('#decisions-close');
    await match(page, demoPhotos[0]);
    await decide(page, 1, 'confirm');
    await page.click('#decisions-open');
    assert.equal(await run(page, () => document.getElementById('decisions-text')?.textContent), words.decisionsKept(1, 'none'));
  });

  if (engine === 'chromium')
    statement('made in another tab appear in this one', async () => {
      const { page, site } = await visit();
      await ready(page);
      await match(page, demoPhotos[0]);
      const second = await page.native.context().newPage();
      await second.goto(page.native.url());
      assert.ok(site.seen.length);
      await second.evaluate(() => {
        const decision = { verdict: 'unsure', decided: '2026-01-01T00:00:00Z', gallery: '', name: 'Somebody', similarity: 0, less_alike: null, photo_name: 'x', photo_sha256: null, face: { x: 0, y: 0, width: 9, height: 9 } };
        localStorage.setItem(`doppel.decision.2:${encodeURIComponent(location.pathname)}:x`, JSON.stringify(decision));
      });
      await until(page, 'the other tab’s decision', () => document.getElementById('decisions-count')?.textContent === '1');
      await decide(page, 1, 'confirm');
      assert.equal(await second.evaluate(stored), 2);
      await second.close();
    });
});
