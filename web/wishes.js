// The visitor's newest wish wins: work for an older one stops at its next step. Knows nothing of what is wished for.

/** Thrown where a newer wish has overtaken this one. */
export class Overtaken extends Error {}

/** Waits for a promise, unless the wish is overtaken meanwhile. @typedef {<T>(promise: Promise<T>) => Promise<T>} Step */

export class Wishes {
  #newest = 0;

  /** A new wish; asked later, the answer says whether it is still the newest. @returns {() => boolean} */
  make() {
    const wish = ++this.#newest;
    return () => wish === this.#newest;
  }

  /** For what goes on beside the newest wish. @returns {() => boolean} */
  current() {
    const wish = this.#newest;
    return () => wish === this.#newest;
  }

  /** Work for the wish that has been made last. @param {(step: Step) => Promise<unknown>} run */
  async grant(run) {
    const isNewest = this.current();
    await run(async (promise) => {
      const result = await promise;
      if (!isNewest()) throw new Overtaken();
      return result;
    });
  }
}
