/** The reports of a build: what was folded, which names look wrong, and a page that nothing in a roster can break. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { lacking, shared } from '../places.mjs';
import { doppel, fill, fingerprint, greyPng, peopleOf, readJson, sample, scratch } from './program.mjs';

const folder = scratch();
const photos = join(folder, 'photos');
const out = join(folder, 'gallery');
const faces = join(shared, 'data/lfw-dev/images');
const skip = lacking(faces);
const skipBrowser = lacking('/usr/bin/chromium');

const HOSTILE = '<script>document.title = "broken"</script><img src=x onerror=alert(1)> "Jo" & \'Co\' \u202Eolleh';
const HOSTILE_PATH = 'dir/<script>alert(1)</script> & "x".jpg';

/** @type {any} */
let report;
let page = '';

/** People of lfw-dev with several photos. @param {number} count */
const peopleWithSeveral = (count) =>
  readdirSync(faces).filter((name) => readdirSync(join(faces, name)).length > 2).slice(0, count);

/** @param {string} from @param {string} to */
function copy(from, to) {
  mkdirSync(join(photos, to, '..'), { recursive: true });
  copyFileSync(from, join(photos, to));
}

/** A roster in which some names are wrong on purpose. */
function makeRoster() {
  const people = peopleWithSeveral(16);
  /** @type {{name: string, img: string}[]} */
  const roster = [];
  const add = (/** @type {string} */ name, /** @type {string} */ img) => roster.push({ name, img });
  for (const [i, person] of people.entries()) {
    const own = readdirSync(join(faces, person)).sort();
    for (const [k, photo] of own.entries()) {
      copy(join(faces, person, photo), photo);
      if (i === 0) add(HOSTILE, photo);
      else if (i === 1) add(k === 0 ? 'Second name' : person, photo); // one person, two names
      else add(person, photo);
    }
  }
  const stranger = readdirSync(join(faces, people[2])).sort()[0];
  copy(join(faces, people[2], stranger), 'again/copy.jpg');
  add(people[2], 'again/copy.jpg'); // the same file twice
  add(people[3], 'again/copy.jpg'); // and under another name, so that two people are under that name
  fill(photos, { [HOSTILE_PATH]: 'This is no photo.', 'wall.png': greyPng(300, 100) });
  add(`${HOSTILE} 2`, HOSTILE_PATH);
  add('Wall', 'wall.png');
  for (let i = 0; i < 20; ++i) add(`Gone ${i}`, `gone${i}.jpg`);
  return { roster, people };
}

before(async () => {
  if (skip) return;
  const { roster } = makeRoster();
  fill(folder, { 'roster.json': JSON.stringify(roster) });
  const { code, err } = await doppel('build', join(folder, 'roster.json'), '--photos', photos, '-o', out, '--quiet', '--title', HOSTILE);
  assert.equal(code, 0, err);
  report = readJson(join(out, 'report.json'));
  page = readFileSync(join(out, 'report.html'), 'utf8');
});

