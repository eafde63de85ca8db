// Every sentence that the page can say, and how numbers are said. Nothing else here.
// The rule: resemblance, never identity; what is counted, and over what; no percentage that sounds like a probability.

import { levelOf } from './levels.js';
import { doubtsOf } from './quality.js';

const number = new Intl.NumberFormat('en');

/** @param {number} value */
export const count = (value) => number.format(value);

/** @param {number} n @param {string} one @param {string} [many] */
export const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`;

/** @param {number} bytes */
export function megabytes(bytes) {
  if (bytes < 100_000) return `${Math.ceil(bytes / 1000)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** "12 of 68 MB", both in the unit of the whole. @param {import('./types.js').Progress} progress */
export function bytesOf({ loaded, total }) {
  const whole = Math.max(total, loaded);
  if (whole < 100_000) return `${Math.ceil(loaded / 1000)} of ${megabytes(whole)}`;
  return `${(loaded / 1e6).toFixed(1)} of ${megabytes(whole)}`;
}

/** @param {import('./types.js').Progress} progress */
export const loading = (progress) => (progress.total > 0 ? `Loading: ${bytesOf(progress)}` : 'Loading');

/** @param {import('./types.js').Work} work */
export const working = ({ text, progress }) => (progress ? `${text}: ${bytesOf(progress)}` : text);

/** @param {number} similarity */
export const similarity = (similarity) => similarity.toFixed(3).replace('-', '−');

/**
 * The share, cut off rather than rounded up, and no finer than the pairs are: of fewer than 100 they are counted, and a
 * decimal needs ten times as many.
 * @param {number} share @param {number} pairs
 */
export function portion(share, pairs) {
  const digits = pairs >= 10_000 ? 2 : pairs >= 1000 ? 1 : 0;
  const steps = pairs < 100 ? pairs : 100 * 10 ** digits;
  const exact = pairs < 100 ? share * (1 + 2 ** -23) : share; // the engine's shares are float32: 7 of 10 must not become 6
  const reached = share >= 1 ? steps : Math.min(steps - 1, Math.floor(exact * steps));
  return pairs < 100 ? `${reached} of ${count(pairs)}` : `${(reached / 10 ** digits).toFixed(digits)} %`;
}

/**
 * Where a similarity lies, in three parts so that the card can set the figure apart.
 * @param {number} share @param {number} pairs
 * @returns {{before: string, figure: string, after: string}}
 */
export function place(share, pairs) {
  if (share < 0 || pairs === 0)
    return { before: 'This gallery is not calibrated: a rank, but no place among other pairs.', figure: '', after: '' };
  if (share >= 1)
    return { before: 'More alike than ', figure: `all ${count(pairs)}`, after: ' pairs of different people here' };
  if (share <= 0)
    return { before: 'Less alike than ', figure: `all ${count(pairs)}`, after: ' pairs of different people here' };
  const of = pairs < 100 ? '' : ' of';
  return { before: 'More alike than ', figure: portion(share, pairs), after: `${of} pairs of different people here` };
}

/** @param {number} share @param {number} pairs */
export function placeSentence(share, pairs) {
  const { before, figure, after } = place(share, pairs);
  return figure ? `${before}${figure}${after}.` : before;
}

/**
 * What the start page says of a gallery; in the lead, null stands for its title. `npm run build` puts the same into index.html.
 * @param {{title?: string, publisher?: string, people: number, photos: number}} manifest
 * @returns {{title: string, publisher: string, count: string, lead: (string | null)[]}}
 */
export const start = ({ title, publisher, people, photos }) => ({
  title: title || 'Gallery',
  publisher: publisher ? `The collection of ${publisher}` : '',
  count: people === photos ? plural(photos, 'portrait') : `${plural(photos, 'portrait')} of ${plural(people, 'person', 'people')}`,
  lead: [`Compare your photo with ${plural(photos, 'portrait')} in `, null, '. It stays on your device.'],
});

/** Its picture on the start page. */
export const cover = 'Cover of this gallery';

/** A photo of the host's to try the page with. @param {number} number */
export const sample = (number) => `Sample photo ${number}`;

export const invitation = {
  drop: 'Drop a photo here',
  touch: 'Begin with a photo',
  again: 'Drop another photo',
  failed: 'Nothing can be compared yet',
};

export const stages = {
  waiting: 'Your photo is here. It is looked at as soon as everything is loaded.',
  sample: 'Fetching the sample photo',
  decode: 'Reading the photo',
  detect: 'Looking for faces',
  thorough: 'Looking for more faces. Fetching the thorough detector',
  thoroughDetect: 'Looking again, more thoroughly',
  crop: 'Cutting out the faces',
  match: 'Comparing the face with the gallery',
  box: 'Looking at the face in your box',
  columns: 'Fetching what people can be chosen by',
  add: 'Looking at the other photo',
  restart: 'Starting again',
};

export const status = {
  ready: 'Ready. Choose, drop or paste a photo, or take a picture.',
  cancelled: 'Cancelled. Nothing was compared.',
  oneFace: 'One face found.',
  /** @param {number} shown @param {number} found */
  crowd: (shown, found) => `${count(found)} faces found. Only the ${count(shown)} largest are shown; more is not possible. `,
  firstOfMany: (/** @type {number} */ n) => `You gave ${count(n)} files; only the first photo is used. `,
  cutShort: 'This photo is cut short; its lower part is missing. ',
  incomplete: 'This photo is not complete; parts of it are missing or coarse. ',
  damaged: 'This photo is damaged; parts of it may be missing. ',
  noThorough: 'The thorough detector could not be fetched, so smaller or turned faces may be missing. ',
  boxAt: (/** @type {number} */ left, /** @type {number} */ top, /** @type {number} */ size) =>
    `Box ${left} % from the left, ${top} % from the top, ${size} % wide.`,
  /** @param {number} shown @param {number} found */
  faces: (shown, found) => `${found > shown ? status.crowd(shown, found) : `${count(shown)} faces found. `}Choose the one to compare first.`,
  /** @param {number} face @param {number} shown @param {number} found */
  comparing: (face, shown, found) => `${found > shown ? status.crowd(shown, found) : ''}Comparing face ${face + 1} of ${shown}. Choose another:`,
  decided: (/** @type {string} */ name, /** @type {string} */ verdict) => `${name}: ${verdict}.`,
  undecided: (/** @type {string} */ name) => `${name}: decision taken back.`,
};

/** What is wrong with a photo that can be used all the same. @param {import('./types.js').Opened} opened */
export function photoNote({ incomplete, wholeRows, damaged }) {
  if (incomplete) return wholeRows ? status.cutShort : status.incomplete;
  return damaged ? status.damaged : '';
}

export const verdicts = { confirm: 'Confirm', reject: 'Not this person', unsure: 'Unsure' };
export const verdictSaid = { confirm: 'You confirmed', reject: 'You said: not this person', unsure: 'You are unsure' };

/** @param {{x: number, y: number, width: number, height: number}} box @param {number} width @param {number} height */
export function whereabouts(box, width, height) {
  const x = (box.x + box.width / 2) / width;
  const y = (box.y + box.height / 2) / height;
  const across = x < 0.36 ? 'left' : x > 0.64 ? 'right' : 'middle';
  const down = y < 0.36 ? 'upper ' : y > 0.64 ? 'lower ' : '';
  return `${down}${across}`;
}

/** @param {number} index @param {number} total @param {string} where */
export const faceLabel = (index, total, where) => `Face ${index + 1} of ${total}, ${where}`;

/** Who is most alike to a face that is not chosen. @param {import('./types.js').Best} best */
export function best(best) {
  const level = levelOf(best);
  return { before: 'Most alike', name: best.name || card.nameless, after: level ? levelNames[level.level] : '' };
}

/** @param {import('./types.js').Result[]} results @param {Parameters<typeof resemblance>[2]} gallery @param {import('./types.js').Among} among */
export function resultsSaid(results, gallery, among) {
  if (!results.length) return among.conditions.length ? amongNobody(among, gallery.manifest) : 'The gallery holds nobody to compare with.';
  const whom = among.conditions.length ? `${amongWhom(among, gallery.manifest)} ` : '';
  return `${whom}${stage.said(results[0], results.length, among, gallery)}`;
}

const samePicture = 0.9995;

/**
 * The one sentence about a result, in two parts: how many people would be this alike by chance, and where that is among
 * the best matches between different people. `marked` only where fewer than 0.05 chance matches are expected.
 * @param {import('./types.js').Result} result @param {import('./types.js').Among} among
 * @param {{pairs: number, manifest: import('./types.js').GalleryManifest}} gallery
 * @returns {{level: number, marked: boolean, chance: string, place: string}} level −1: this gallery has no such figures
 */
export function resemblance(result, among, { pairs, manifest }) {
  const level = levelOf(result);
  if (!level) return { level: -1, marked: false, chance: placeSentence(result.lessAlike, pairs), place: '' };
  const limited = among.conditions.length > 0;
  const whom = limited ? `the ${plural(among.people, 'person', 'people')} chosen` : `${plural(manifest.people, 'person', 'people')} here`;
  const place = result.similarity >= samePicture ? samePlace : places[level.level];
  return { level: level.level, marked: level.marked, chance: byChance(result.chance, whom), place: place(result, manifest.calibration?.nearest?.people ?? 0) };
}

/** "2 or 3 of 963 people here", or how rarely a stranger finds anybody this alike. @param {number} expected @param {string} whom */
function byChance(expected, whom) {
  if (expected >= 0.75) return `${about(expected)} of ${whom} would look this alike by chance.`;
  const strangers = 1 / -Math.expm1(-expected);
  if (strangers > 1000) return `Fewer than 1 stranger in 1,000 would find anybody this alike among ${whom}.`;
  return `About 1 stranger in ${count(Math.round(Number(strangers.toPrecision(2))))} would find anybody this alike among ${whom}.`;
}

/** @param {number} expected people, at least 0.75 */
function about(expected) {
  if (expected >= 10) return `About ${count(Number(expected.toPrecision(2)))}`;
  const least = Math.floor(expected);
  const middle = expected - least;
  if (middle < 0.25 || middle > 0.75) return `About ${Math.round(expected)}`;
  return `${least} or ${least + 1}`;
}

const samePlace = () => 'So close that it is probably the very same picture.';

/** By level, from least to most alike. @type {((result: import('./types.js').Result, bests: number) => string)[]} */
const places = [
  () => 'A stranger usually finds somebody closer.',
  () => 'That is what a stranger usually gets.',
  () => 'Still what strangers get: a little closer than most.',
  (result, bests) => `${closerThan(result, bests)}: a good look-alike.`,
  (result, bests) => `${closerThan(result, bests)}: the same person, or a very close look-alike.`,
];

/** Of the best matches between different people, no finer than they were counted; where nobody counted, of strangers. @param {import('./types.js').Result} result @param {number} bests */
function closerThan({ bestShare, chance }, bests) {
  const isCounted = bests > 0 && bestShare >= 0;
  const steps = isCounted ? Math.min(bests, 100) : 100;
  const reached = Math.min(Math.floor((isCounted ? bestShare : Math.exp(-chance)) * steps + 1e-6), bests > 100 || !isCounted ? 99 : steps);
  const of = reached === steps ? `all ${count(bests)}` : `${reached} of ${count(steps)}`;
  return isCounted ? `Closer than ${of} best matches between different people here` : `Closer than what ${of} strangers get`;
}

/** For a face of a group that is not chosen: as few words as the level has. */
export const levelNames = ['far', 'usual for a stranger', 'usual for a stranger', 'a good look-alike', 'very close'];

/** How the result on the stage was measured. @param {import('./types.js').Result} result @param {{pairs: number, manifest: import('./types.js').GalleryManifest}} gallery */
export function behind({ similarity: value, lessAlike, lessAlikeSame }, { pairs, manifest }) {
  const same = manifest.calibration?.genuine?.pairs ?? 0;
  const sentences = [`Similarity ${similarity(value)}. ${placeSentence(lessAlike, pairs)}`];
  if (same > 0 && lessAlikeSame >= 0) sentences.push(`Of ${plural(same, 'pair')} of photos that show the same person, ${lessAlikeSame > 0 ? portion(1 - lessAlikeSame, same) : 'all'} are at least this alike.`);
  return sentences.join(' ');
}

/** @param {import('./types.js').Result} first @param {{manifest: import('./types.js').GalleryManifest}} gallery @param {import('./types.js').Among} among */
export const summary = (first, { manifest }, among) =>
  among.conditions.length
    ? 'Only these people were compared; somebody always comes first.'
    : `All ${plural(manifest.people, 'person', 'people')} of this gallery were compared; somebody always comes first.`;

export const stage = {
  /** @param {number} rank @param {number} shown */
  rank: (rank, shown) => `${count(rank)} of ${count(shown)}`,
  /** For the slider. @param {number} value */
  mixed: (value) => (value >= 100 ? 'Your face' : value <= 0 ? 'The portrait' : `${value} % your face`),
  /** @param {import('./types.js').Result} result @param {number} shown @param {import('./types.js').Among} among @param {Parameters<typeof resemblance>[2]} gallery */
  said: (result, shown, among, gallery) => {
    const { chance, place } = resemblance(result, among, gallery);
    return `${stage.rank(result.rank, shown)}: ${result.name || card.nameless}. ${chance} ${place}`.trim();
  },
};

/** The picture that a visitor may keep. */
export const keepsake = {
  /** @param {string} title */
  foot: (title) => `${title}. Resemblance, not identity.`,
  saved: 'Saved.',
  copied: 'Copied.',
  failed: 'This browser did not allow it. Try another way.',
};

/** What people can be chosen by, under its label. @param {string} key @param {import('./types.js').GalleryManifest} manifest */
export const labelOf = (key, manifest) => manifest.fields?.find((field) => field.key === key)?.label ?? key;

/** "Rank: captain or chief. Year: 2001" @param {import('./types.js').Among} among @param {import('./types.js').GalleryManifest} manifest */
function conditionsSaid({ columns, conditions }, manifest) {
  return conditions
    .map(({ column, values }) => {
      const texts = values.map((value) => columns[column].values[value].text || among.unsaid);
      return `${labelOf(columns[column].key, manifest)}: ${texts.length > 1 ? `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}` : texts[0]}`;
    })
    .join('. ');
}

