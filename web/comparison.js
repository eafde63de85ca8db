// Whom the faces at hand are compared with, and what came of it: a vector for each face, the photos that were added for
// it, the conditions that people must meet, and the matches found so far. Draws nothing and fetches nothing.

/** @typedef {import('./types.js').Vector} Vector */
/** @typedef {import('./types.js').Match} Match */
/** @typedef {import('./types.js').Condition} Condition */
/** @typedef {import('./types.js').FaceSeen} FaceSeen */
/** @typedef {import('./types.js').PersonPhoto} PersonPhoto */

/** As many as the engine gives at most, and as many photos of a person as it takes with their vectors. */
export const mostMatches = 200;
export const mostPhotos = 8;

/** How many matches each face gets before anybody asks for more. */
export const firstMatches = 10;

/** @typedef {{photos: PersonPhoto[], vector: Vector | null, probe: {vector: Vector, strangers: boolean} | null, matches: Match[], asked: number, shown: boolean}} Subject */

export class Comparison {
  #engine;
  /** One a face. @type {Subject[]} */
  #subjects = [];
  /** @type {Condition[]} */
  conditions = [];
  /** How many people meet them, from the last search on. */
  people = 0;
  /** Goes up when what was found no longer holds. */
  #era = 0;

  /** @param {import('./engine.js').Engine} engine */
  constructor(engine) {
    this.#engine = engine;
  }

  /** Another photo is at hand. */
  forget() {
    this.#subjects = [];
    this.#era++;
  }

  /** Another face has this place now. @param {number} face */
  forgetFace(face) {
    delete this.#subjects[face];
    this.#era++;
  }

  /** @param {Condition[]} conditions */
  limit(conditions) {
    this.conditions = conditions;
    this.#forgetMatches(this.#subjects);
  }

  /** The photos that stand for a face: at first only the one at hand. @param {number} face */
  photosOf(face) {
    return this.#subject(face).photos;
  }

  /** @param {number} face @param {string} name @param {FaceSeen} seen */
  add(face, name, seen) {
    const { photos } = this.#subject(face);
    this.#change(face, [...photos, { name, portrait: seen.portrait, seen }]);
  }

  /** The last photo stays. @param {number} face @param {number} index */
  remove(face, index) {
    const { photos } = this.#subject(face);
    if (photos.length > 1) this.#change(face, photos.filter((_, i) => i !== index));
  }

  /** Whether a face's photos look like photos of different people. @param {number} face */
  strangers(face) {
    return this.#subject(face).probe?.strangers ?? false;
  }

  /** @param {number} face @param {number} count @returns {Promise<Match[]>} at once where they have been found before */
  async matches(face, count) {
    const wanted = Math.min(count, mostMatches);
    if (this.#subject(face).asked < wanted) await this.#search([face], wanted);
    return this.#subject(face).matches.slice(0, wanted);
  }

  /**
   * Looks for all other faces in one pass, after each has got its vector in a step of its own, so that what the visitor
   * asks for meanwhile comes in between. @param {number} faces how many @param {() => boolean} goOn
   */
  async lookForOthers(faces, goOn) {
    const left = Array.from({ length: faces }, (_, i) => i).filter((face) => this.#subject(face).asked < firstMatches);
    for (const face of left) {
      if (!goOn()) return;
      await this.#probe(face);
    }
    if (left.length && goOn()) await this.#search(left, firstMatches);
  }

  /** Whether results of this face are shown for the first time, however they were limited since. @param {number} face */
  isFirstShown(face) {
    const subject = this.#subject(face);
    const isFirst = !subject.shown;
    subject.shown = true;
    return isFirst;
  }

  /** @param {number} face @returns {Match | null} as far as it is known */
  best(face) {
    return this.#subject(face).matches[0] ?? null;
  }

  /** @param {number[]} faces @param {number} count */
  async #search(faces, count) {
    const subjects = faces.map((face) => this.#subject(face));
    const era = this.#era;
    const probes = [];
    for (const face of faces) probes.push(await this.#probe(face));
    const { found, people } = await this.#engine.search(probes, count, this.conditions);
    if (era !== this.#era) return;
    this.people = people;
    subjects.forEach((subject, i) => Object.assign(subject, { matches: found[i], asked: count }));
  }

  /** What a face is searched with: its vector, or the mean of those of its photos. @param {number} face */
  async #probe(face) {
    const subject = this.#subject(face);
    const { photos } = subject;
    if (subject.probe) return subject.probe.vector;
    const vectors = [];
    for (const { seen } of photos) vectors.push(seen?.vector ?? (subject.vector ??= await this.#engine.embed(face)));
    const probe = vectors.length > 1 ? await this.#engine.mean(vectors) : { vector: vectors[0], strangers: false };
    if (photos === subject.photos) subject.probe = probe;
    return probe.vector;
  }

  /** @param {number} face @param {PersonPhoto[]} photos */
  #change(face, photos) {
    const subject = this.#subject(face);
    Object.assign(subject, { photos, probe: null });
    this.#forgetMatches([subject]);
  }

  /** @param {Subject[]} subjects */
  #forgetMatches(subjects) {
    this.#era++;
    for (const subject of subjects) Object.assign(subject, { matches: [], asked: 0 });
  }

  /** @param {number} face @returns {Subject} */
  #subject(face) {
    return (this.#subjects[face] ??= { photos: [{ name: '', portrait: null, seen: null }], vector: null, probe: null, matches: [], asked: 0, shown: false });
  }
}
