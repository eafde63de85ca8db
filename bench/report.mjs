/** A run as one page of text for a terminal. Pure: from the figures of build/bench.json alone. */
import { BYTES_GOALS, INSTRUCTIONS, SEARCH_GOALS, SHARE_GOAL, ratioRows, shareRows } from './goals.mjs';
import { spread } from './statistics.mjs';

/** @typedef {import('./goals.mjs').Run & {machine: import('./machine.mjs').Machine, browser?: string, minutes?: number, search?: {costs: import('./search.mjs').Cost[]}, accuracy?: import('./accuracy.mjs').Accuracy | null, faults: Record<string, string>}} Document */

const SETS = { recommended: 'R', packaged: 'P' };
const STAGES = {
  decode: 'decode a JPEG',
  'detect and points': 'face and points',
  'cut out': '(cut out, part of embed)',
  embed: 'embed',
  search: 'search 10,000',
  whole: 'pixels to top 10',
};

/** @param {Document} run */
export function page(run) {
  const parts = [head(run), wayPart(run), goalsPart(run), sharePart(run), searchPart(run), startPart(run), memoryPart(run), accuracyPart(run), faultsPart(run)];
  return parts.filter((lines) => lines.length).map((lines) => lines.join('\n')).join('\n\n');
}

/** @param {Document} run */
function head({ machine, browser, minutes, way }) {
  const { 'face-api': faceApi, tfjs, ...others } = machine.versions;
  const peers = [`face-api ${faceApi} (tfjs ${tfjs}, wasm with SIMD)`, ...Object.entries(others).map(([name, version]) => `${name} ${version}`)];
  const load = machine.load.map((value) => value.toFixed(1)).join(' → ');
  return [
    `doppel ${machine.commit}, ${machine.date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, load ${load}${minutes ? `, ${minutes.toFixed(1)} minutes` : ''}`,
    `${browser ? `${browser} headless, ` : ''}node ${machine.node}, one thread each; beside ${peers.join(', ')}`,
    'R: YuNet, MFN (recommended). P: face-api’s own networks (packaged). Milliseconds, median/least of interleaved rounds;',
    '×: theirs over ours, the median of the ratios of each round. ✓ ✗: whether our goal is reached.',
    ...(way ? [`${way.photo.name}, ${way.photo.width}×${way.photo.height} pixels, ${way.rounds} rounds.`] : []),
  ];
}

/** The stages, a column a side. @param {Document} run */
function wayPart({ way }) {
  if (!way) return [];
  const { measured } = way;
  const sides = [...new Set(Object.keys(measured).map((key) => key.split(':')[0]))];
  const ours = Object.keys(SETS).flatMap((set) => [...INSTRUCTIONS, 'native'].map((build) => `${set} ${build}`)).filter((side) => sides.includes(side));
  const columns = [
    ...ours.map((side) => ({ title: side.replace(/^\w+/, (set) => SETS[/** @type {'packaged'} */ (set)]), key: (/** @type {string} */ stage) => `${side}: ${stage}` })),
    ...['tiny', 'SSD'].map((detector) => ({
      title: `face-api ${detector}`,
      key: (/** @type {string} */ stage) => (`face-api: ${stage}, ${detector}` in measured ? `face-api: ${stage}, ${detector}` : `face-api: ${stage}`),
    })),
    { title: 'human', key: (/** @type {string} */ stage) => `human: ${stage}` },
  ];
  const cells = Object.entries(STAGES).map(([stage, title]) => [title, ...columns.map(({ key }) => short(measured[key(stage)]))]);
  return aligned([['', ...columns.map(({ title }) => title)], ...cells]);
}

/** @param {Document} run */
function goalsPart(run) {
  const rows = ratioRows(run);
  if (!rows.length) return [];
  const cells = rows.map(({ work, against, goal, reached }) => {
    const any = /** @type {import('./statistics.mjs').Comparison} */ (Object.values(reached)[0]);
    const of = (/** @type {import('./goals.mjs').Instructions} */ name) => {
      const comparison = reached[name];
      if (!comparison) return ['', '', ''];
      const { ours, ratio } = comparison;
      const mark = Number.isNaN(goal[name]) ? '' : ratio.median >= goal[name] ? `✓ ${goal[name]}` : `✗ ${goal[name]}`;
      return [pair(ours), `${figure(ratio.median)}×`, mark];
    };
    const native = reached.native ? pair(reached.native.ours) : '';
    return [work, against, pair(any.theirs), ...of('relaxed'), ...of('simd128'), native];
  });
  return aligned([['times faster', 'beside', 'theirs', 'relaxed', '×', 'goal', 'simd128', '×', 'goal', 'native'], ...cells], 2);
}