/** @param {import('./types.js').Among} among @param {import('./types.js').GalleryManifest} manifest */
export const amongWhom = (among, manifest) =>
  `Among ${count(among.people)} of ${plural(manifest.people, 'person', 'people')}. ${conditionsSaid(among, manifest)}.`;

/** @param {import('./types.js').Among} among @param {import('./types.js').GalleryManifest} manifest */
export const amongNobody = (among, manifest) =>
  `Nobody of the ${plural(manifest.people, 'person', 'people')} here has all of this. ${conditionsSaid(among, manifest)}. Take one of these away.`;

export const among = {
  unsaid: 'not said',
  /** @param {string} label */
  find: (label) => `Find in ${label.toLowerCase()}`,
  chosen: (/** @type {number} */ n) => `${count(n)} chosen`,
};

/** Several photos of the person searched for. */
export const looks = {
  note: (/** @type {string} */ name, /** @type {string} */ note) => `${name}: ${note}`,
  averaged: (/** @type {number} */ n) =>
    `${plural(n, 'photo')} averaged and searched as one. The pairs behind the figures are of single photos; an average comes out somewhat more alike.`,
  strangers: 'They do not look like photos of one person. Leave out the one that shows somebody else.',
  noFace: (/** @type {string} */ name) => `No face was found in ${name}. Give another photo of this person; your results are as they were.`,
  faceCut: (/** @type {string} */ name) => `The face in ${name} is in the part that is missing or damaged. Give the whole file; your results are as they were.`,
  choose: (/** @type {string} */ name, /** @type {number} */ n) => `${name} shows ${plural(n, 'face')}. Which is the same person?`,
  choice: (/** @type {number} */ i, /** @type {number} */ n) => `Face ${i + 1} of ${n}`,
  added: (/** @type {number} */ i, /** @type {string} */ name) => `Photo ${i + 1}, ${name}`,
  remove: (/** @type {number} */ i, /** @type {string} */ name) => `Leave out photo ${i + 1}, ${name}`,
};

