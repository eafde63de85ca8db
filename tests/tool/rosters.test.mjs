/** `doppel build` with rosters as people have them: exports, lists of photos, folders, faces that are given already. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { doppel, fill, greyPng, peopleOf, readJson, sample, scratch } from './program.mjs';

const folder = scratch();
const photos = fill(join(folder, 'photos'), {
  'ada.jpg': sample(1),
  'ben.jpg': sample(4),
  'cleo.jpg': sample(6),
  'wall.png': greyPng(200, 160),
});

/** Builds from files by name, the first of which is the roster. @param {string} name @param {Record<string, string | Uint8Array>} files @param {...string} options */
async function buildFrom(name, files, ...options) {
  const home = fill(join(folder, name), files);
  const out = join(home, 'gallery');
  const [roster] = Object.keys(files);
  const { code, err } = await doppel('build', join(home, roster), '--photos', photos, '-o', out, '--quiet', ...options);
  return { code, err, out, home };
}

/** @param {string} out */
const named = (out) => peopleOf(out).map(({ name, photos }) => [name, photos.length]);

describe('encoding marks', () => {
  const text = '\uFEFFname\tphoto\tunit\nÅsa Öberg\tada.jpg\t"two\nlines"\n';
  const bigEndian = Buffer.from(text, 'utf16le').swap16();
  const wide = Buffer.from(new Uint32Array([...text].map((letter) => letter.codePointAt(0) ?? 0)).buffer);
  for (const [name, bytes] of Object.entries({
    'UTF-8': Buffer.from(text), 'UTF-16LE': Buffer.from(text, 'utf16le'), 'UTF-16BE': bigEndian, 'UTF-32LE': wide,
  }))
    test(`${name} with its mark is read`, async () => {
      const { code, err, out } = await buildFrom(`mark-${name}`, { 'roster.csv': bytes });
      assert.equal(code, 0, err);
      const [{ name: who, photos, fields }] = peopleOf(out);
      assert.deepEqual({ who, photos, fields }, { who: 'Åsa Öberg', photos: [0], fields: { unit: 'two\nlines' } });
    });

  test('JSON in UTF-16 too', async () => {
    const roster = Buffer.from('\uFEFF[{"name": "Åsa", "img": "ada.jpg"}]', 'utf16le');
    const { code, err, out } = await buildFrom('mark-json', { 'roster.json': roster });
    assert.equal(code, 0, err);
    assert.deepEqual(named(out), [['Åsa', 1]]);
  });
});

const officers =
  'id,unique identifier,last name,first name,middle initial,suffix,badge number,job title\n' +
  '11,,Kim,Jo,B,Jr,7,Officer\n12,u12,Kim,Jo,,,8,Sergeant\n13,u13,Orr,Al,,,9,Officer\n';

