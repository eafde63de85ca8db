/**
 * Each operator that `doppel import` takes from an ONNX file gives onnxruntime's numbers, in the program and in the
 * WebAssembly module; what cannot be taken is refused in a sentence that names the node and its operator.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { OnnxGraph, constantTensor } from '../onnx.mjs';
import { normal, seeded } from '../random.mjs';
import { networkDocument } from './engine.mjs';
import { assertSame, bothEngines, refusal, withImported } from './imported.mjs';
import { channelsFirst, runOnnx } from './onnxruntime.mjs';
import * as operators from './operators.mjs';

const { HEIGHT, WIDTH } = operators;
const RAW = ['--as', 'raw', '--size', `${WIDTH}x${HEIGHT}`, '--mean', '0', '--scale', '1'];
const shape = [1, HEIGHT, WIDTH, 3];
const input = normal(seeded(7), HEIGHT * WIDTH * 3);

const groups = {
  convolution: operators.convolutions,
  'matrix product': operators.products,
  normalisation: operators.normalisations,
  activation: operators.activations,
  arithmetic: operators.arithmetic,
  'joining and cutting': operators.joints,
  'pooling and reducing': operators.pools,
  'resizing and padding': operators.sizes,
  shape: operators.shapes,
};

for (const [group, cases] of Object.entries(groups)) {
  describe(group, () => {
    for (const [name, variant] of Object.entries(cases)) {
      test(name, async () => {
        const file = graphOf(variant);
        const theirs = await runOnnx(file, channelsFirst(input, shape), [1, 3, HEIGHT, WIDTH]);
        await withImported(file, RAW, async (path) => assertSame(await bothEngines(path, input, shape), theirs));
      });
    }
  });
}

describe('convolutions side by side', () => {
  for (const [name, { network, remain }] of Object.entries(operators.sideBySide)) {
    test(name, async () => {
      const file = graphOf(network);
      const theirs = await runOnnx(file, channelsFirst(input, shape), [1, 3, HEIGHT, WIDTH]);
      await withImported(file, RAW, async (path) => {
        assertSame(await bothEngines(path, input, shape), theirs);
        const { nodes } = networkDocument(await readFile(path)).graph;
        assert.equal(nodes.filter((/** @type {{op: string}} */ { op }) => /conv2d$/.test(op)).length, 1 + remain);
      });
    });
  }
});

test('a picture whose sides the file leaves open', async () => {
  const g = new OnnxGraph();
  g.output(g.conv(g.input('x', ['batch', 3, 'height', 'width']), 3, 8, 3));
  const theirs = await runOnnx(g.bytes(), channelsFirst(input, shape), [1, 3, HEIGHT, WIDTH]);
  await withImported(g.bytes(), RAW, async (path) => assertSame(await bothEngines(path, input, shape), theirs));
});

test('a picture in N H W C that is transposed first, as tf2onnx leaves it', async () => {
  const g = new OnnxGraph();
  g.output(g.conv(g.add('Transpose', g.input('x', ['unk', HEIGHT, WIDTH, 3]), { perm: [0, 3, 1, 2] }), 3, 8, 3));
  const theirs = await runOnnx(g.bytes(), input, shape);
  await withImported(g.bytes(), RAW, async (path) => assertSame(await bothEngines(path, input, shape), theirs));
});

describe('what is refused, with the node and its operator', () => {
  for (const [name, { network, says }] of Object.entries(operators.refused)) {
    test(name, async () => {
      const { code, text } = await refusal(graphOf(network), RAW);
      assert.equal(code, 1, text);
      assert.match(text, says);
      assert.match(text, /\.\n$/, 'a sentence ends with a full stop');
    });
  }

  test('a picture of four channels', async () => {
    const g = new OnnxGraph();
    g.output(g.conv(g.input('x', [1, 4, HEIGHT, WIDTH]), 4, 8));
    await refusedWith(g.bytes(), /channels|3/);
  });

  test('a batch of two', async () => {
    const g = new OnnxGraph();
    g.output(g.conv(g.input('x', [2, 3, HEIGHT, WIDTH]), 3, 8));
    await refusedWith(g.bytes(), /./);
  });

  test('two inputs', async () => {
    const g = new OnnxGraph();
    g.output(g.add('Add', [g.input('x', [1, 3, HEIGHT, WIDTH]), g.input('y', [1, 3, HEIGHT, WIDTH])]));
    await refusedWith(g.bytes(), /input/);
  });

  test('no output', async () => {
    const g = new OnnxGraph();
    g.conv(g.input('x', [1, 3, HEIGHT, WIDTH]), 3, 8);
    await refusedWith(g.bytes(), /output/);
  });

  test('an output that nobody makes', async () => {
    const g = new OnnxGraph();
    g.conv(g.input('x', [1, 3, HEIGHT, WIDTH]), 3, 8);
    g.output('nothing');
    await refusedWith(g.bytes(), /nothing/);
  });
});

describe('files that are damaged or something else', () => {
  const whole = graphOf((g, x) => g.conv(x, 3, 8, 3));

  for (const ending of ['onnx', 'espdl', 'h5']) {
    for (const [what, bytes] of /** @type {[string, Buffer][]} */ ([
      ['an empty file', Buffer.alloc(0)],
      ['a file of zeros', Buffer.alloc(4096)],
      ['a text', Buffer.from('Everyone has a doppelgänger.'.repeat(50))],
      ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ]))
      test(`${what} by the name of .${ending}`, () => refusedWith(bytes, /./, ending));
  }

  test('a file cut short, wherever it is cut', async () => {
    const steps = 24;
    for (let i = 1; i < steps; i++) {
      const { code, text } = await refusal(whole.subarray(0, Math.floor((whole.length * i) / steps)), RAW);
      assert.equal(code, 1, text);
      assert.match(text, /\.\n$/);
    }
  });

  test('weights of another length than their shape says', async () => {
    const shapeThere = Buffer.from([0x08, 8, 0x08, 3, 0x08, 3, 0x08, 3]); // dims 8, 3, 3, 3
    const at = whole.indexOf(shapeThere);
    assert.ok(at > 0);
    const changed = Buffer.from(whole);
    changed[at + 1] = 9;
    await refusedWith(changed, /./);
  });

  test('weights of a shape that no memory holds', async () => {
    const g = new OnnxGraph();
    const shapeOf = (/** @type {number[]} */ sides) => constantTensor(sides, Float32Array.of(1));
    const weights = g.add('Constant', [], { value: shapeOf([2 ** 31, 2 ** 31, 2 ** 31, 2]) });
    g.output(g.add('Conv', [g.input('x', [1, 3, HEIGHT, WIDTH]), weights]));
    await refusedWith(g.bytes(), /./);
  });
});

async function refusedWith(/** @type {Uint8Array} */ file, /** @type {RegExp} */ says, ending = 'onnx') {
  const { code, text } = await refusal(file, RAW, ending);
  assert.equal(code, 1, text);
  assert.match(text, says);
  assert.match(text, /\.\n$/, 'a sentence ends with a full stop');
}

function graphOf(/** @type {operators.Case} */ variant) {
  const { network, opset } = typeof variant === 'function' ? { network: variant, opset: 13 } : variant;
  const g = new OnnxGraph({ opset });
  g.output(...[network(g, g.input('x', [1, 3, HEIGHT, WIDTH]))].flat());
  return g.bytes();
}