export const meaning = {
  /** @param {number} pairs @param {string} range */
  chart: (pairs, range) =>
    `How alike ${plural(pairs, 'pair')} of different people in this gallery are. The taller the bar, the more pairs; most lie between ${range}.`,
  mark: 'The marks are your results, the tall one is the result shown above.',
  axis: 'less alike ← → more alike',
  few: (/** @type {number} */ pairs) => `Only ${count(pairs)} pairs stand behind this, so read it as a rough figure.`,
  none: 'Whoever built this gallery did not measure how alike different people in it are, so a similarity can be ranked but not placed.',
};

/**
 * What went wrong, by code. Sentences of the engine (doppel.h) are shown as they come.
 * @type {Record<string, string>}
 */
export const problems = {
  NO_SIMD: 'This browser cannot run the engine: it lacks WebAssembly SIMD. Firefox 114, Chrome 91, Safari 16.4 or anything newer can.',
  NO_WASM: 'This browser cannot run the engine: WebAssembly is missing or switched off. Try another browser, or allow it for this site.',
  NO_GALLERY: 'There is no gallery here yet (gallery/gallery.json). Whoever hosts this page makes one with “doppel build” and puts it into the folder gallery/.',
  NO_NETWORKS: 'The list of networks (models/models.json) is missing here. Whoever hosts this page has to publish the folder models/ as well.',
  DAMAGED_LIST: 'A list that belongs to this page cannot be read. Whoever hosts it has to publish it again.',
  UPDATING: 'The gallery is being updated; try again in a minute. If it stays so, tell whoever hosts this page.',
  OUTDATED: 'The gallery was updated after you opened this page, and what belongs to the old one is gone. Reload the page, and give your photo again.',
  NO_FACE: 'No face was found in this photo. Try one where the face is larger or better lit, or draw a box around the face yourself.',
  FACE_CUT: 'The face is in the part of this photo that is missing or damaged, so it cannot be compared. Give the whole file: download or copy it again, or ask whoever sent it.',
  NOT_A_PHOTO: 'That is not a photo. Give a picture file, for instance a JPEG or PNG.',
  EMPTY_FILE: 'This file is empty. Save or download the photo again.',
  UNREADABLE: 'The browser could not read this file. It may have been moved or changed; choose it again.',
  FOLDER: 'That was a folder. Open it, and drop one photo here.',
  LINK: 'That was a link or a picture inside another page. Save the picture first, then drop the file here.',
  HEIC: 'This is a HEIC photo, which this browser cannot read. Save it as JPEG: open it on the phone or computer it came from, and export or share it as JPEG. For new photos, an iPhone has Settings, Camera, Formats, Most Compatible.',
  CANVAS_BLOCKED: 'This kind of file needs the browser’s own decoder, and this browser gives web pages altered pixels (setting privacy.resistFingerprinting). Save the photo as JPEG or PNG, or allow this site to extract canvas data.',
  UNSUPPORTED_FORMAT: 'Neither doppel nor this browser can read this kind of file. Save the photo as JPEG or PNG and try again.',
  TRAP: 'The engine stopped on this photo and was started afresh. Nothing was lost; try again, or take another photo.',
  OUT_OF_MEMORY: 'There was not enough memory for this photo. Close other tabs or make the photo smaller, then try again.',
  NO_WORKER: 'The engine’s worker (engine-worker.js) could not be started. Reload the page; if it stays so, whoever hosts it has to publish it again, as “npm run build” made it.',
  INTERNAL: 'Something failed that should not. Try again; if it stays, reload the page.',
};