describe('the report', { skip }, () => {
  test('the same file of one person is folded; under another person it stays and is listed', () => {
    assert.equal(report.photos_folded, 1);
    const [{ kept, folded, same_file: same }] = report.folded;
    assert.equal(same, true);
    assert.equal(kept.person, folded.person);
    assert.equal(folded.photo, 'again/copy.jpg');
    assert.equal(report.same_file_under_two_people.length, 1);
    const { one, other } = report.same_file_under_two_people[0];
    assert.notEqual(one.person, other.person);
    assert.equal(report.photos_built + report.photos_folded + report.skips.length, report.photos);
    const person = peopleOf(out).find(({ name }) => name === folded.person);
    assert.equal(person?.photos.length, readdirSync(join(faces, folded.person)).length);
  });

  test('one person under two names, and two under one, come first among the suspects', () => {
    const { suspects } = report;
    assert.ok(suspects.threshold > 0);
    const names = suspects.one_person_under_two_names.map((/** @type {any} */ { one, other }) => [one.person, other.person]);
    assert.ok(names.slice(0, 2).some((/** @type {string[]} */ pair) => pair.includes('Second name')), JSON.stringify(names));
    const similarities = suspects.one_person_under_two_names.map((/** @type {any} */ { similarity }) => similarity);
    assert.deepEqual(similarities, [...similarities].sort((/** @type {number} */ a, /** @type {number} */ b) => b - a));
    assert.ok(similarities.every((/** @type {number} */ s) => s >= suspects.threshold));
    const apart = suspects.two_people_under_one_name;
    assert.ok(apart.some((/** @type {any} */ { one, other }) => [one.photo, other.photo].includes('again/copy.jpg')), JSON.stringify(apart));
    assert.ok(apart.every((/** @type {any} */ { similarity, groups }) => similarity < suspects.threshold && groups > 1));
  });

  test('the faces and the scores are summed up, as the manifest has them', () => {
    assert.deepEqual(report.calibration, readJson(join(out, 'gallery.json')).calibration);
    assert.ok(report.calibration.false_matches.length >= 1);
    const { size, sharpness, yaw } = report.faces;
    assert.ok(size.least > 20 && size.least <= size.half && size.half <= size.most && size.most < 250);
    assert.ok(sharpness.least > 0 && sharpness.most < 1);
    assert.ok(yaw.least < 0 && yaw.most > 0);
  });

  test('a second build writes the same bytes, and no path of the machine', async () => {
    const again = join(folder, 'again');
    const { code, err } = await doppel('build', join(folder, 'roster.json'), '--photos', photos, '-o', again, '--quiet', '--title', HOSTILE, '--jobs', '1');
    assert.equal(code, 0, err);
    assert.deepEqual(fingerprint(again), fingerprint(out));
    for (const name of ['report.html', 'report.json', 'report.txt'])
      assert.ok(!readFileSync(join(out, name), 'utf8').includes(folder), name);
  });
});

describe('report.html', { skip }, () => {
  test('shows no more than twelve of a reason, and says how many more there are', () => {
    assert.equal(page.match(/gone\d+\.jpg/g)?.length, 12);
    assert.match(page, /and 8 more in report\.json/);
  });

  test('has no markup of the roster, no script and no address', () => {
    assert.doesNotMatch(page, /<script|<img src=x|javascript:/i);
    assert.doesNotMatch(page, /https?:/);
    assert.match(page, /&lt;script&gt;/);
    for (const [attribute] of page.matchAll(/\s(?:src|href)="[^"]{0,30}/g)) assert.match(attribute, /"(data:image\/jpeg;base64,|#)/);
  });

  test('in a browser: nothing is fetched, nothing runs, every picture shows, a phone has no sideways scrolling', { skip: skipBrowser }, async () => {
    const opened = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    try {
      const tab = await opened.newPage({ viewport: { width: 390, height: 800 } });
      /** @type {string[]} */
      const asked = [];
      tab.on('request', (request) => asked.push(request.url()));
      tab.on('console', (message) => assert.fail(message.text()));
      await tab.goto(`file://${out}/report.html`);
      assert.equal(asked.filter((url) => !url.startsWith('data:')).length, 1);
      const seen = await tab.evaluate(() => ({
        title: document.title,
        heading: document.querySelector('h1')?.textContent,
        width: document.documentElement.scrollWidth,
        pictures: [...document.images].map(({ naturalWidth, alt }) => naturalWidth > 0 && alt.length > 0),
        headings: [...document.querySelectorAll('h2')].map(({ id }) => id),
        plots: [...document.querySelectorAll('svg')].map((svg) => [svg.getAttribute('role'), svg.querySelector('title')?.textContent]),
      }));
      assert.ok(seen.title.includes('<script>'), seen.title);
      assert.ok(seen.heading?.includes(HOSTILE.slice(0, 40)));
      assert.equal(seen.width, 390);
      assert.ok(seen.pictures.length > 10 && seen.pictures.every(Boolean));
      assert.deepEqual(seen.headings, ['photos', 'skipped', 'names', 'folded', 'alike', 'faces']);
      assert.equal(seen.plots.length, 5);
      assert.ok(seen.plots.every(([role, title]) => role === 'img' && title));
    } finally {
      await opened.close();
    }
  });

  test('of one photo of one person says that there is nobody to compare with', async () => {
    fill(folder, { 'one.csv': 'name,photo\nAda,ada.jpg\n' });
    fill(photos, { 'ada.jpg': sample(1) });
    const one = join(folder, 'one');
    const { code, err } = await doppel('build', join(folder, 'one.csv'), '--photos', photos, '-o', one, '--quiet');
    assert.equal(code, 0, err);
    assert.match(readFileSync(join(one, 'report.html'), 'utf8'), /nobody to compare with/);
  });
});
