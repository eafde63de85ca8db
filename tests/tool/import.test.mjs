/** `doppel import`: what it writes can be run, in both arithmetics. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OnnxGraph } from '../onnx.mjs';
import { doppel, scratch } from './program.mjs';

const folder = scratch();

/** Two layers whose first channel has weights of this size. @param {number} size */
function withChannelOf(size) {
  const g = new OnnxGraph();
  const x = g.input('x', [1, 3, 16, 16]);
  const weights = Float32Array.from({ length: 8 * 8 }, (_, i) => (i < 8 ? size : Math.sin(i)));
  const hidden = g.add('Relu', g.conv(x, 3, 8, 3));
  const next = g.add('Relu', g.add('Conv', [hidden, g.constant([8, 8, 1, 1], weights)], { kernel_shape: [1, 1] }));
  g.output(g.conv(next, 8, 4));
  return g.bytes();
}

for (const size of [1e-36, 1e-42, 0])
  test(`a channel with weights of ${size} is stored as int8 and runs`, async () => {
    const [source, network, numbers, out] = ['a.onnx', 'a.safetensors', 'in.f32', 'out.f32'].map((name) => join(folder, name));
    writeFileSync(source, withChannelOf(size));
    writeFileSync(numbers, new Uint8Array(16 * 16 * 3 * 4));
    const imported = await doppel('import', source, '--as', 'raw', '--weights', 'int8', '--arithmetic', 'int8', '-o', network);
    assert.equal(imported.code, 0, imported.err);
    const run = await doppel('run', network, '-i', numbers, '-s', '1,16,16,3', '-o', out);
    assert.equal(run.code, 0, run.err);
  });