/** @param {string} name */
export const brokeOff = (name) =>
  `The connection failed while ${name} was loading. What has arrived is kept; check the connection and try again. If it stays so, whoever hosts this page has to see why the host breaks off.`;

/** @param {string} name */
export const stalled = (name) =>
  `The host stopped sending ${name}. What has arrived is kept; check the connection and try again. If it stays so, whoever hosts this page has to see why the host does not answer.`;

/** @param {string} name @param {number} status */
export const notServed = (name, status) =>
  `${name} could not be fetched (the server answered ${status}). Try again; if it stays so, whoever hosts this page has to publish this file, or mend the host.`;

/** As the engine says it. @param {number} width @param {number} height @param {number} perSide @param {number} pixels */
export const tooLarge = (width, height, perSide, pixels) =>
  `The photo is ${width}×${height} pixels; the limit is ${width > perSide || height > perSide ? `${perSide} per side` : `${pixels / 1e6} million pixels in all`}; make it smaller.`;

/** @param {string} name */
export const damaged = (name) =>
  `${name} did not arrive as it was published, and was not used. Try again; if it stays so, whoever hosts this page has to publish it again, unchanged.`;

/** @param {string} name */
export const missingFile = (name) => `${name} is listed but not there. ${problems.UPDATING}`;

/** @param {number} version @param {number} known */
export const galleryVersion = (version, known) =>
  version > known
    ? `This gallery has the format of version ${version}, and this page reads version ${known}. Reload the page; if it stays so, whoever hosts it has to publish the page anew, with the doppel that made the gallery.`
    : `This gallery has the format of version ${version}, and this page reads version ${known}. Whoever hosts it has to make the gallery anew with “doppel build”, or publish the page of that time.`;

