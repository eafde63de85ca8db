/** What the bench makes of its figures: ratios, shares of the peak, page, chart, table. Nothing is timed here. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ratioRows, shareRows } from '../../bench/goals.mjs';
import { chart } from '../../bench/chart.mjs';
import { openLine } from '../../bench/line.mjs';
import { PEAKS, operations, peakModule } from '../../bench/peak.mjs';
import { markdown, withFigures } from '../../bench/readme.mjs';
import { page } from '../../bench/report.mjs';
import { interleaved } from '../../bench/rounds.mjs';
import { compared, spread } from '../../bench/statistics.mjs';
import { sharesOfPeak } from '../../bench/work.mjs';
import { root } from '../places.mjs';
import { openSite } from '../web/site.mjs';

/** A run with made figures: ours take 10 ms with relaxed SIMD and 20 without, theirs 40, 50 and 60 in three rounds. @returns {any} */
function madeRun() {
  /** @type {Record<string, number[]>} */
  const way = {};
  for (const set of ['recommended', 'packaged'])
    for (const [build, ms] of /** @type {[string, number][]} */ ([['relaxed', 10], ['simd128', 20], ['native', 5]]))
      for (const stage of ['decode', 'detect and points', 'cut out', 'embed', 'search', 'whole']) way[`${set} ${build}: ${stage}`] = [ms, ms, ms];
  for (const peer of ['face-api: embed', 'face-api: whole, tiny', 'face-api: whole, SSD', 'human: whole']) way[peer] = [40, 50, 60];
  const shares = { dense: 0.7, float: 0.6, int8: 0.8, depthwise: 0.2, ofPass: 0.9, others: 0.05 };
  const mfn = {
    title: 'MFN', embedder: true, products: 220e6, cosine: 0.9998,
    measured: { relaxed: [5, 5, 5], simd128: [9, 9, 9], onnxruntime: [15, 15, 15] }, shares: { relaxed: [shares], simd128: [{ ...shares, dense: 0.5 }] }, profiles: {},
  };
  const wire = { requests: 12, bytes: 1.5e6, gallery: 1e5, thorough: 0, paths: [] };
  return {
    machine: { date: '2026-11-22T10:00:00.000Z', commit: 'abc', cpu: 'A <fast> & "quiet" one', cores: 2, load: [0, 1], node: '20', versions: { 'face-api': '1', tfjs: '4', human: '3' } },
    browser: 'Chromium 1',
    minutes: 8,
    way: { measured: way, photo: { name: 'A portrait', width: 947, height: 1280 }, rounds: 3, memory: { 'recommended relaxed': { start: 2 ** 24, match: 2 ** 25, photos: 2 ** 25 } } },
    networks: { networks: [mfn], peaks: { relaxed: { float: 5e10, int8: 2e11 }, simd128: { float: 3e10, int8: 7e10 } } },
    start: { measured: { 'recommended: local': [500], 'face-api: local': [1750] }, wire: { recommended: wire }, modules: { relaxed: { raw: 7e5, gzip: 2e5, brotli: 1.8e5 } }, line: { bitsPerSecond: 20e6, roundTrip: 40 } },
    search: { costs: [{ title: '88,783 × 512', photos: 88783, dimension: 512, heap: 2 ** 26, recall: 0.9998, measured: { doppel: [4, 4], plain: [80, 88] } }] },
    accuracy: { recommended: { embedder: 'mfn', float: { accuracy: 0.996, auc: 0.9985, turned: 1 }, int8: { accuracy: 0.995, auc: 0.9984, turned: 1 } } },
    faults: { human: 'its file is not here' },
  };
}

test('a ratio is taken inside a round, and its median is not the ratio of medians', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, least: 1, most: 3 });
  assert.equal(spread([4, 1, 2, 3]).median, 2.5);
  const { ours, theirs, ratio } = compared([1, 2, 10], [2, 8, 10]);
  assert.equal(theirs.median / ours.median, 4);
  assert.deepEqual(ratio, { median: 2, least: 1, most: 4 });
  assert.throws(() => compared([1], [1, 2]), /1 rounds on one side, 2 on the other/);
  assert.throws(() => spread([]), /nothing was measured/);
});

test('rounds go by from the front and from the back, the warm-up is not counted, and what fails is named once', async () => {
  /** @type {string[]} */
  const order = [];
  /** @type {Record<string, string>} */
  const faults = {};
  const time = (/** @type {string} */ name) => async () => order.push(name);
  const measured = await interleaved({ rounds: 2, warmUp: 1, what: { a: time('a'), b: time('b'), c: async () => Promise.reject(new Error('c is\nbroken')) }, faults });
  assert.deepEqual(order, ['a', 'b', 'b', 'a', 'a', 'b']);
  assert.deepEqual(measured, { a: [4, 5], b: [3, 6] });
  assert.deepEqual(faults, { c: 'c is' });
});

test('the share of the peak is the time that layers would take there, over what they took', () => {
  const layers = [{ op: 'conv2d', products: 1e6 }, { op: 'depthwise_conv2d', products: 1e5 }, { op: 'conv2d', products: 4e6 }];
  const operators = [
    { us: 100, name: 'Convolution (NHWC, F32) IGEMM' },
    { us: 10, name: 'Convolution (NHWC, F32) DWConv' },
    { us: 20, name: 'Convert (NC, F32, QD8)' },
    { us: 70, name: 'Fully Connected (NC, QD8, F32, QC8W) GEMM' },
  ];
  const shares = sharesOfPeak(layers, operators, { float: 4e10, int8: 1.6e11 });
  const near = (/** @type {number} */ value, /** @type {number} */ wanted) => assert.ok(Math.abs(value - wanted) < 1e-9, `${value} is not ${wanted}`);
  near(shares.float, 50 / 100);
  near(shares.int8, 50 / 70);
  near(shares.dense, 100 / 170);
  near(shares.depthwise, 5 / 10);
  near(shares.ofPass, 170 / 200);
  near(shares.others, 20 / 200);
  assert.throws(() => sharesOfPeak(layers.slice(1), operators, { float: 1, int8: 1 }), /2 layers have weights, and 3 operators multiply/);
});

