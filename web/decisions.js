// What a person decided about a result, kept in this browser only. A decision belongs to a photo, a face in it, and a
// person of one gallery. Each has a key of its own in the browser's storage, so that two tabs never overwrite each other;
// keys carry the path of the page, because galleries on one host share the storage.

/** @typedef {import('./types.js').Decision} Decision */

const prefix = 'doppel.decision.2:';
/** One list for all galleries of a host: what earlier versions of this page kept. */
const oldKey = 'doppel.decisions.1';

/**
 * By the identifiers of gallery and person where both have them; what is older, or of a gallery without them, by title and
 * name. The number in the gallery is compared only where both know nothing better: it changes when a gallery is rebuilt.
 * @param {Decision} a @param {Decision} b
 */
function samePerson(a, b) {
  if (a.gallery_id && b.gallery_id && a.person_id && b.person_id) return a.gallery_id === b.gallery_id && a.person_id === b.person_id;
  return a.gallery === b.gallery && a.name === b.name && (a.person ?? b.person) === (b.person ?? a.person);
}

/** The same face in the same photo, within a few pixels. @param {Decision} a @param {Decision} b */
function sameSubject(a, b) {
  const samePhoto = a.photo_sha256 && b.photo_sha256 ? a.photo_sha256 === b.photo_sha256 : a.photo_name === b.photo_name;
  const near = Math.max(a.face.width, b.face.width) / 4;
  return samePerson(a, b) && samePhoto && Math.abs(a.face.x - b.face.x) < near && Math.abs(a.face.y - b.face.y) < near;
}

/**
 * What would be decided about a result of the face at hand.
 * @param {import('./types.js').State} state @param {import('./gallery.js').Gallery | null} gallery
 * @param {import('./types.js').Result} result @param {import('./types.js').Verdict} verdict @returns {Decision}
 */
export function decisionOn({ photo, faces, chosen, looks }, gallery, result, verdict) {
  const ids = gallery?.manifest.id && result.id ? { gallery_id: gallery.manifest.id, person_id: result.id } : { person: result.person };
  return {
    verdict,
    decided: new Date().toISOString(),
    gallery: gallery?.title ?? '',
    name: result.name,
    ...(result.lang ? { lang: result.lang } : {}),
    ...ids,
    similarity: result.similarity,
    less_alike: result.lessAlike < 0 ? null : result.lessAlike,
    photo_name: photo?.name ?? '',
    photo_sha256: photo?.sha256 ?? null,
    largest_face: faces.every(({ box }) => areaOf(box) <= areaOf(faces[chosen].box)),
    face: faces[chosen]?.box ?? { x: 0, y: 0, width: 0, height: 0 },
    ...(looks.photos.length > 1 ? { averaged: looks.photos.length } : {}),
  };
}

/** @param {import('./types.js').Box} box */
const areaOf = ({ width, height }) => width * height;

export class Decisions {
  /** By their keys, the earliest first. @type {Map<string, Decision>} */
  #all = new Map();
  /** What the browser refuses to keep lasts as long as the tab. @type {Map<string, Decision>} */
  #unkept = new Map();
  #storage;
  #prefix;

  /** @param {Storage | null} [storage] null where the browser refuses it @param {string} [path] of the page */
  constructor(storage = storageOf(globalThis), path = new URL('.', document.baseURI).pathname) {
    this.#storage = storage;
    this.#prefix = `${prefix}${encodeURIComponent(path)}:`;
    this.#read();
  }