/** @param {string} name */
export const networkNotServed = (name) => `This gallery was made with the network “${name}”, which is not served here. Whoever hosts this page has to publish the networks that belong to the gallery: “npm run build -- --gallery” with its folder does.`;

export const actions = {
  reload: 'Try again',
  retry: 'Try this photo again',
  choose: 'Choose another photo',
  draw: 'Draw a box',
  dismiss: 'All right',
  renew: 'Reload the page',
};

/**
 * Why the results may be worse than they look, or nothing. Limits from \`npm run bench -- quality\`.
 * @param {import('./types.js').Quality | null} quality
 */
export function quality(quality) {
  const doubts = doubtsOf(quality);
  if (!doubts.length) return '';
  const listed = doubts.length > 1 ? `${doubts.slice(0, -1).join(', ')} and ${doubts.at(-1)}` : doubts[0];
  return `In your photo this face is ${listed}. Do not rely on these results; try a sharper, larger, frontal photo.`;
}

export const camera = {
  starting: 'Your browser asks whether this page may use the camera.',
  ready: 'The picture is taken when you press the button, and stays in this tab.',
  denied: 'The camera is not allowed for this page. Allow it in the browser’s address bar, or choose a photo instead.',
  missing: 'No camera was found. Choose a photo instead.',
  busy: 'The camera is in use by another program. Close that and try again.',
  insecure: 'Browsers lend the camera to pages with https only. Choose a photo instead.',
  blocked: 'The camera cannot be used here: this browser gives web pages altered pixels (setting privacy.resistFingerprinting). Choose a photo instead, or allow this site to extract canvas data.',
  failed: 'The camera did not start. Try again, or choose a photo instead.',
};

