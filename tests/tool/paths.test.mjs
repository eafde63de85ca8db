/** `doppel build` and the files that paths and folders mean, whatever they are called and wherever links lead. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { demoPhotos, lacking, shared } from '../places.mjs';
import { doppel, fill, peopleOf, readJson, sample, scratch } from './program.mjs';

const folder = scratch();
const trap = 'No photo. Opening this is the mistake that the test looks for.';

/** @param {string} name @param {Record<string, string>} records people and their photos @param {Record<string, string | Uint8Array | {copy: string}>} files @param {object[]} more records */
async function buildFrom(name, records, files, more = []) {
  const home = fill(join(folder, name), { 'roster.json': JSON.stringify([...Object.entries(records).map(([person, photo]) => ({ name: person, photo })), ...more]) });
  const photos = fill(join(home, 'photos'), files);
  const out = join(home, 'gallery');
  const { code, err } = await doppel('build', join(home, 'roster.json'), '--photos', photos, '-o', out, '--quiet');
  const report = code ? null : readJson(join(`${out}.report`, 'report.json'));
  return { code, err, out, report, names: code ? [] : peopleOf(out).map((person) => person.name), details: Object.fromEntries((report?.skips ?? []).map((/** @type {any} */ skip) => [skip.person, [skip.reason, skip.detail]])) };
}

describe('paths of a roster', () => {
  test('are found with backslashes, other capitals, other forms of letters and spaces, and percents, where one file fits', async () => {
    const { code, err, names } = await buildFrom('found', {
      Back: 'sub\\eins.jpg', Dot: '.\\zwei.jpg', Capitals: 'SUB/EINS.JPG', Composed: 'José Núñez.jpg', Decomposed: 'Zoe\u0308.jpg',
      Space: 'two\u00a0words.jpg', Trailing: 'zwei.jpg\u00a0', Percent: 'two%20words.jpg', Dash: 'Anne\u2013Marie.jpg', Real: '100%25.jpg',
    }, {
      'sub/eins.jpg': sample(1), 'zwei.jpg': sample(4), [`${'José Núñez'.normalize('NFD')}.jpg`]: sample(6), 'Zoë.jpg': sample(1),
      'two words.jpg': sample(4), 'Anne-Marie.jpg': sample(6), '100%25.jpg': sample(1), '100%.jpg': trap,
    });
    assert.equal(code, 0, err);
    assert.deepEqual(names, ['Back', 'Dot', 'Capitals', 'Composed', 'Decomposed', 'Space', 'Trailing', 'Percent', 'Dash', 'Real']);
  });

  test('are missing with the nearest name, or with the names of which several fit', async () => {
    const { code, err, details } = await buildFrom('missing', { Ada: 'ada.jpg', Ending: 'portrait.png', Slip: 'jonathan.jpg', Two: 'ben.jpg', None: 'zzz.jpg', Folder: 'sub' }, {
      'ada.jpg': sample(1), 'portrait.jpg': trap, 'Johnathan.jpg': trap, 'Ben.jpg': trap, 'BEN.jpg': trap, 'sub/x.jpg': trap,
    });
    assert.equal(code, 0, err);
    assert.deepEqual(details, {
      Ending: ['missing', 'There is no such file; the nearest name is portrait.jpg.'],
      Slip: ['missing', 'There is no such file; the nearest name is Johnathan.jpg.'],
      Two: ['missing', 'There is no such file, and several are nearly called so: BEN.jpg, Ben.jpg.'],
      None: ['missing', 'There is no such file.'],
      Folder: ['missing', 'This is a folder, not a file.'],
    });
  });

  test('are refused with the true reason', async () => {
    const { code, err, details } = await buildFrom('refused', {
      Ada: 'ada.jpg', Address: 'https://example.org/p/ada.jpg', Data: 'data:image/png;base64,AAAA', Up: '../ada.jpg', Back: 'sub\\..\\..\\ada.jpg',
      Hidden: '%2e%2e/ada.jpg', Absolute: '/etc/ada.jpg', Drive: 'C:\\ada.jpg', Share: '\\\\server\\ada.jpg',
    }, { 'ada.jpg': sample(1) });
    assert.equal(code, 0, err);
    for (const name of ['Address', 'Data']) assert.match(details[name].join(), /refused,This is an address, not a file/);
    for (const name of ['Up', 'Back']) assert.match(details[name].join(), /refused,The path leads out of its folder \(`\.\.`\)/);
    for (const name of ['Absolute', 'Drive', 'Share']) assert.match(details[name].join(), /refused,This is an absolute path/);
    assert.match(details.Hidden.join(), /missing/);
  });

  test('an excluded file stays closed under every path, name and link that leads to it', async () => {
    const home = join(folder, 'alias/photos');
    fill(home, { 'trap.jpg': trap });
    symlinkSync('trap.jpg', join(home, 'link.jpg'));
    linkSync(join(home, 'trap.jpg'), join(home, 'hard.jpg'));
    symlinkSync('.', join(home, 'loop'));
    const { code, err, names, report } = await buildFrom('alias', {
      Ada: 'ada.jpg', Capitals: 'TRAP.jpg', Link: 'link.jpg', Hard: 'hard.jpg', Loop: 'loop/loop/trap.jpg', Back: '.\\trap.jpg', Percent: 'tr%61p.jpg',
    }, { 'ada.jpg': sample(1) }, [{ name: 'Out', photo: 'trap.jpg', use_for_matching: 'no' }]);
    assert.equal(code, 0, err);
    assert.deepEqual(names, ['Ada']);
    assert.equal(report.excluded.use_for_matching, 7);
    assert.equal(report.skipped.unreadable, 0, 'no trap was opened');
  });
});

