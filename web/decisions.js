// What a person decided about a result, kept in this browser only. A decision belongs to a photo, a face in it, and a
// person of one gallery.

/** @typedef {import('./types.js').Decision} Decision */

const key = 'doppel.decisions.1';

/** The same face in the same photo, within a few pixels. @param {Decision} a @param {Decision} b */
function sameSubject(a, b) {
  const samePhoto = a.photo_sha256 && b.photo_sha256 ? a.photo_sha256 === b.photo_sha256 : a.photo_name === b.photo_name;
  const near = Math.max(a.face.width, b.face.width) / 4;
  return (
    a.gallery === b.gallery &&
    a.person === b.person &&
    samePhoto &&
    Math.abs(a.face.x - b.face.x) < near &&
    Math.abs(a.face.y - b.face.y) < near
  );
}

/**
 * What would be decided about a result of the face at hand.
 * @param {import('./types.js').State} state @param {import('./gallery.js').Gallery | null} gallery
 * @param {import('./types.js').Result} result @param {import('./types.js').Verdict} verdict @returns {Decision}
 */
export function decisionOn({ photo, faces, chosen, looks }, gallery, result, verdict) {
  return {
    verdict,
    decided: new Date().toISOString(),
    gallery: gallery?.title ?? '',
    person: result.person,
    name: result.name,
    similarity: result.similarity,
    less_alike: result.lessAlike < 0 ? null : result.lessAlike,
    photo_name: photo?.name ?? '',
    photo_sha256: photo?.sha256 ?? null,
    face: faces[chosen]?.box ?? { x: 0, y: 0, width: 0, height: 0 },
    ...(looks.photos.length > 1 ? { averaged: looks.photos.length } : {}),
  };
}

export class Decisions {
  /** @type {Decision[]} */
  #all = [];

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(key) ?? '[]');
      if (Array.isArray(kept)) this.#all = kept.filter((one) => one && one.face && typeof one.name === 'string');
    } catch {
      this.#all = [];
    }
  }

  get all() {
    return this.#all;
  }

  /** @param {Decision} like */
  verdictOn(like) {
    return this.#all.find((one) => sameSubject(one, like))?.verdict ?? null;
  }

  /** Replaces what was decided before; the same verdict twice takes it back. @param {Decision} decision */
  put(decision) {
    const before = this.verdictOn(decision);
    this.#all = this.#all.filter((one) => !sameSubject(one, decision));
    if (before !== decision.verdict) this.#all = [...this.#all, decision];
    this.#keep();
    return before !== decision.verdict;
  }

  /** @param {Decision} decision */
  remove(decision) {
    this.#all = this.#all.filter((one) => one !== decision);
    this.#keep();
  }

  clear() {
    this.#all = [];
    this.#keep();
  }

  /** The file that the visitor takes away. */
  exported() {
    const document = { format: 'doppel-decisions', version: 1, exported: new Date().toISOString(), decisions: this.#all };
    return new Blob([JSON.stringify(document, null, 2), '\n'], { type: 'application/json' });
  }

  /** Where the browser refuses to keep anything, decisions last as long as the tab. */
  #keep() {
    try {
      if (this.#all.length) localStorage.setItem(key, JSON.stringify(this.#all));
      else localStorage.removeItem(key);
    } catch {
      return;
    }
  }
}
