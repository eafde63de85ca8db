/**
 * Each packaged network, in float32, gives what face-api's own code on tfjs gives for the same photo, in the WebAssembly module and in
 * the native program: max |ours − theirs| ≤ 1e-3 · max |theirs|, over each output tensor before any decoding. (Relative
 * to the tensor's largest number: next to a zero there is nothing to be relative to.)
 */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { build } from '../places.mjs';
import { inFloat, networkDocument, openModule, runNetworkInModule, runNetworkNatively } from './engine.mjs';
import { relativeDifference } from './imported.mjs';
import { noisePixels, photoPixels, prepared } from './pixels.mjs';
import { inputSide, networkNames, reference } from './reference.mjs';

const TOLERANCE = 1e-3;

/** @type {any} */
let module;
before(async () => (module = await openModule()));

for (const name of networkNames) {
  describe(name, () => {
    // Plain JavaScript takes ten seconds for SSD, so that one is compared once.
    for (const kind of name === 'ssd_mobilenetv1' ? ['a photo'] : ['noise', 'a photo']) {
      test(`on ${kind}: module and program agree with tfjs`, async (t) => {
        const side = inputSide(name);
        const file = inFloat(await readFile(await networkPath(name)));
        const document = networkDocument(file);
        const pixels = kind === 'noise' ? noisePixels(side) : await photoPixels(module, side);
        const input = prepared(pixels, document.input);
        const shape = [1, side, side, 3];

        const theirs = await reference(name, pixels);
        const ours = {
          module: runNetworkInModule(module, file, input, shape),
          program: await runNetworkNatively(file, input, shape),
        };
        for (const [where, flat] of Object.entries(ours)) {
          for (const { name: output, data } of named(name, flat)) {
            const golden = theirs.find((tensor) => tensor.name === output)?.data ?? new Float32Array();
            const difference = relativeDifference(data, golden);
            t.diagnostic(`${where}, ${output}: ${difference.toExponential(1)}`);
            assert.ok(difference <= TOLERANCE, `${where}: ${output} differs by ${difference}`);
          }
        }
      });
    }
  });
}

/** Our flat outputs under the names of the reference. SSD gives six maps of boxes and classes by turns. */
function named(/** @type {string} */ network, /** @type {Float32Array} */ flat) {
  if (network !== 'ssd_mobilenetv1') return [{ name: 'output', data: flat }];
  const boxes = [];
  const classes = [];
  let at = 0;
  for (const priors of [32 * 32 * 3, 16 * 16 * 6, 8 * 8 * 6, 4 * 4 * 6, 2 * 2 * 6, 6]) {
    boxes.push(...flat.subarray(at, (at += 4 * priors)));
    classes.push(...flat.subarray(at, (at += 3 * priors)));
  }
  return [
    { name: 'boxes', data: Float32Array.from(boxes) },
    { name: 'classes', data: Float32Array.from(classes) },
  ];
}

async function networkPath(/** @type {string} */ name) {
  for (const folder of [join(build, 'networks'), join(build, 'models')]) {
    const file = (await readdir(folder).catch(() => [])).find((f) => f.startsWith(`${name}.`) && f.endsWith('.safetensors'));
    if (file) return join(folder, file);
  }
  assert.fail(`${name} is not in ${build}/networks`);
}
