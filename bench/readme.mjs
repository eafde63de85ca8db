/** The figures of a run for docs/benchmarks.md: a table in Markdown, between two marks. */
import { BYTES_GOALS, INSTRUCTIONS, SHARE_GOAL, ratioRows, shareRows } from './goals.mjs';
import { spread } from './statistics.mjs';

const [FROM, TO] = ['<!-- npm run bench -- readme -->', '<!-- /bench -->'];

/** The document with the block between its two marks replaced. @param {string} readme @param {string} block */
export function withFigures(readme, block) {
  const [from, to] = [readme.indexOf(FROM), readme.indexOf(TO)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for the figures, from “${FROM}” to “${TO}”.`);
  return `${readme.slice(0, from + FROM.length)}\n${block}\n${readme.slice(to)}`;
}

/** @param {import('./report.mjs').Document} run */
export function markdown(run) {
  const { machine, browser } = run;
  const times = (/** @type {number} */ ratio) => `${ratio.toFixed(ratio < 10 ? 1 : 0)}×`;
  const rows = ratioRows(run).map(({ work, against, goal, reached }) => {
    const cells = INSTRUCTIONS.map((name) => {
      const ratio = reached[name]?.ratio;
      return ratio ? `${times(ratio.median)}${Number.isNaN(goal[name]) ? '' : ` (${goal[name]}×)`}` : '';
    });
    return `| ${work} | ${against} | ${cells.join(' | ')} |`;
  });
  return [
    `${machine.date.slice(0, 10)}, ${browser} headless, one thread, ${machine.cpu}; in brackets our goal.`,
    '',
    '| times faster | beside | relaxed SIMD | simd128 |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...searchTable(run),
    ...sentences(run),
  ]
    .join('\n')
    .trimEnd();
}

/** What is no ratio. @param {import('./report.mjs').Document} run */
function sentences({ networks, start }) {
  const lines = [];
  if (networks) {
    const embedders = shareRows(networks).filter(({ embedder }) => embedder);
    const shares = embedders.map(({ title, shares: of }) => `${title} ${INSTRUCTIONS.map((name) => (of[name] ? `${(100 * of[name].dense).toFixed(0)} %` : '–')).join(' and ')}`);
    lines.push(`Of what the processor does in registers alone, the embedders’ dense layers reach, with relaxed SIMD and without (goal: ${100 * SHARE_GOAL} %): ${shares.join(', ')}.`);
  }
  if (start) {
    const sizes = Object.entries({ recommended: 'R', packaged: 'P' }).flatMap(([set, letter]) => {
      const most = BYTES_GOALS[/** @type {'packaged'} */ (set)];
      return start.wire[set] ? [`${letter} ${(start.wire[set].bytes / 1e6).toFixed(2)} MB (at most ${most / 1e6})`] : [];
    });
    lines.push(`Bytes before the first match, gzip, without a gallery: ${sizes.join(', ')}.`);
  }
  return lines.flatMap((line) => [line, '']);
}

/** @param {import('./report.mjs').Document} run */
function searchTable({ search }) {
  if (!search) return [];
  const ms = (/** @type {number[] | undefined} */ values) => (values?.length ? `${spread(values).median.toFixed(spread(values).median < 10 ? 2 : 0)} ms` : '');
  const rows = search.costs.map(({ title, measured: { doppel, plain, 'usearch exact': usearch }, heap, recall }) => {
    const found = recall === undefined ? '' : recall.toFixed(4);
    return `| ${title} | ${ms(doppel)} | ${fasterThan(plain, doppel)}× | ${usearch ? `${fasterThan(usearch, doppel)}×` : ''} | ${found} | ${(heap / 2 ** 20).toFixed(0)} MiB |`;
  });
  return [
    '| search for the ten most alike | takes | faster than plain JavaScript | than usearch, exact and native | recall@10, real faces | memory |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ];
}

function fasterThan(/** @type {number[]} */ theirs, /** @type {number[]} */ ours) {
  const { median } = spread(theirs.map((ms, i) => ms / ours[i]));
  return median.toFixed(median < 10 ? 1 : 0);
}
