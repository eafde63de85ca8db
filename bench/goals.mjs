/** Our goals for doppel's speed, and what a run has reached of them. Pure: from the figures of build/bench.json alone. */
import { compared, spread } from './statistics.mjs';

/** @typedef {'relaxed' | 'simd128'} Instructions */
/** @typedef {import('./statistics.mjs').Comparison} Comparison */
/** @typedef {import('./statistics.mjs').Spread} Spread */
/** @typedef {Record<string, number[]>} Measured */
/** @typedef {{measured: Measured, photo: {name: string, width: number, height: number}, memory: import('./way.mjs').Memory, rounds: number}} Way */
/** @typedef {{networks: import('./networks.mjs').Network[], peaks: Record<string, import('./work.mjs').Peaks>, rounds: number}} Networks */
/** @typedef {{measured: Measured, wire: Record<string, import('./start.mjs').Wire>, modules: Record<string, import('./start.mjs').Packed>, rounds: number, line: {bitsPerSecond: number, roundTrip: number}}} Start */
/** @typedef {{way?: Way, networks?: Networks, start?: Start}} Run  as far as it has been measured */

/** @typedef {{work: string, against: string, goal: Record<Instructions, number>, reached: Partial<Record<Instructions | 'native', Comparison>>}} Row times faster */

/** @type {Instructions[]} */
export const INSTRUCTIONS = ['relaxed', 'simd128'];

/** The photo that the goals are for: in a group we look at each face, and the others at one. */
export const PORTRAIT = 'A portrait';

/** Times faster than a peer, as its median over the rounds. @param {Run} run @returns {Row[]} those of which something was measured */
export function ratioRows({ way: ofPhoto, networks, start }) {
  const way = ofPhoto?.photo.name === PORTRAIT ? ofPhoto : undefined;
  const onWay = (/** @type {string} */ set, /** @type {string} */ stage, /** @type {string} */ peer) =>
    reachedBy((build) => [way?.measured[`${set} ${build}: ${stage}`], way?.measured[peer]]);
  const network = (/** @type {string} */ title) => {
    const measured = networks?.networks.find((each) => each.title === title)?.measured;
    return reachedBy((build) => [measured?.[build], measured?.onnxruntime]);
  };
  const cold = compare(start?.measured['recommended: local'], start?.measured['face-api: local']);
  const rows = [
    row('embedding a face, R', 'face-api’s descriptor', 4, 2, onWay('recommended', 'embed', 'face-api: embed')),
    row('embedding a face, P', 'face-api’s descriptor', 4, 1.8, onWay('packaged', 'embed', 'face-api: embed')),
    row('pixels to top 10, R', 'face-api, tiny chain', 4, 2.5, onWay('recommended', 'whole', 'face-api: whole, tiny')),
    row('pixels to top 10, R', 'face-api, SSD chain', 15, 9, onWay('recommended', 'whole', 'face-api: whole, SSD')),
    row('pixels to top 10, R', 'human', 8, 5, onWay('recommended', 'whole', 'human: whole')),
    row('pixels to top 10, P', 'face-api, tiny chain', 3, 1.8, onWay('packaged', 'whole', 'face-api: whole, tiny')),
    ...['YuNet 640', 'YuNet 320'].map((title) => row(title, 'onnxruntime-web', 2.5, 1.8, network(title))),
    ...['MFN', 'MBF', 'MobileFaceNet', 'FaceNet512-shaped'].map((title) => row(title, 'onnxruntime-web', 3, 1.5, network(title))),
    row('first visit to first match, R', 'face-api, tiny chain', 3, NaN, cold ? { relaxed: cold } : {}),
  ];
  return rows.filter(({ reached }) => Object.keys(reached).length);
}

/** @param {string} work @param {string} against @param {number} relaxed @param {number} simd128 @param {Row['reached']} reached @returns {Row} */
const row = (work, against, relaxed, simd128, reached) => ({ work, against, goal: { relaxed, simd128 }, reached });

/** Of what the processor can do in registers: the share that embedders' convolutions must reach. */
export const SHARE_GOAL = 0.6;

/** @typedef {{title: string, embedder: boolean, shares: Partial<Record<Instructions, Record<keyof import('./work.mjs').Shares, number>>>}} ShareRow medians */

/** @param {Networks} networks @returns {ShareRow[]} */
export function shareRows({ networks }) {
  const medians = (/** @type {import('./work.mjs').Shares[]} */ rounds) => {
    const keys = /** @type {(keyof import('./work.mjs').Shares)[]} */ (Object.keys(rounds[0]));
    return Object.fromEntries(keys.map((key) => [key, spread(rounds.map((round) => round[key])).median]));
  };
  return networks.map(({ title, embedder, shares }) => {
    const measured = Object.entries(shares).filter(([, rounds]) => rounds.length);
    return { title, embedder, shares: Object.fromEntries(measured.map(([name, rounds]) => [name, medians(rounds)])) };
  });
}

/** Bytes until the first match, gzip, without gallery and thorough detector, at most. */
export const BYTES_GOALS = { recommended: 2.2e6, packaged: 4.6e6 };

/** Searches: times faster than a plain loop. @type {Record<string, number>} */
export const SEARCH_GOALS = { '88,783 × 512': 15, '1,000,000 × 128': 10 };

/** @param {(build: string) => [number[] | undefined, number[] | undefined]} sides @returns {Row['reached']} */
function reachedBy(sides) {
  const builds = [...INSTRUCTIONS, 'native'];
  return Object.fromEntries(builds.flatMap((build) => {
    const comparison = compare(...sides(build));
    return comparison ? [[build, comparison]] : [];
  }));
}

/** @param {number[] | undefined} ours @param {number[] | undefined} theirs */
const compare = (ours, theirs) => (ours?.length && theirs?.length ? compared(ours, theirs) : undefined);