/** @param {Document} run */
function sharePart({ networks }) {
  if (!networks) return [];
  const percent = (/** @type {number | undefined} */ share) => (share ? `${(100 * share).toFixed(0)} %` : '');
  const whole = (/** @type {string} */ title, /** @type {string} */ build) => {
    const network = networks.networks.find((each) => each.title === title);
    return network?.measured[build]?.length ? ((2 * network.products) / 1e6 / spread(network.measured[build]).median).toFixed(0) : '';
  };
  const cells = shareRows(networks).map(({ title, embedder, shares }) => [
    title,
    ...INSTRUCTIONS.flatMap((name) => {
      const of = shares[name];
      const mark = of && embedder ? `${of.dense >= SHARE_GOAL ? '✓' : '✗'} 60` : '';
      return [whole(title, name), percent(of?.dense), mark, percent(of?.int8), percent(of?.float), percent(of?.depthwise), percent(of?.ofPass)];
    }),
    whole(title, 'native'),
  ]);
  const titles = (/** @type {string} */ name) => [`${name}, GOP/s`, 'of peak', 'goal', 'int8', 'f32', 'depthw.', 'of pass'];
  const peaks = INSTRUCTIONS.map((name) => {
    const peak = networks.peaks[name];
    return peak ? `${name} ${(peak.float / 1e9).toFixed(0)} GFLOP/s in f32, ${(peak.int8 / 1e9).toFixed(0)} GOP/s in int8` : `${name} not measured`;
  });
  const cosines = networks.networks.flatMap(({ cosine }) => cosine ?? []);
  return [
    `GOP/s of whole passes; then dense layers, of the peak that registers alone reach here (${peaks.join('; ')}),`,
    `apart by arithmetic; depthwise layers, of the f32 peak; dense layers’ share of the pass.${cosines.length ? ` Cosine to onnxruntime’s outputs at least ${Math.min(...cosines).toFixed(4)}.` : ''}`,
    ...aligned([['', ...titles('relaxed'), ...titles('simd128'), 'native, GOP/s'], ...cells]),
  ];
}

/** Where the time of each network goes, for `npm run bench -- networks`. @param {Document} run */
export function profiles({ networks }) {
  if (!networks) return '';
  const lines = networks.networks.flatMap(({ title, profiles: of }) =>
    Object.entries(of).flatMap(([name, kinds]) => {
      const medians = Object.entries(kinds).map(([kind, rounds]) => ({ kind, ms: spread(rounds).median }));
      const all = medians.reduce((sum, { ms }) => sum + ms, 0);
      const rows = medians.sort((a, b) => b.ms - a.ms).map(({ kind, ms }) => [`  ${kind}`, ms.toFixed(3), `${((100 * ms) / all).toFixed(0)} %`]);
      return ['', ...aligned([[`${title}, ${name}, milliseconds of a pass`, all.toFixed(2), ''], ...rows])];
    }),
  );
  return lines.join('\n');
}

/** @param {Document} run */
function searchPart({ search }) {
  if (!search) return [];
  const cells = search.costs.map(({ title, measured, heap, graphs, recall }) => {
    const [ours, plain] = [measured.doppel, measured.plain];
    const ratio = ours && plain ? spread(plain.map((ms, i) => ms / ours[i])).median : NaN;
    const faster = `${figure(ratio)}×`;
    const goal = SEARCH_GOALS[title] ? `${ratio >= SEARCH_GOALS[title] ? '✓' : '✗'} ${SEARCH_GOALS[title]}` : '';
    const graph = (/** @type {string} */ side) => (measured[side] && graphs?.[side] ? `${short(measured[side])} (${graphs[side].recall.toFixed(3)}, built in ${graphs[side].seconds.toFixed(0)} s)` : '');
    return [title, short(ours), short(plain), faster, goal, short(measured['usearch exact']), graph('usearch graph'), graph('hnswlib'), `${(heap / 2 ** 20).toFixed(0)} MiB`, recall === undefined ? '' : recall.toFixed(4)];
  });
  return aligned([['search for the top 10', 'doppel', 'plain JS', '×', 'goal', 'usearch exact*', 'usearch graph* (recall)', 'hnswlib-wasm (recall)', 'our heap', 'recall'], ...cells]).concat('* native');
}

