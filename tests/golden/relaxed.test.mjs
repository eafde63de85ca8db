/**
 * The module with relaxed SIMD, which a browser gets that has it, gives what the one with simd128 alone gives, but for the
 * last digits: a product that is added without being rounded first. This is about float32; agreement.test.mjs compares
 * vectors as they are made.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { build } from '../places.mjs';
import { inFloat, networkDocument, openModule, runNetworkInModule } from './engine.mjs';
import { relativeDifference } from './imported.mjs';
import { noisePixels, photoPixels, prepared } from './pixels.mjs';

setFlagsFromString('--experimental-wasm-relaxed-simd'); // node before 22 knows it, but does not offer it

const TOLERANCE = 1e-5;
const library = join(build, 'networks');
const files = existsSync(library) ? readdirSync(library).filter((name) => name.endsWith('.safetensors')) : [];

/** @type {Record<'plain' | 'relaxed', any>} */
let modules;
before(async () => (modules = { plain: await openModule(), relaxed: await openModule('relaxed/doppel.wasm') }));

test('there are networks to compare', () => assert.ok(files.length > 0));

for (const file of files) {
  test(file.replace(/\..*/, ''), async (t) => {
    const network = inFloat(await readFile(join(library, file)));
    const { input } = networkDocument(network);
    const shape = [1, input.height, input.width, 3];
    for (const pixels of [noisePixels(input.width, input.height), await photoPixels(modules.plain, input.width)]) {
      const numbers = prepared(pixels, input);
      const plain = runNetworkInModule(modules.plain, network, numbers, shape);
      const relaxed = runNetworkInModule(modules.relaxed, network, numbers, shape);
      const difference = relativeDifference(relaxed, plain);
      t.diagnostic(`within ${difference.toExponential(1)}`);
      assert.ok(difference <= TOLERANCE);
      assert.ok(difference > 0, 'the two modules are one and the same');
    }
  });
}
