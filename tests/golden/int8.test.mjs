/**
 * Layers that multiply in int8 give what they would in float32 to within the rounding, by onnxruntime's numbers, and the
 * same in the program and in the modules. Modules of relaxed SIMD have no dot product in node; tests/web/int8.test.mjs
 * has them in browsers.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { OPTIONS, PRODUCTS, SHAPE } from '../products.mjs';
import { normal, seeded } from '../random.mjs';
import { openModule, runNetworkInModule, runNetworkNatively } from './engine.mjs';
import { relativeDifference, withImported } from './imported.mjs';
import { channelsFirst, channelsLast, runOnnx } from './onnxruntime.mjs';

const ROUNDING = 0.03; // of the largest number; sums of few products are off by more than those of many
const SAME = 1e-3; // here and there a number is rounded to the other side

const [, height, width] = SHAPE;
const input = normal(seeded(3), height * width * 3);

for (const [name, file] of Object.entries(PRODUCTS)) {
  test(name, async (t) => {
    const [{ data, shape }] = await runOnnx(file, channelsFirst(input, SHAPE), [1, 3, height, width]);
    const theirs = shape.length === 4 ? channelsLast(data, shape) : data;
    await withImported(file, OPTIONS, async (path) => {
      const program = await runNetworkNatively(path, input, SHAPE);
      const module = runNetworkInModule(await openModule(), await readFile(path), input, SHAPE);
      const [rounding, same] = [relativeDifference(program, theirs), relativeDifference(module, program)];
      t.diagnostic(`rounding ${rounding.toFixed(4)}, between engines ${same.toFixed(6)}`);
      assert.ok(rounding > 1e-5, 'it ran in float32');
      assert.ok(rounding <= ROUNDING);
      assert.ok(same <= SAME);
    });
  });
}
