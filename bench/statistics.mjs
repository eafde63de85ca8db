/** What is said of times: median, least and most; and of two sides, the ratio round by round. */

/** @typedef {{median: number, least: number, most: number}} Spread */
/** @typedef {{ours: Spread, theirs: Spread, ratio: Spread}} Comparison  ratio: theirs over ours */

/** @returns {Spread} */
export function spread(/** @type {number[]} */ values) {
  if (!values.length) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted[sorted.length - 1] };
}

/** Rounds of both sides, in the same order. @returns {Comparison} */
export function compared(/** @type {number[]} */ ours, /** @type {number[]} */ theirs) {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} rounds on one side, ${theirs.length} on the other`);
  return { ours: spread(ours), theirs: spread(theirs), ratio: spread(ours.map((ms, round) => theirs[round] / ms)) };
}
