// Two ways to ask more closely, once there are results: only among some people, and with further photos of the same
// person. What is asked is kept in comparison.js; this is the order in which things happen.
import { photoProblem } from './problems.js';
import { Overtaken } from './wishes.js';
import * as words from './words.js';

/** @typedef {import('./wishes.js').Step} Step */

/** Pixels a side: as large as the portraits that lie side by side. */
const portraitSize = 432;

/**
 * What of the page this needs.
 * @typedef {object} Page
 * @property {import('./types.js').State} state
 * @property {import('./gallery.js').Gallery | null} gallery
 * @property {import('./engine.js').Engine} engine
 * @property {import('./comparison.js').Comparison} comparison
 * @property {(change: Partial<import('./types.js').State>) => void} set
 * @property {(problem: import('./types.js').Problem) => void} fail
 * @property {(text: string, run: (step: Step) => Promise<unknown>) => Promise<void>} work
 * @property {() => Promise<boolean>} addThorough
 * @property {(face: number, step: Step) => Promise<void>} compareFace
 */

export class Refining {
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
  }

  // ---------------------------------------------------------------------------------------------- among whom

  loadColumns() {
    const { gallery, engine, state } = this.#page;
    if (!gallery || state.among.columns.length) return;
    return this.#page.work(words.stages.columns, async (step) => {
      const columns = await step(engine.addColumns(await step(gallery.columnFiles())));
      this.#page.set({ among: { ...this.#page.state.among, columns } });
    });
  }

  /** @param {import('./types.js').Condition[]} conditions */
  limit(conditions) {
    this.#page.comparison.limit(conditions);
    this.#page.set({ bests: [], among: { ...this.#page.state.among, conditions } });
    return this.#searchAgain();
  }

  // ---------------------------------------------------------------------------------------------- several photos

  /** @param {File} file */
  addPhoto(file) {
    return this.#page.work(words.stages.add, async (step) => {
      try {
        const { seen, cut } = await this.#facesOf(file, step);
        if (!seen.length) {
          const [code, sentence] = cut ? ['FACE_CUT', words.looks.faceCut(file.name)] : ['NO_FACE', words.looks.noFace(file.name)];
          return this.#page.fail({ code, sentence, actions: ['dismiss'] });
        }
        this.#setLooks({ choices: seen, adding: file.name });
        if (seen.length === 1) await this.#take(0, step);
      } catch (error) {
        if (error instanceof Overtaken) throw error;
        this.#page.fail({ ...photoProblem(error), actions: ['dismiss'] });
      }
    });
  }

  /** @param {number | null} choice null: none of the faces in the photo is the person */
  choose(choice) {
    if (choice === null) return this.#setLooks({ choices: [] });
    return this.#page.work(words.stages.match, (step) => this.#take(choice, step));
  }

  /** @param {number} index */
  removePhoto(index) {
    this.#page.comparison.remove(this.#page.state.chosen, index);
    return this.#searchAgain();
  }

  /** @param {File} file @param {Step} step */
  async #facesOf(file, step) {
    const { engine } = this.#page;
    const found = await step(engine.facesOf(file, portraitSize));
    const note = words.photoNote({ ...found.opened, damaged: found.damaged });
    if (note) this.#page.set({ note: words.looks.note(file.name, note) });
    if (found.seen.length || !found.wantsThorough || !(await step(this.#page.addThorough()))) return found;
    return step(engine.facesOf(file, portraitSize));
  }

  /** @param {number} choice @param {Step} step */
  #take(choice, step) {
    const { chosen, looks } = this.#page.state;
    this.#page.comparison.add(chosen, looks.adding, looks.choices[choice]);
    return this.#page.compareFace(chosen, step);
  }

  /** @param {Partial<import('./types.js').Looks>} change */
  #setLooks(change) {
    this.#page.set({ looks: { ...this.#page.state.looks, ...change } });
  }

  #searchAgain() {
    return this.#page.work(words.stages.match, (step) => this.#page.compareFace(this.#page.state.chosen, step));
  }
}