export const decisions = {
  ask: (/** @type {number} */ n) => `Delete ${n === 1 ? 'the decision' : `all ${count(n)} decisions`}?`,
  sure: 'Delete',
  keep: 'Keep',
  deleted: (/** @type {number} */ n) => `${plural(n, 'decision')} deleted.`,
  undo: 'Undo',
  gone: 'no longer in this gallery',
};

/** @param {number} decisions @param {'all' | 'some' | 'none'} kept which of them outlive the tab */
export function decisionsKept(decisions, kept) {
  const nothing = 'Nothing decided yet. Under each result you can confirm it, reject it, or say that you are unsure';
  if (kept === 'none' && !decisions) return `${nothing}. This browser does not let the page store anything, so decisions last until you close the tab.`;
  if (!decisions) return `${nothing}; it is kept in this browser only.`;
  if (kept === 'none') return 'This browser does not let the page store anything: these are gone when you close the tab. Save the file to keep them.';
  if (kept === 'some') return 'This browser has no room to store all of these: the latest are gone when you close the tab. Save the file to keep them.';
  return 'Kept in this browser only. They leave it when you save the file and pass it on.';
}

export const card = {
  nameless: 'Without a name',
  portrait: (/** @type {string} */ name) => `Portrait of ${name}`,
};

