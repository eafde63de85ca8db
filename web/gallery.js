// gallery/gallery.json and what it lists: shards for the engine, names and portraits for the page. Names come with the
// gallery; portraits.js says when portraits do.
import { DownloadError, download, isMissing, parse } from './download.js';
import { NotFetched, Portraits } from './portraits.js';
import { isManifest, isNames, isPerson } from './shapes.js';
import { galleryVersion, problems } from './words.js';

/** @typedef {import('./types.js').GalleryManifest} GalleryManifest */
/** @typedef {import('./types.js').GalleryFile} GalleryFile */
/** @typedef {import('./types.js').Person} Person */
/** @typedef {import('./files.js').Files} Files */
/** @typedef {import('./files.js').Listed} Listed */

const folder = new URL('gallery/', document.baseURI);
const knownVersion = 2;

/** @param {Files} files @param {RequestCache} [cache] @returns {Promise<Gallery>} */
export async function openGallery(files, cache = 'no-cache') {
  const bytes = await manifestBytes(cache);
  const manifest = parse(bytes, 'gallery/gallery.json');
  refuseUnknown(manifest);
  return new Gallery(manifest, new Blob([bytes]), files);
}

/** @param {RequestCache} cache */
async function manifestBytes(cache) {
  try {
    return await download(new URL('gallery.json', folder), { name: 'gallery/gallery.json', cache });
  } catch (error) {
    if (isMissing(error)) throw new DownloadError('NO_GALLERY', problems.NO_GALLERY);
    throw error;
  }
}

/** A list of something else, or of a gallery that another version of this page reads. @param {any} manifest */
function refuseUnknown(manifest) {
  const { format, version } = manifest ?? {};
  if (format === 'doppel-gallery' && !(version >= 1 && version <= knownVersion) && Number.isInteger(version))
    throw new DownloadError(version > knownVersion ? 'NEWER_GALLERY' : 'OLDER_GALLERY', galleryVersion(version, knownVersion));
  if (format !== 'doppel-gallery' || !Number.isInteger(version) || !isManifest(manifest))
    throw new DownloadError('DAMAGED_LIST', `gallery/gallery.json: ${problems.DAMAGED_LIST}`);
}

/** @typedef {import('./portraits.js').Size} Size */
/** @typedef {{portraits: 'none' | 'first' | 'all', perFile: number}} Asked by a match */
/** @typedef {{names: string[], ids?: string[], photos?: number[], fields: Record<string, {values: string[], of: number[]}>}} Names as names_file.c writes them */

export class Gallery {
  /** @type {Map<string, Promise<any>>} */
  #documents = new Map();
  #files;
  #portraits;
  #names;
  #people;
  /** Called where a portrait cannot be had. @type {(error: unknown) => void} */
  onTrouble = () => {};

  /** @param {GalleryManifest} manifest @param {Blob} manifestFile @param {Files} files */
  constructor(manifest, manifestFile, files) {
    this.manifest = manifest;
    this.manifestFile = manifestFile;
    this.#files = files;
    const { embeddings, people, photos, columns = [], names = [], small = [], large = [], cover = [], samples = [], sample_thumbs = [] } = manifest.files;
    /** For the engine. */
    this.shards = embeddings.map(listed);
    /** Names and portraits. */
    this.shown = [...(names.length ? names : people), ...small, ...photos, ...large, ...cover, ...samples, ...sample_thumbs].map(listed);
    /** Fields of the roster to filter by. */
    this.columns = columns.map(listed);
    this.#names = names.map((file) => ({ ...listed(file), count: file.count }));
    this.#people = people.map(listed);
    const portraits = { small: small.map(listed), sheet: photos.map(listed), large: large.map(listed) };
    this.#portraits = new Portraits(manifest, portraits, (file) => this.#file(file));
  }

  /** Pairs of different people that stand behind a result's place; 0 where nobody measured. */
  get pairs() {
    return this.manifest.calibration?.impostor?.pairs ?? 0;
  }

  get title() {
    return this.manifest.title || 'Gallery';
  }