describe('a folder as a roster', () => {
  /** @param {string} name */
  async function buildFolder(name) {
    const out = join(folder, `${name}-gallery`);
    const { code, err } = await doppel('build', join(folder, name), '-o', out, '--quiet');
    return { code, err, out, people: code ? [] : peopleOf(out).map(({ name: person, photos }) => [person, photos.length]), report: code ? null : readJson(join(`${out}.report`, 'report.json')) };
  }

  test('takes every file that is a photo, whatever it is called, and says what it passes over', async () => {
    fill(join(folder, 'endings'), {
      'Ada/a.jfif': sample(1), 'Ben/b.jpe': sample(4), 'Cleo/portrait': sample(6), 'Dora/x.photo.bak': sample(1), 'Ada/notes.txt': 'words', 'Ada/empty': '', 'list.csv': 'a,b\n',
    });
    const { code, err, people, report } = await buildFolder('endings');
    assert.equal(code, 0, err);
    assert.deepEqual(people, [['Ada', 1], ['Ben', 1], ['Cleo', 1], ['Dora', 1]]);
    assert.match(report.notes.join('\n'), /Ada\/notes\.txt is no photo and was passed over/);
    assert.match(report.notes.join('\n'), /list\.csv is no photo/);
  });

  test('follows links, but reads no folder twice and never ends up going round', async () => {
    const home = fill(join(folder, 'links'), { 'Ada/1.jpg': sample(1), 'Ben/1.jpg': sample(4) });
    for (const name of ['up', 'again', 'deep']) symlinkSync('..', join(home, 'Ada', name));
    symlinkSync('Ada', join(home, 'Zed'));
    symlinkSync('1.jpg', join(home, 'Ada/2.jpg'));
    symlinkSync('nowhere', join(home, 'Ada/3.jpg'));
    symlinkSync('/dev/zero', join(home, 'Ada/4.jpg'));
    execFileSync('mkfifo', [join(home, 'Ada/5.jpg')]);
    const { code, err, people, report } = await buildFolder('links');
    assert.equal(code, 0, err);
    assert.deepEqual(people, [['Ada', 1], ['Ben', 1]]);
    assert.match(report.notes.join('\n'), /5 files or folders were read already, through a link or under another name: Ada\/2\.jpg, Ada\/again, /);
    assert.match(report.notes.join('\n'), /3 files of the folder are no photos and were passed over: Ada\/3\.jpg, Ada\/4\.jpg, Ada\/5\.jpg\./);
  });

  test('reads names that are not UTF-8 as Windows-1252, says so, and writes UTF-8 everywhere', async () => {
    const home = fill(join(folder, 'latin'), { 'Ada/1.jpg': sample(1) });
    const odd = Buffer.concat([Buffer.from(`${home}/`), Buffer.from('Jos\xe9_N\xfa\xf1ez', 'latin1')]);
    mkdirSync(odd);
    cpSync(demoPhotos[3], join(home, 'x.jpg'));
    renameSync(join(home, 'x.jpg'), Buffer.concat([odd, Buffer.from('/\xfc.jpg', 'latin1')]));
    const { code, err, out, people, report } = await buildFolder('latin');
    assert.equal(code, 0, err);
    assert.deepEqual(people, [['Ada', 1], ['José Núñez', 1]]);
    assert.match(report.notes.join('\n'), /1 names are not UTF-8 and were read as Windows-1252: José_Núñez\/ü\.jpg\./);
    for (const file of ['.report/report.json', '.report/report.txt', '.report/report.html', '/gallery.json'])
      new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(out + file));
  });

  test('photos of a denied department are not opened, whatever their names are', async () => {
    const home = fill(join(folder, 'denied'), { 'Ada/portrait': trap, 'Ben/1.jpg': trap });
    const { code, err } = await doppel('build', home, '-o', join(folder, 'denied-gallery'), '--department', 'Chicago PD, IL');
    assert.equal(code, 1);
    assert.match(err, /No photo of the roster may be matched: 2 from a jurisdiction on the deny list/);
  });
});