export const offline = {
  unavailable: 'This browser or this address (it needs https) cannot keep a copy.',
  offer: (/** @type {number} */ bytes) => `Keeps the page, the networks and the whole gallery in this browser: about ${megabytes(bytes)}. Photos are never kept.`,
  keeping: (/** @type {import('./types.js').Progress} */ progress) => `Keeping: ${bytesOf(progress)}`,
  kept: (/** @type {number} */ bytes) => `Kept in this browser${bytes ? ` (${megabytes(bytes)})` : ''}. The page now opens without a connection.`,
  failed: 'The copy could not be completed. What has arrived is kept; check the connection and the free space, and try again.',
  files: (/** @type {number} */ bytes) => `${megabytes(bytes)} of the networks and the gallery are kept in this browser, so that the next visit need not fetch them again.`,
  noFiles: 'Nothing of the networks and the gallery is kept in this browser.',
};

/** What this browser keeps, by the names that views/about.js gives it. @type {Record<string, string>} */
export const keptThings = { files: 'Files of the networks and the gallery', copy: 'The page itself, for offline use', decisions: 'Your decisions', notice: 'That you have read the notice' };

/** @param {{count: number, bytes: number}} size */
export const sizeKept = ({ count: pieces, bytes }) => `${count(pieces)}, ${megabytes(bytes)}`;

export const privacy = {
  photo: 'Your photo never leaves this tab. It is read, measured and compared by a program that runs inside the page, in a worker that has no network functions.',
  same: 'Names and portraits of everybody are fetched in the same order on every visit.',
  names: 'The names of everybody are fetched in the same order on every visit.',
  none: 'No request depends on your photo.',
  thorough: 'One request can depend on your photo: the thorough detector is fetched, once, if a photo needs it.',
  first: (/** @type {number} */ portraits) =>
    `A match asks for the portraits of its first result alone, in files with those of others: the host can see that it is one of ${count(portraits)} portraits, or of fewer in the last file. Portraits of the others are fetched in a fixed order, or when you ask for them.`,
  all: 'The host has chosen that portraits of all results are fetched: from these requests it can often infer which person was found.',
  choices: 'What people can be chosen by is fetched all at once: the host cannot see what you choose.',
  kept: 'Your photo and the results are gone when you close the tab. What stays in this browser: the decisions you make, that you have read the notice, and files of the collection that were fetched, until you have them forgotten.',
  keptSome: 'Which files these are depends on what was found, and can be seen by whoever uses this browser after you.',
};

