/**
 * Rounds: in each, everything is timed once, by turns from the front and from the back, so that what else the machine does
 * hits all alike. A ratio is taken inside a round.
 */

/** @typedef {Record<string, number[]>} Measured milliseconds by what was timed, one a round */

/**
 * What fails once is not timed again; `faults` then says why, and it is not among what was measured.
 * @param {{rounds: number, warmUp: number, what: Record<string, () => Promise<number>>, faults?: Record<string, string>}} options
 * @returns {Promise<Measured>}
 */
export async function interleaved({ rounds, warmUp, what, faults = {} }) {
  /** @type {Measured} */
  const measured = {};
  const names = Object.keys(what);
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const name of round % 2 ? [...names].reverse() : names) {
      if (name in faults) continue;
      try {
        const ms = await what[name]();
        if (round >= warmUp) (measured[name] ??= []).push(ms);
      } catch (error) {
        faults[name] = sentenceOf(error);
        delete measured[name];
      }
    }
  }
  return measured;
}

/** The first line of what went wrong. @param {unknown} error */
export const sentenceOf = (error) => String(error instanceof Error ? error.message : error).split('\n')[0].replace(/^(\w*Error: |page\.evaluate: )+/, '');