const cases = join(shared, 'cases/rosters');
describe('rosters whose photos were not found', { skip: lacking(cases) }, () => {
  const photos = join(folder, 'case-photos');
  const faces = join(cases, 'photos');
  fill(photos, {
    ...Object.fromEntries(['Chanda_Rubin', 'Dennis_Powell', 'Gwyneth_Paltrow', 'g2'].map((name) => [`${name}.jpg`, { copy: join(faces, `${name}.jpg`) }])),
    'sub/Eli_Broad.jpg': { copy: join(faces, 'Eli_Broad.jpg') }, 'Eli Broad #1?.jpg': { copy: join(faces, 'Eli_Broad.jpg') }, '100%.jpg': { copy: join(faces, 'Brian_Griese.jpg') },
    [`${'José Núñez'.normalize('NFD')}.jpg`]: { copy: join(faces, 'Brian_Griese.jpg') },
  });

  /** @type {[string, string[], RegExp?][]} */
  const rosters = [
    ['nfd.csv', ['José Núñez', 'Chanda Rubin']],
    ['case.csv', ['Gwyneth Paltrow', 'Chanda Rubin']],
    ['bs.csv', ['Eli Broad', 'Chanda Rubin', 'Dennis Powell']],
    ['nbspn.csv', ['Gwyneth Paltrow', 'Chanda Rubin', 'Dennis Powell']],
    ['url.csv', ['Eli Broad', 'Chanda Rubin', 'Dennis Powell'], /This is an address, not a file/],
  ];
  for (const [roster, names, detail] of rosters)
    test(`${roster}: the photos are found`, async () => {
      const out = join(folder, `case-${roster}`);
      const { code, err } = await doppel('build', join(cases, roster), '--photos', photos, '-o', out, '--quiet');
      assert.equal(code, 0, err);
      assert.deepEqual(peopleOf(out).map((person) => person.name), names);
      if (detail) assert.match(readJson(join(`${out}.report`, 'report.json')).skips[0].detail, detail);
    });
});