/** What happens to the photo, what the host can see, what this browser keeps; one paragraph each. @param {import('./gallery.js').Asked} asked @param {boolean} thorough whether there is such a detector */
export function privacySaid({ portraits, perFile }, thorough) {
  const fixed = portraits === 'none';
  const seen = fixed ? [privacy.same, ...(thorough ? [] : [privacy.none])] : [privacy.names, portraits === 'all' ? privacy.all : privacy.first(perFile), privacy.choices];
  return [privacy.photo, [...seen, ...(thorough ? [privacy.thorough] : [])].join(' '), fixed ? privacy.kept : `${privacy.kept} ${privacy.keptSome}`];
}

/** Over how many pairs was measured. @param {import('./types.js').Distribution} distribution */
const measuredPairs = ({ pairs, of = pairs }) => (pairs < of ? `a sample of ${count(pairs)} of the ${count(of)}` : count(pairs));

export const calibration = {
  /** @param {import('./types.js').FalseMatch} row @param {number} same pairs of photos of one person */
  row: ({ rate, similarity, genuine }, same) =>
    `Of ${count(Math.round(1 / rate))} pairs of different people, at most 1 is this much alike or more: ${atLeast(similarity)}.` +
    (genuine === undefined || !same ? '' : ` Of pairs that show one person, ${portion(genuine, same)} are.`),
  /** @param {import('./types.js').Distribution} impostor @param {number} finest rate */
  limit: (impostor, finest) =>
    `Counted over ${measuredPairs(impostor)} pairs of photos of different people. Nothing rarer than 1 in ${count(Math.round(1 / finest))} can be told from them.`,
  /** @param {import('./types.js').Distribution} impostor */
  tooFew: (impostor) => `Counted over ${measuredPairs(impostor)} pairs of photos of different people: too few to tell how rare a similarity is.`,
};

/** Rounded up, so that what is said of it stays true. @param {number} value */
const atLeast = (value) => similarity(Math.ceil(value * 1000 - 1e-6) / 1000);

/** @param {import('./types.js').GalleryManifest} manifest */
export function galleryFacts({ title, publisher, people, photos, embedder, calibration, departments, vectors, allowed_jurisdictions: allowed }) {
  const strangers = calibration?.impostor?.pairs ?? 0;
  const same = calibration?.genuine?.pairs ?? 0;
  const measured = strangers
    ? `${plural(strangers, 'pair')} of different people${same ? `, ${plural(same, 'pair')} of the same person` : ''}`
    : 'nothing: not calibrated';
  return {
    Title: title || 'Gallery',
    ...(publisher ? { 'Collection of': publisher } : {}),
    Holds: `${plural(photos, 'portrait')} of ${plural(people, 'person', 'people')}`,
    'Measured over': measured,
    'Made with': `${embedder.name}, ${embedder.dimension} numbers a face`,
    ...(vectors?.made_elsewhere ? { 'Computed elsewhere': `by ${vectors.made_by ?? 'another program'}; how it saw the portraits is not known here` } : {}),
    ...(departments?.length ? { Departments: departments.map(({ name }) => name).join(', ') } : {}),
    ...(allowed?.length
      ? { 'Against the usual rule': allowed.map(({ jurisdiction, reason }) => `${jurisdiction} is included: ${reason}`).join(' ') }
      : {}),
  };
}

/** @param {string} set */
export const networkSet = (set) =>
  `${set === 'own' ? 'The networks that this gallery was made with' : `The ${set} set`}. All of them run here, in your browser.`;

/** @param {boolean} relaxed */
export const moduleInUse = (relaxed) => `They run with ${relaxed ? 'relaxed SIMD' : 'SIMD of 128 bits'}.`;

export const roles = {
  quick: 'finds faces',
  thorough: 'looks again for groups and where the quick one is not certain; loaded only then',
  landmarks: 'places eyes, nose and mouth',
  embedder: 'turns a face into numbers that can be compared',
};