  /** Calls `changed` when another tab decides. @param {() => void} changed */
  follow(changed) {
    addEventListener('storage', ({ key }) => {
      if (key !== null && !key.startsWith(this.#prefix)) return;
      this.#read();
      changed();
    });
  }

  /** Which decisions outlive the tab. @returns {'all' | 'some' | 'none'} */
  get kept() {
    return !this.#storage ? 'none' : this.#unkept.size ? 'some' : 'all';
  }

  get all() {
    return [...this.#all.values()];
  }

  /** @param {Decision} like */
  verdictOn(like) {
    return this.all.filter((one) => sameSubject(one, like)).pop()?.verdict ?? null;
  }

  /** Replaces what was decided before; the same verdict twice takes it back. @param {Decision} decision */
  put(decision) {
    this.#read();
    const before = this.verdictOn(decision);
    for (const [key, one] of this.#all) if (sameSubject(one, decision)) this.#delete(key);
    if (before !== decision.verdict) this.#add(decision);
    this.#read();
    return before !== decision.verdict;
  }

  /** @param {Decision} decision */
  remove(decision) {
    for (const [key, one] of this.#all) if (one === decision) this.#delete(key);
    this.#read();
  }

  /** Also what other tabs decided meanwhile. @returns {Decision[]} what was deleted, for `restore` */
  clear() {
    this.#read();
    const deleted = this.all;
    for (const key of this.#all.keys()) this.#delete(key);
    this.#read();
    return deleted;
  }

  /** @param {Decision[]} deleted */
  restore(deleted) {
    for (const one of deleted) this.#add(one);
    this.#read();
  }

  /**
   * Takes over what an earlier version of the page kept for a gallery with this title.
   * @param {string} title
   */
  carryOver(title) {
    const storage = this.#storage;
    if (!storage) return;
    const old = decisionsIn(parsed(storage.getItem(oldKey)));
    const ours = old.filter(({ gallery }) => gallery === title);
    if (!ours.length) return;
    this.restore(ours);
    if (this.kept !== 'all') return;
    const others = old.filter(({ gallery }) => gallery !== title);
    try {
      if (others.length) storage.setItem(oldKey, JSON.stringify(others));
      else storage.removeItem(oldKey);
    } catch {
      return; // they are read again on the next visit, and replace themselves
    }
  }

  /**
   * Gives decisions on identifiers that corrections joined with another person to that person. Of two on one face the later
   * one stays. @param {string} gallery its identifier @param {Record<string, string>} joined
   */
  join(gallery, joined) {
    for (const [key, one] of this.#all) {
      const now = one.gallery_id === gallery && one.person_id && Object.hasOwn(joined, one.person_id) ? joined[one.person_id] : null;
      if (!gallery || !now) continue;
      const moved = { ...one, person_id: now };
      const others = [...this.#all].filter(([, other]) => other !== one && sameSubject(other, moved));
      this.#delete(key);
      if (others.some(([, other]) => other.decided > moved.decided)) continue;
      for (const [other] of others) this.#delete(other);
      this.#add(moved);
    }
    this.#read();
  }

  /** The file that the visitor takes away; `doppel build --corrections` reads it. */
  exported() {
    const document = { format: 'doppel-decisions', version: 2, exported: new Date().toISOString(), decisions: this.all };
    return new Blob([JSON.stringify(document, null, 2), '\n'], { type: 'application/json' });
  }

  #read() {
    /** @type {[string, Decision][]} */
    const found = [...this.#unkept];
    for (const key of keysOf(this.#storage)) {
      if (!key.startsWith(this.#prefix)) continue;
      const [decision] = decisionsIn([parsed(this.#storage?.getItem(key) ?? null)]);
      if (decision) found.push([key, this.#known(key, decision)]);
    }
    this.#all = new Map(found.sort(([, a], [, b]) => (a.decided < b.decided ? -1 : Number(a.decided > b.decided))));
  }

  /** The object that views hold already, where nothing has changed. @param {string} key @param {Decision} decision */
  #known(key, decision) {
    const known = this.#all.get(key);
    return known && JSON.stringify(known) === JSON.stringify(decision) ? known : decision;
  }

  /** @param {Decision} decision */
  #add(decision) {
    const key = this.#prefix + nameOf(decision);
    try {
      if (!this.#storage) throw new Error('The browser refuses storage.');
      this.#storage.setItem(key, JSON.stringify(decision));
    } catch {
      this.#unkept.set(key, decision);
    }
  }

  /** @param {string} key */
  #delete(key) {
    this.#unkept.delete(key);
    this.#storage?.removeItem(key);
  }
}

/** The same for the same decision, so that one that comes twice is kept once. @param {Decision} decision */
const nameOf = ({ decided, photo_sha256: sha256, photo_name: photo, person_id: id, name, face }) =>
  encodeURIComponent([decided, sha256 ?? photo, id ?? name, Math.round(face.x), Math.round(face.y)].join(' '));

/** Null where the browser refuses to keep anything. @param {{localStorage?: Storage}} scope @returns {Storage | null} */
function storageOf(scope) {
  try {
    const storage = scope.localStorage ?? null;
    storage?.setItem(`${prefix}tried`, '1');
    storage?.removeItem(`${prefix}tried`);
    return storage;
  } catch {
    return null;
  }
}

/** @param {Storage | null} storage */
const keysOf = (storage) => Array.from({ length: storage?.length ?? 0 }, (_, i) => storage?.key(i) ?? '');

/** @param {string | null} text @returns {unknown} */
function parsed(text) {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** Those of a list that are decisions; whoever serves another page from this host may have written anything. @param {unknown} list @returns {Decision[]} */
const decisionsIn = (list) =>
  Array.isArray(list) ? list.filter((one) => ['confirm', 'reject', 'unsure'].includes(one?.verdict) && typeof one.name === 'string' && isBox(one.face)) : [];

/** @param {any} box */
const isBox = (box) => [box?.x, box?.y, box?.width, box?.height].every(Number.isFinite) && box.width >= 0 && box.height >= 0;