  /** Whether small portraits of everybody are fetched with the gallery. */
  get isSmall() {
    return this.#portraits.comeWithGallery;
  }

  /** What a match asks the host for. @returns {Asked} */
  get askedByMatch() {
    return { portraits: this.#portraits.askedByMatch, perFile: this.#portraits.fewestPerFile };
  }

  /**
   * What has to be here before the first photo. The names of everybody, however many: a request for some of them after a
   * match would tell the host who was found. Galleries without files of names have pages of people.
   */
  get neededAtOnce() {
    return [...this.shards, ...(this.#names.length ? this.#names : this.#people)];
  }

  /** Fetches portraits in a fixed order, when all is here that the first photo needs. */
  fetchPortraits() {
    return this.#portraits.begin();
  }

  /** Whether the host has another gallery by now. */
  async isOutdated() {
    const now = await manifestBytes('reload').catch(() => null);
    return now !== null && new TextDecoder().decode(now) !== (await this.manifestFile.text());
  }

  /** @param {number} index @returns {Promise<Person>} */
  person(index) {
    return this.#names.length ? this.#personByName(index) : this.#personOnPage(index);
  }

  /** @param {number} index @returns {Promise<Person>} */
  async #personByName(index) {
    let place = index, number = 0;
    while (place >= this.#names[number]?.count) place -= this.#names[number++].count;
    /** @type {Names | null} */
    const list = this.#names[number] ? await this.#document(this.#names[number]) : null;
    if (!list || !isNames(list) || place >= list.names.length) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    const { names, ids, photos, fields = {} } = list;
    const said = Object.entries(fields).map(([key, { values, of }]) => [key, values[of[place]]]);
    return this.#person({ id: ids?.[place] ?? '', name: names[place], photoCount: photos?.[place] ?? 1, fields: Object.fromEntries(said.filter(([, value]) => value)) });
  }

  /** @param {number} index @returns {Promise<Person>} */
  async #personOnPage(index) {
    const size = this.manifest.people_per_page;
    const file = this.#people[Math.floor(index / size)];
    if (!file) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    const people = await this.#document(file);
    /** @type {any} */
    const person = Array.isArray(people) ? people[index % size] : null;
    if (!isPerson(person)) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
    return this.#person({ id: String(person.id ?? ''), name: String(person.name ?? ''), photoCount: person.photos?.length ?? 0, fields: person.fields ?? {} });
  }

  /** With the language of the roster's column `lang`, which is not shown, or else that of the gallery. @param {Omit<Person, 'lang'>} person @returns {Person} */
  #person({ fields, ...person }) {
    const said = Object.entries(fields).find(([key]) => isLanguageField(key))?.[1];
    return { ...person, lang: isLanguage(said) ? said : this.lang, fields: Object.fromEntries(Object.entries(fields).filter(([key]) => !isLanguageField(key))) };
  }

  /** Of names and field values; empty where the gallery does not say it. */
  get lang() {
    return isLanguage(this.manifest.lang) ? this.manifest.lang : '';
  }

  /** Identifiers of all people; null where they do not come with the gallery. @returns {Promise<Set<string> | null>} */
  async ids() {
    if (!this.#names.length) return null;
    /** @type {Names[]} */
    const lists = await Promise.all(this.#names.map((file) => this.#document(file)));
    return lists.every((list) => isNames(list) && list.ids) ? new Set(lists.flatMap(({ ids = [] }) => ids)) : null;
  }

  /** A JSON file, parsed once. @param {Listed} file */
  #document(file) {
    let document = this.#documents.get(file.sha256);
    if (!document) {
      document = this.#file(file).then(async (blob) => parse(new Uint8Array(await blob.arrayBuffer()), file.name));
      this.#documents.set(file.sha256, document);
      document.catch(() => this.#documents.delete(file.sha256));
    }
    return document;
  }

  /** All columns, so that the host does not learn which field was filtered by. @returns {Promise<Blob[]>} */
  columnFiles() {
    return Promise.all(this.columns.map((file) => this.#file(file)));
  }

  /** Sizes of portraits that this gallery has, in rising order. */
  get portraitSizes() {
    return this.#portraits.sizes;
  }

  /**
   * Whether these photos have, or will have, a portrait; 'ask': some come only when the visitor wants to see them.
   * @param {number[]} photos @returns {'come' | 'ask'}
   */
  facesOf(photos) {
    return photos.every((photo) => this.#portraits.isAllowed(photo)) ? 'come' : 'ask';
  }

  /** After a match, once for a face: the portraits that its results may ask for. @param {number[]} photos */
  matched(photos) {
    this.#portraits.allowFirst(photos);
  }

  /** The visitor wants to see the faces of these photos; views then ask for them again. @param {number[]} photos */
  showFaces(photos) {
    this.#portraits.allow(photos);
  }

  /**
   * The bitmap is the caller's to close. Without a size the smallest that there is. Rejects where it cannot be had, with
   * the code NOT_FETCHED where the visitor has to be asked. @param {number} photo @param {Size} [size] @returns {Promise<ImageBitmap>}
   */
  async portrait(photo, size) {
    try {
      return await this.#portraits.portrait(photo, size);
    } catch (error) {
      if (error instanceof NotFetched) throw error;
      const trouble = error instanceof RangeError ? new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST) : error;
      this.onTrouble(trouble);
      throw trouble;
    }
  }

  /** Sizes in which a portrait comes without asking, the smallest first. @param {number} photo @returns {Size[]} */
  sizesOf(photo) {
    return this.portraitSizes.filter((size) => this.#portraits.isAllowed(photo, size));
  }

  /** A portrait in every size that comes without asking, the smallest first. @param {number} photo @returns {Promise<ImageBitmap>[]} */
  portraits(photo) {
    const sizes = this.sizesOf(photo);
    return sizes.length ? sizes.map((size) => this.portrait(photo, size)) : [this.portrait(photo)];
  }

  /** The picture of the start page. */
  get cover() {
    const [cover] = this.manifest.files.cover ?? [];
    if (!cover) return null;
    const file = listed(cover);
    return { url: file.url, width: cover.width, height: cover.height, columns: cover.columns, file: () => this.#file(file) };
  }

  /** Photos to try the page with, and how the start page shows them. */
  get samples() {
    const { samples = [], sample_thumbs: thumbs = [] } = this.manifest.files;
    return samples.map((sample, i) => {
      const file = listed(sample), small = thumbs[i] && listed(thumbs[i]);
      return {
        file: async () => new File([await this.#file(file)], `sample-${i + 1}.jpg`, { type: file.type }),
        thumb: small && { width: thumbs[i].width, height: thumbs[i].height, file: () => this.#file(small) },
      };
    });
  }

  /** What another gallery has taken the place of is refused with a sentence: its names and these portraits would not fit. @param {Listed} file */
  async #file(file) {
    try {
      return await this.#files.get(file);
    } catch (error) {
      const gone = error instanceof DownloadError && ['UPDATING', 'DAMAGED_FILE'].includes(error.code);
      if (gone && (await this.isOutdated())) throw new DownloadError('OUTDATED', problems.OUTDATED);
      throw error;
    }
  }
}

const isLanguageField = (/** @type {string} */ key) => key.trim().toLowerCase() === 'lang';

/** A tag as HTML has them (BCP 47). @param {unknown} value @returns {value is string} */
const isLanguage = (value) => typeof value === 'string' && /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(value);

/** @type {Record<string, string>} */
const pictureTypes = { '.jpg': 'image/jpeg', '.png': 'image/png', '.webp': 'image/webp' };

/** A file of the manifest with its address; only what lies inside the gallery's folder. @param {GalleryFile} file @returns {Listed} */
function listed({ path, bytes, sha256 }) {
  const url = new URL(path, folder);
  if (!url.href.startsWith(folder.href)) throw new DownloadError('DAMAGED_LIST', problems.DAMAGED_LIST);
  return { name: path, url, bytes, sha256, type: pictureTypes[path.slice(path.lastIndexOf('.'))] ?? '' };
}