describe('a roster with a list of photos', () => {
  test("OpenOversight's export is joined by id: several photos a person, columns of both", async () => {
    const list = 'id,officer_id,photo,year\n1,12,ada.jpg,2019\n2,11,ben.jpg,\n3,12,cleo.jpg,2021\n4,99,ada.jpg,\n';
    const { code, err, out } = await buildFrom(
      'export', { 'Springfield_Police_Officers.csv': officers, 'photos.csv': list }, '--photo-list', join(folder, 'export/photos.csv'));
    assert.equal(code, 0, err);
    const people = peopleOf(out);
    assert.deepEqual(named(out), [['Jo B Kim Jr', 1], ['Jo Kim', 2]]);
    assert.deepEqual(people[1].fields, {
      id: '12', 'unique identifier': 'u12', 'badge number': '8', 'job title': 'Sergeant', year: '2019',
    });
    assert.equal(people[0].fields.id, '11', 'the officer’s id, not the photo’s');
    assert.match(err, /1 photos of the list belong to nobody in the roster \(officer_id: 99\)\./);
    assert.match(err, /1 records of the roster have no photo in the list \(id: 13\)\./);
    assert.equal(readJson(join(`${out}.report`, 'report.json')).records_without_photo, 1);
  });

  test('by unique identifier, and by a list in JSON', async () => {
    const list = JSON.stringify([{ unique_identifier: 'u13', img: 'ada.jpg' }, { unique_identifier: 'u12', img: 'ben.jpg' }]);
    const { code, err, out } = await buildFrom(
      'unique', { 'officers.csv': officers, 'photos.json': list }, '--photo-list', join(folder, 'unique/photos.json'));
    assert.equal(code, 0, err);
    assert.deepEqual(named(out).sort(), [['Al Orr', 1], ['Jo Kim', 1]]);
  });

  test('tax-id rosters, by taxid; and by a column that is named', async () => {
    const roster = 'taxid,full_name,rank,shield_no,command\n900001,"DOE, ADA",SGT,12,PCT 1\n900002,"ORR, BEN",PO,13,PCT 2\n';
    const list = 'tax_id;file\n900002;ben.jpg\n900001;ada.jpg\n900001;cleo.jpg\n';
    const tax = await buildFrom('tax', { 'roster.csv': roster, 'photos.csv': list }, '--photo-list', join(folder, 'tax/photos.csv'));
    assert.equal(tax.code, 0, tax.err);
    assert.deepEqual(named(tax.out), [['DOE, ADA', 2], ['ORR, BEN', 1]]);
    assert.equal(peopleOf(tax.out)[0].fields.command, 'PCT 1');
    const shield = await buildFrom(
      'shield', { 'roster.csv': roster, 'photos.csv': 'shield_no,photo\n13,ben.jpg\n' },
      '--photo-list', join(folder, 'shield/photos.csv'), '--person-column', 'shield_no');
    assert.equal(shield.code, 0, shield.err);
    assert.deepEqual(named(shield.out), [['ORR, BEN', 1]]);
  });

  test('ids are text: leading zeros count, unless --join-trim-zeros says otherwise', async () => {
    const files = {
      'roster.json': JSON.stringify([{ taxid: '007', name: 'Ada' }, { taxid: '7', name: 'Ben' }, { taxid: '0042', name: 'Cleo' }]),
      'photos.csv': 'taxid,photo\n7,ada.jpg\n42,ben.jpg\n9,cleo.jpg\n',
    };
    const text = await buildFrom('zeros', files, '--photo-list', join(folder, 'zeros/photos.csv'));
    assert.equal(text.code, 0, text.err);
    assert.deepEqual(named(text.out), [['Ben', 1]]);
    assert.deepEqual(peopleOf(text.out)[0].id, '7');
    assert.match(text.err, /2 photos of the list belong to nobody in the roster \(taxid: 42, 9\)\./);
    assert.match(text.err, /2 records of the roster have no photo in the list \(taxid: 007, 0042\)\./);
    assert.match(text.err, /1 of these records would have photos if leading zeros did not count/);
    const numbers = await buildFrom('numbers', files, '--photo-list', join(folder, 'numbers/photos.csv'), '--join-trim-zeros');
    assert.equal(numbers.code, 0, numbers.err);
    assert.deepEqual(named(numbers.out), [['Ada', 1], ['Cleo', 1]]);
  });

  /** @type {[string, string, RegExp, string[]?][]} */
  const refused = [
    ['nothing in common', 'who,photo\n1,ada.jpg\n', /no id in common; say with --person-column .* Columns found in the list of photos: who, photo\./],
    ['no photos', 'officer_id,year\n11,2020\n', /No column of the roster holds photos; .* Columns found: id, unique identifier, .*, year\./],
    ['nobody of the roster', 'officer_id,photo\n98,ada.jpg\n99,ben.jpg\n', /None of the 2 records of .* belongs to a record of the roster \(compared by `id`\)/],
    ['a column that only one has', 'officer_id,photo\n11,ada.jpg\n', /The list of photos has no column `badge number` to join by \(--person-column\)\. Columns found: officer_id, photo\./, ['--person-column', 'badge number']],
    ['a column that neither has', 'officer_id,photo\n11,ada.jpg\n', /The roster has no column `shoe` .* Columns found: id, unique identifier/, ['--person-column', 'shoe']],
    ['an empty list', 'officer_id,photo\n', /photos\.csv holds no records/],
  ];
  for (const [what, list, words, options = []] of refused)
    test(`${what}: a sentence with the columns found`, async () => {
      const name = `list-${what.replaceAll(' ', '-')}`;
      const { code, err } = await buildFrom(
        name, { 'officers.csv': officers, 'photos.csv': list }, '--photo-list', join(folder, name, 'photos.csv'), ...options);
      assert.equal(code, 1);
      assert.match(err, words);
    });
});

