/**
 * The ratios as a picture: for each row a bar an instruction set, on a scale where every doubling is as wide, and a mark
 * where the goal lies. One file without anything from elsewhere, for light and dark pages.
 */
import { INSTRUCTIONS } from './goals.mjs';

const WIDTH = 860;
const LEFT = 330;
const RIGHT = 70; // for the figure behind a bar
const TOP = 84;
const BAR = 11;
const ROW = 40;
const LEAST = 1;
const LINES = [1, 2, 4, 8, 16, 32, 64];

/** Room that a figure takes. */
const FIGURE = 46;

const STYLE = `
  .ground { fill: #ffffff; }
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .head { font-size: 16px; font-weight: 600; }
  .quiet { fill: #59636e; font-size: 12px; }
  .line { stroke: #d1d9e0; }
  .relaxed { fill: #1b7f79; }
  .simd128 { fill: #8fc1bb; }
  .goal { stroke: #c2410c; stroke-width: 2.5; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; }
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .line { stroke: #3d444d; }
    .relaxed { fill: #4fc3b8; }
    .simd128 { fill: #2b6f69; }
    .goal { stroke: #ff9b66; }
  }`;

/** @param {import('./goals.mjs').Row[]} rows @param {string} where what it was measured on */
export function chart(rows, where) {
  const height = TOP + rows.length * ROW + 46;
  const most = Math.max(4, ...rows.flatMap(({ goal, reached }) => INSTRUCTIONS.flatMap((name) => [goal[name] || 0, reached[name]?.ratio.median ?? 0])));
  const x = (/** @type {number} */ ratio) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log2(Math.max(ratio, LEAST) / LEAST)) / Math.log2((most * 1.05) / LEAST);
  const lines = LINES.filter((ratio) => ratio <= most * 1.05);
  const bottom = TOP + rows.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title what">`,
    `<title id="title">How many times faster than others</title>`,
    `<desc id="what">${rows.map(described).map(escaped).join(' ')}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    text(16, 28, 'How many times faster, in one run of the same browser on one thread', 'head'),
    text(16, 48, where, 'quiet'),
    legend(16, 66),
    ...lines.map((ratio) => `<line class="line" x1="${round(x(ratio))}" x2="${round(x(ratio))}" y1="${TOP - 4}" y2="${bottom}"/>`),
    ...lines.map((ratio) => text(x(ratio), bottom + 16, `${ratio}×`, 'quiet', 'middle')),
    ...rows.flatMap((row, i) => drawn(row, TOP + i * ROW, x)),
    text(16, height - 8, 'R: YuNet and MFN, the recommended set. P: face-api’s own networks, the packaged set.', 'quiet'),
    '</svg>',
    '',
  ].join('\n');
}

/** @param {import('./goals.mjs').Row} row @param {number} top @param {(ratio: number) => number} x */
function drawn({ work, against, goal, reached }, top, x) {
  const bars = INSTRUCTIONS.flatMap((name, i) => {
    const ratio = reached[name]?.ratio.median;
    if (ratio === undefined) return [];
    const y = top + 5 + i * (BAR + 2);
    const goalAt = goal[name] ? round(x(goal[name])) : 0;
    const mark = goalAt ? [`<line class="goal" x1="${goalAt}" x2="${goalAt}" y1="${y - 2}" y2="${y + BAR + 2}"/>`] : [];
    const isInTheWay = goalAt > x(ratio) - 2 && goalAt < x(ratio) + FIGURE;
    return [
      `<rect class="${name}" x="${LEFT}" y="${y}" width="${round(Math.max(1, x(ratio) - LEFT))}" height="${BAR}" rx="2"/>`,
      ...mark,
      text((isInTheWay ? goalAt : x(ratio)) + 7, y + BAR - 1, `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`),
    ];
  });
  return [text(LEFT - 12, top + 15, work, '', 'end'), text(LEFT - 12, top + 29, `beside ${against}`, 'quiet', 'end'), ...bars];
}

/** @param {number} x @param {number} y */
function legend(x, y) {
  const parts = [
    `<rect class="relaxed" x="${x}" y="${y - 9}" width="16" height="${BAR}" rx="2"/>`,
    text(x + 22, y, 'with relaxed SIMD', 'quiet'),
    `<rect class="simd128" x="${x + 142}" y="${y - 9}" width="16" height="${BAR}" rx="2"/>`,
    text(x + 164, y, 'with simd128 alone', 'quiet'),
    `<line class="goal" x1="${x + 296}" x2="${x + 296}" y1="${y - 11}" y2="${y + 3}"/>`,
    text(x + 304, y, 'goal', 'quiet'),
  ];
  return parts.join('\n');
}

/** @param {import('./goals.mjs').Row} row */
function described({ work, against, goal, reached }) {
  const said = INSTRUCTIONS.filter((name) => reached[name]).map((name) => {
    const wish = goal[name] ? ` (goal: ${goal[name]})` : '';
    return `${name} ${reached[name]?.ratio.median.toFixed(2)}${wish}`;
  });
  return `${work} beside ${against}: ${said.join(', ')}.`;
}

/** @param {number} x @param {number} y @param {string} words */
function text(x, y, words, kind = '', anchor = 'start') {
  const attributes = `${kind && ` class="${kind}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escaped(words)}</text>`;
}

const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;

const escaped = (/** @type {string} */ words) => words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
