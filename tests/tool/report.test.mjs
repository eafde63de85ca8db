/** The reports of a build: what was folded, which names look wrong, and a page that nothing in a roster can break. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { assembleDist } from '../../tools/setup/dist.mjs';
import { lacking, root, shared } from '../places.mjs';
import { doppel, fill, fingerprint, greyPng, peopleOf, readJson, sample, scratch } from './program.mjs';

const folder = scratch();
const photos = join(folder, 'photos');
const out = join(folder, 'gallery');
const faces = join(shared, 'data/lfw-dev/images');
const skip = lacking(faces);
const skipBrowser = lacking('/usr/bin/chromium');

const HOSTILE = '<script>document.title = "broken"</script><img src=x onerror=alert(1)> "Jo" & \'Co\' \u202Eolleh';
const HOSTILE_PATH = 'dir/<script>alert(1)</script> & "x".jpg';

/** How many pictures are there twice, the second time smaller. */
const AGAIN = 8;

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

/** Photos at half their size, as a browser saves them. @param {string[]} from @returns {Promise<Buffer[]>} */
async function savedAgain(from) {
  const opened = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const tab = await opened.newPage();
    const urls = from.map((photo) => `data:image/jpeg;base64,${readFileSync(photo).toString('base64')}`);
    const saved = await tab.evaluate(async (given) => {
      const canvas = document.createElement('canvas');
      const made = [];
      for (const url of given) {
        const image = new Image();
        image.src = url;
        await image.decode();
        [canvas.width, canvas.height] = [image.width / 2, image.height / 2];
        const context = canvas.getContext('2d');
        if (context) context.imageSmoothingQuality = 'high';
        context?.drawImage(image, 0, 0, canvas.width, canvas.height);
        made.push(canvas.toDataURL('image/jpeg', 0.9));
      }
      return made;
    }, urls);
    return saved.map((url) => Buffer.from(url.split(',')[1], 'base64'));
  } finally {
    await opened.close();
  }
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
  const { roster, people } = makeRoster();
  if (!skipBrowser) {
    const several = people.slice(4, 4 + AGAIN);
    const first = (/** @type {string} */ person) => join(faces, person, readdirSync(join(faces, person)).sort()[0]);
    for (const [i, jpeg] of (await savedAgain(several.map(first))).entries()) {
      fill(photos, { [`small/${i}.jpg`]: jpeg });
      roster.unshift({ name: several[i], img: `small/${i}.jpg` });
    }
  }
  fill(folder, { 'roster.json': JSON.stringify(roster) });
  const { code, err } = await doppel('build', join(folder, 'roster.json'), '--photos', photos, '-o', out, '--quiet', '--title', HOSTILE);
  assert.equal(code, 0, err);
  report = readJson(join(`${out}.report`, 'report.json'));
  page = readFileSync(join(`${out}.report`, 'report.html'), 'utf8');
});

describe('the report', { skip }, () => {
  test('the same file of one person is folded; under another person it stays and is listed', () => {
    const { kept, folded } = report.folded.find((/** @type {any} */ pair) => pair.same_file);
    assert.equal(kept.person, folded.person);
    assert.equal(folded.photo, 'again/copy.jpg');
    assert.equal(report.same_file_under_two_people.length, 1);
    const { one, other } = report.same_file_under_two_people[0];
    assert.notEqual(one.person, other.person);
    assert.equal(report.photos_built + report.photos_folded + report.skips.length, report.photos);
    const person = peopleOf(out).find(({ name }) => name === folded.person);
    assert.equal(person?.photos.length, readdirSync(join(faces, folded.person)).length);
  });

  test('pictures saved again at half their size are folded into the larger ones, and no other photos are', { skip: skipBrowser }, () => {
    const again = report.folded.filter((/** @type {any} */ pair) => !pair.same_file);
    assert.ok(again.length >= AGAIN - 2, `${again.length} of ${AGAIN}`);
    for (const { kept, folded } of again) {
      assert.match(folded.photo, /^small\//);
      assert.equal(kept.photo, readdirSync(join(faces, kept.person)).sort()[0]);
    }
  });

  test('stays at home when the site is put together', () => {
    const to = join(folder, 'dist');
    assembleDist({ gallery: out, to });
    assert.ok(existsSync(join(to, 'gallery/gallery.json')));
    assert.deepEqual(readdirSync(to, { recursive: true }).filter((name) => String(name).includes('report.')), []);
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

  test('inspect prints the false-match rates that the manifest has', async () => {
    const table = readJson(join(out, 'gallery.json')).calibration.false_matches;
    const { out: json } = await doppel('inspect', out, '--json');
    assert.deepEqual(JSON.parse(json)[0].false_matches, table);
    const { out: text } = await doppel('inspect', out);
    assert.match(text, /false_matches:\n\s+rate\s+0\.1\n\s+similarity\s+0\.\d+\n/);
  });

  test('a second build writes the same bytes, and no path of the machine', async () => {
    const again = join(folder, 'again');
    const { code, err } = await doppel('build', join(folder, 'roster.json'), '--photos', photos, '-o', again, '--quiet', '--title', HOSTILE, '--jobs', '1');
    assert.equal(code, 0, err);
    assert.deepEqual(fingerprint(again), fingerprint(out));
    assert.deepEqual(fingerprint(`${again}.report`), fingerprint(`${out}.report`));
    for (const name of ['report.html', 'report.json', 'report.txt'])
      assert.ok(!readFileSync(join(`${out}.report`, name), 'utf8').includes(folder), name);
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
      await tab.goto(`file://${out}.report/report.html`);
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

  test('has nothing to object to for axe, on a phone and on a desk, in light and dark', { skip: skipBrowser }, async () => {
    const opened = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    try {
      for (const [width, colorScheme] of /** @type {const} */ ([[390, 'dark'], [1200, 'light']])) {
        const context = await opened.newContext({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
        const tab = await context.newPage();
        await tab.goto(`file://${out}.report/report.html`);
        await tab.addScriptTag({ path: join(root, 'node_modules/axe-core/axe.min.js') });
        const found = await tab.evaluate('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`))');
        assert.deepEqual(found, []);
      }
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
    assert.match(readFileSync(join(`${one}.report`, 'report.html'), 'utf8'), /nobody to compare with/);
  });
});