describe('photos that are named by columns', () => {
  const roster = 'taxid,full_name,command\nada,"DOE, ADA",PCT 1\nben,"ORR, BEN",PCT 2\n,"NO, ID",PCT 2\n';

  test('--photo-pattern makes the path; a record without the id has no photo', async () => {
    const { code, err, out } = await buildFrom('pattern', { 'roster.csv': roster }, '--photo-pattern', './{TAXID}.jpg');
    assert.equal(code, 0, err);
    assert.deepEqual(named(out), [['DOE, ADA', 1], ['ORR, BEN', 1]]);
    assert.equal(readJson(join(`${out}.report`, 'report.json')).records_without_photo, 1);
  });

  test('columns that are not there are listed; without any it is no pattern', async () => {
    const wrong = await buildFrom('pattern-wrong', { 'roster.csv': roster }, '--photo-pattern', '{taxid}/{shoe}.jpg');
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /does not have: \{shoe\}\. Columns found: taxid, full_name, command\./);
    const none = await buildFrom('pattern-none', { 'roster.csv': roster }, '--photo-pattern', 'taxid.jpg');
    assert.match(none.err, /names no column; write one in braces/);
  });
});

describe('a folder as a roster', () => {
  test('NAME/photo.jpg: each folder is a person, a photo beside them is one too', async () => {
    const roster = fill(join(folder, 'people'), {
      'Ada_Lovelace/1.jpg': sample(1),
      'Ada_Lovelace/older/2.jpg': sample(6),
      'Ada_Lovelace/notes.txt': 'no photo',
      'Ben Orr/portrait.jpg': sample(4),
      'Cleo.jpg': sample(6),
      '.trash/x.jpg': sample(2),
    });
    const out = join(folder, 'people-gallery');
    const { code, err } = await doppel('build', roster, '-o', out, '--quiet');
    assert.equal(code, 0, err);
    assert.deepEqual(named(out), [['Ada Lovelace', 2], ['Ben Orr', 1], ['Cleo', 1]]);
  });

  test('without photos is a sentence', async () => {
    const empty = fill(join(folder, 'paper'), { 'Ada/notes.txt': 'no photo' });
    const { code, err } = await doppel('build', empty, '-o', join(folder, 'none'));
    assert.equal(code, 1);
    assert.match(err, /holds no photos; .* NAME\/photo\.jpg/);
  });
});

/** What the detector finds, so that a roster can say it. */
async function firstFace() {
  const { out } = await doppel('represent', join(photos, 'ada.jpg'));
  return JSON.parse(out)[0].faces[0].facial_area;
}

/** Boxes and points of a gallery's photos. @param {string} out */
function rowsOf(out) {
  const { path } = readJson(join(out, 'gallery.json')).files.embeddings[0];
  const file = readFileSync(join(out, path));
  const size = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + size).toString());
  const floats = (/** @type {string} */ tensor, /** @type {number} */ width) => {
    const [from, to] = header[tensor].data_offsets;
    const bytes = file.subarray(8 + size + from, 8 + size + to);
    const all = Array.from({ length: bytes.length / 4 }, (_, i) => Math.round(bytes.readFloatLE(4 * i)));
    return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
  };
  return { box: floats('box', 4), points: floats('points', 10) };
}