/** @param {Document} run */
function startPart({ start }) {
  if (!start) return [];
  const { measured, wire, line } = start;
  const names = { recommended: 'R', packaged: 'P', 'face-api': 'face-api tiny' };
  const cells = Object.entries(names).filter(([name]) => wire[name]).map(([name, title]) => {
    const { requests, bytes, gallery, thorough } = wire[name];
    const most = BYTES_GOALS[/** @type {'packaged'} */ (name)];
    const faster = (/** @type {string} */ where) => {
      const [ours, theirs] = [measured[`${name}: ${where}`], measured[`face-api: ${where}`]];
      return most && ours && theirs ? `${figure(spread(theirs.map((ms, i) => ms / ours[i])).median)}×` : '';
    };
    return [
      title, mega(bytes), most ? `${bytes <= most ? '✓' : '✗'} ≤ ${mega(most)}` : '', gallery ? mega(gallery) : '', thorough ? mega(thorough) : '', String(requests),
      short(measured[`${name}: local`]), faster('local'), short(measured[`${name}: line`]), faster('line'),
    ];
  });
  const kilo = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(0)}`;
  const modules = Object.entries(start.modules).map(([name, { raw, gzip, brotli }]) => `${name} ${kilo(raw)} / ${kilo(gzip)} / ${kilo(brotli)}`);
  const behind = `${line.bitsPerSecond / 1e6} Mbit/s, ${line.roundTrip} ms`;
  return aligned([['first visit to first match', 'gzip', 'goal', '+ gallery', '+ thorough', 'requests', 'local', '×', behind, '×'], ...cells]).concat(
    `Modules, kB raw / gzip / brotli: ${modules.join(', ')}.`,
  );
}

/** @param {Document} run */
function memoryPart({ way }) {
  if (!way) return [];
  const mebibytes = (/** @type {number} */ bytes) => (bytes / 2 ** 20).toFixed(0);
  const sides = Object.entries(SETS).flatMap(([set, letter]) => {
    const memory = way.memory[`${set} relaxed`];
    return memory ? [`${letter} ${mebibytes(memory.start)} → ${mebibytes(memory.match)} → ${mebibytes(memory.photos)} MiB`] : [];
  });
  return sides.length ? [`The module’s memory with 10,000 people, after the start → the first match → twenty other photos: ${sides.join('; ')}.`] : [];
}

/** @param {Document} run */
function accuracyPart({ accuracy }) {
  if (!accuracy) return [];
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
  return Object.values(accuracy).map(
    ({ embedder, float, int8 }) =>
      `${embedder} in float32 and in int8: lfw-dev ${percent(float.accuracy)} and ${percent(int8.accuracy)} (AUC ${float.auc.toFixed(4)}, ${int8.auc.toFixed(4)}), ` +
      `turned by up to 45° least AUC ${float.turned.toFixed(4)} and ${int8.turned.toFixed(4)}.`,
  );
}

/** @param {Document} run */
const faultsPart = ({ faults }) => Object.entries(faults).map(([who, why]) => `Left out: ${who}: ${why}`);

/* ---- figures ---- */

const figure = (/** @type {number} */ value) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
const pair = (/** @type {import('./statistics.mjs').Spread} */ { median, least }) => `${figure(median)}/${figure(least)}`;
const short = (/** @type {number[] | undefined} */ values) => (values?.length ? pair(spread(values)) : '');
const mega = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** The first columns from the left, the others from the right. @param {string[][]} rows */
export function aligned(rows, fromLeft = 1) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => (column < fromLeft ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ').trimEnd());
}
