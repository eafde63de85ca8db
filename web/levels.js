// Five levels of resemblance, by the number of people searched who would be this alike to a stranger by chance. The best
// match of a stranger is below a similarity with probability exp(−chance), so each level has a known share of strangers.
// Computes the level only; words.js and the views say what it means.

/**
 * @typedef {object} Level
 * @property {number} level  4: fewer than 0.05 chance matches … 0: three or more
 * @property {boolean} marked  highlighted: the same person, or a very close look-alike
 * @property {number} from  the least number of chance matches of this level, and the number that it stays below
 * @property {number} below
 * @property {number} strangers  share of strangers whose best match is of this level
 */

const limits = [Infinity, 3, 1, 0.25, 0.05, 0];

/** Share of strangers whose best match has fewer chance matches than this. @param {number} chance */
const strangersBelow = (chance) => 1 - Math.exp(-chance);

/** From least to most alike. @type {Level[]} */
export const levels = limits.slice(1).map((from, level) => ({
  level,
  marked: level === 4,
  from,
  below: limits[level],
  strangers: strangersBelow(limits[level]) - strangersBelow(from),
}));

/** @param {{chance: number, bestShare?: number, people?: number}} match @returns {Level | null} null: unknown */
export function levelOf({ chance }) {
  if (!(chance >= 0)) return null;
  return levels.find(({ from }) => chance >= from) ?? null;
}