describe('faces that the roster gives', () => {
  const points = [[210, 180], [260, 181], [236, 210], [214, 240], [258, 241]];
  const flat = points.flat();
  const mirrored = [points[1], points[0], points[2], points[4], points[3]];
  const [left_eye, right_eye, nose, mouth_left, mouth_right] = mirrored;

  test('landmarks and box are taken as they are, in every form, whichever left is meant', async () => {
    const roster = JSON.stringify([
      { name: 'Flat', img: 'ada.jpg', box: [180, 120, 110, 150], landmarks: flat },
      { name: 'Nested', img: 'ada.jpg', box: { x: 180, y: 120, w: 110, h: 150 }, landmarks: points },
      { name: 'Corners', img: 'ada.jpg', box: { left: 180, top: 120, right: 290, bottom: 270 }, landmarks: mirrored },
      { name: 'Named', img: 'ada.jpg', box: '[180, 120, 110, 150]', landmarks: { left_eye, right_eye, nose, mouth_left, mouth_right } },
      { name: 'Python', img: 'ada.jpg', box: "{'x': 180, 'y': 120, 'w': 110, 'h': 150}", landmarks: '[(210, 180), (260, 181), (236, 210), (214, 240), (258, 241)]' },
      { name: 'Points', img: 'ada.jpg', landmarks: flat },
    ]);
    const { code, err, out } = await buildFrom('given', { 'roster.json': roster });
    assert.equal(code, 0, err);
    const rows = rowsOf(out);
    assert.deepEqual(rows.points, Array(6).fill(flat));
    assert.deepEqual(rows.box.slice(0, 5), Array(5).fill([180, 120, 110, 150]));
    const [x, y, width, height] = rows.box[5];
    assert.ok(x < 210 && x + width > 260 && y < 180 && y + height > 241, 'a box around the points');
    assert.deepEqual(peopleOf(out)[0].fields, {}, 'boxes and landmarks do not travel to the page');
  });

  test('one column a number; 68 points', async () => {
    const many = Array(68).fill([236, 210]);
    for (let i = 36; i < 42; ++i) many[i] = points[0];
    for (let i = 42; i < 48; ++i) many[i] = points[1];
    many[48] = points[3];
    many[54] = points[4];
    const roster =
      'name,photo,box_x,box_y,box_width,box_height,left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y\n' +
      `Ada,ada.jpg,180,120,110,150,${flat.join(',')}\n`;
    const columns = await buildFrom('columns', { 'roster.csv': roster });
    assert.equal(columns.code, 0, columns.err);
    assert.deepEqual(rowsOf(columns.out), { box: [[180, 120, 110, 150]], points: [flat] });
    const annotated = await buildFrom('68', { 'roster.json': JSON.stringify([{ name: 'Ada', img: 'ada.jpg', keypoints: many }]) });
    assert.equal(annotated.code, 0, annotated.err);
    assert.deepEqual(rowsOf(annotated.out).points, [flat]);
  });

  test('a box alone gets its points from the detector; an empty cell is detected', async () => {
    const { x, y, w, h } = await firstFace();
    const roster = `name,photo,bbox\nBox,ada.jpg,"${x}, ${y}, ${w}, ${h}"\nFound,ada.jpg,\n`;
    const { code, err, out } = await buildFrom('box', { 'roster.csv': roster });
    assert.equal(code, 0, err);
    const rows = rowsOf(out);
    assert.deepEqual(rows.box[0], [x, y, w, h]);
    for (let i = 0; i < 10; ++i) {
      const apart = Math.abs(rows.points[0][i] - rows.points[1][i]);
      assert.ok(apart <= w / 8, `point ${i} is ${apart} px from where the detector saw it`);
    }
  });

  test('what does not lie on the photo is left out with its reason', async () => {
    const roster = JSON.stringify([
      { name: 'Ada', img: 'ada.jpg' },
      { name: 'Far', img: 'ada.jpg', box: [9000, 9000, 50, 50] },
      { name: 'Out', img: 'ada.jpg', landmarks: flat.map((number) => number - 230) },
      { name: 'Dot', img: 'ada.jpg', box: [200, 100, 90, 90], landmarks: Array(10).fill(150) },
    ]);
    const { code, err, out } = await buildFrom('far', { 'roster.json': roster });
    assert.equal(code, 0, err);
    assert.deepEqual(named(out), [['Ada', 1]]);
    const report = readJson(join(`${out}.report`, 'report.json'));
    assert.equal(report.skipped.wrong_face, 3);
    assert.match(report.skips[0].detail, /at 9000, 9000 \(50×50\), outside the photo of \d+×\d+ pixels/);
  });

  /** @type {[string, object, RegExp][]} */
  const refused = [
    ['box-words', { box: 'PO Box 12' }, /Record 1 of the roster has "PO Box 12" in the column box; a box is four numbers x, y, width, height; --box-column/],
    ['box-three', { box: [1, 2, 3] }, /a box is four numbers/],
    ['box-empty', { box: [1, 2, 0, 3] }, /a box is four numbers/],
    ['box-huge', { box: [1, 2, 1e300, 3] }, /a box is four numbers/],
    ['points-nine', { landmarks: flat.slice(1) }, /landmarks are the x and y of eyes, nose and mouth corners, ten numbers/],
    ['points-names', { landmarks: { left_eye, right_eye } }, /landmarks are the x and y/],
    ['two-photos', { img: ['ada.jpg', 'ben.jpg'], box: [1, 2, 3, 4] }, /Record 1 of the roster has one box for 2 photos; give each photo a record/],
  ];
  for (const [name, record, words] of refused)
    test(`${name} is refused with the record and the column`, async () => {
      const { code, err } = await buildFrom(name, { 'roster.json': JSON.stringify([{ name: 'Ada', img: 'ada.jpg', ...record }]) });
      assert.equal(code, 1);
      assert.match(err, words);
    });

  test('--box-column - leaves a column of that name alone', async () => {
    const { code, err, out } = await buildFrom('no-box', { 'roster.csv': 'name,photo,box\nAda,ada.jpg,PO Box 12\n' }, '--box-column', '-');
    assert.equal(code, 0, err);
    assert.deepEqual(peopleOf(out)[0].fields, { box: 'PO Box 12' });
  });
});