test('the module that measures the peak is valid, computes, and says what it does', () => {
  for (const peak of /** @type {const} */ (['float', 'int8'])) assert.ok(WebAssembly.validate(peakModule(peak)), peak);
  const { run } = /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(peakModule('float'))).exports);
  assert.notEqual(run(1), run(2));
  assert.equal(operations('int8 relaxed', 10), 4 * operations('float relaxed', 10));
  assert.equal(Object.keys(PEAKS).length, 4);
});

test('a goal stands beside what is reached', () => {
  const rows = ratioRows(madeRun());
  assert.deepEqual(rows.map(({ work }) => work).filter((work) => work === 'MFN' || work.startsWith('embedding')), ['embedding a face, R', 'embedding a face, P', 'MFN']);
  const [first] = rows;
  assert.equal(first.reached.relaxed?.ratio.median, 5);
  assert.equal(first.reached.simd128?.ratio.median, 2.5);
  assert.equal(first.goal.relaxed, 4);
  assert.equal(rows.find(({ work }) => work.startsWith('first visit'))?.reached.relaxed?.ratio.median, 3.5);
  assert.equal(shareRows(madeRun().networks)[0].shares.simd128?.dense, 0.5);
  assert.deepEqual(ratioRows({}), []);
});

test('the page fits a terminal, marks what is reached and what is not, and names who failed', () => {
  const text = page(madeRun());
  assert.ok(text.split('\n').length <= 60, text);
  assert.match(text, /embedding a face, R\s+face-api’s descriptor\s+50\.0\/40\.0\s+10\.0\/10\.0\s+5\.00×\s+✓ 4/);
  assert.match(text, /pixels to top 10, R\s+face-api, SSD chain.*✗ 15/);
  assert.match(text, /R\s+1\.50 MB\s+✓ ≤ 2\.20 MB/);
  assert.match(text, /relaxed 700 \/ 200 \/ 180/);
  assert.match(text, /mfn in float32 and in int8: lfw-dev 99\.6 % and 99\.5 %/);
  assert.match(text, /Left out: human: its file is not here/);
  assert.ok(page({ machine: madeRun().machine, faults: {} }).length, 'a run of nothing has a page as well');
});

test('the chart is well-formed, has the values, and a mark at each goal', () => {
  const run = madeRun();
  const rows = ratioRows(run);
  const svg = chart(rows, run.machine.cpu);
  wellFormed(svg);
  assert.match(svg, /A &lt;fast&gt; &amp; &quot;quiet&quot; one/);
  assert.match(svg, />5\.00×</);
  assert.match(svg, />3\.50×</);
  const marks = [...svg.matchAll(/<line class="goal"/g)].length - 1; // one is the legend's
  assert.equal(marks, rows.reduce((sum, { goal, reached }) => sum + Number(Boolean(reached.relaxed)) + Number(Boolean(reached.simd128 && goal.simd128)), 0));
  assert.match(svg, /prefers-color-scheme: dark/);
  assert.doesNotMatch(svg.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:|href|<script|NaN|undefined/);
});

test('docs/benchmarks.md takes table and chart of a run between two marks', () => {
  const readme = readFileSync(join(root, 'docs/benchmarks.md'), 'utf8');
  const changed = withFigures(readme, markdown(madeRun()));
  assert.match(changed, /\| embedding a face, R \| face-api’s descriptor \| 5\.0× \(4×\) \| 2\.5× \(2×\) \|/);
  assert.equal(withFigures(changed, markdown(madeRun())), changed);
  assert.throws(() => withFigures('nothing', ''), /no place for the figures/);
});

test('a line packs, counts what it sends, and lets a request wait for its round trip', async (t) => {
  const site = await openSite({ '/': join(root, 'bench') });
  const line = await openLine(site.origin, { roundTrip: 1, bitsPerSecond: 1e9 });
  t.after(async () => {
    await line.close();
    await site.close();
  });
  const response = await fetch(`${line.origin}/bench.mjs`);
  assert.equal(await response.text(), readFileSync(join(root, 'bench/bench.mjs'), 'utf8'));
  const [{ path, bytes }] = line.sent();
  assert.equal(path, '/bench.mjs');
  assert.equal(bytes, Number(response.headers.get('content-length') ?? bytes));
  assert.ok(bytes < readFileSync(join(root, 'bench/bench.mjs')).length / 2);
  assert.equal((await fetch(`${line.origin}/missing`)).status, 404);
  line.forget();
  assert.deepEqual(line.sent(), []);
});

/** Every element is closed, in order. @param {string} xml */
function wellFormed(xml) {
  /** @type {string[]} */
  const open = [];
  for (const [, closing, name, own] of xml.matchAll(/<(\/?)([a-z]+)(?:\s+[a-zA-Z0-9:-]+="[^"<>]*")*\s*(\/?)>/g)) {
    if (closing) assert.equal(open.pop(), name);
    else if (!own) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(xml.replace(/<\/?[a-z]+(?:\s+[a-zA-Z0-9:-]+="[^"<>]*")*\s*\/?>/g, ''), /[<>]/);
}
