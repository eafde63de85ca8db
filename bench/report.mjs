/** Numbers of the bench into lines that a person reads. */

/** @typedef {{title: string, ours: Spread, theirs: Spread, ratio: Spread}} Line */
/** @typedef {{median: number, least: number, most: number}} Spread */

/** @returns {Spread} */
function spread(/** @type {number[]} */ values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted[sorted.length - 1] };
}

/** Both sides of one stage; the ratio is theirs over ours, round by round. @returns {Line} */
export function summary(/** @type {string} */ title, /** @type {number[]} */ ours, /** @type {number[]} */ theirs) {
  const ratios = ours.map((ms, round) => theirs[round] / ms);
  return { title, ours: spread(ours), theirs: spread(theirs), ratio: spread(ratios) };
}

export function table(/** @type {Line[]} */ lines, peer = 'face-api') {
  const width = Math.max(...lines.map(({ title }) => title.length));
  const ms = (/** @type {number} */ value) => value.toFixed(value < 10 ? 2 : 1).padStart(7);
  const head = `${''.padEnd(width)}   doppel          ${peer.padEnd(15)} times faster, by round`;
  const under = `${''.padEnd(width)}   median  least   median  least   median (least – most)`;
  const rows = lines.map(
    ({ title, ours, theirs, ratio }) =>
      `${title.padEnd(width)}  ${ms(ours.median)} ${ms(ours.least)} ${ms(theirs.median)} ${ms(theirs.least)}   ` +
      `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)} – ${ratio.most.toFixed(2)})`,
  );
  return [head, under, ...rows, ''].join('\n');
}
