/**
 * Products in int8 with what each browser's CPU and engine offer for them, beside the program: relaxed SIMD's dot product
 * of signed or unsigned bytes, or pairs of int16. tests/golden/int8.test.mjs holds the program against onnxruntime.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runNetworkInModule, runNetworkNatively } from '../golden/engine.mjs';
import { relativeDifference, withImported } from '../golden/imported.mjs';
import { build, root } from '../places.mjs';
import { OPTIONS, PRODUCTS, SHAPE } from '../products.mjs';
import { normal, seeded } from '../random.mjs';
import { engines, missing, open, run } from './engines.mjs';
import { openSite } from './site.mjs';

const SAME = 1e-3; // here and there a number is rounded to the other side

const input = normal(seeded(3), SHAPE[1] * SHAPE[2] * 3);

/** @type {{name: string, file: string, program: Float32Array}[]} */
const cases = [];
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doppel-int8-'));
  for (const [name, onnx] of Object.entries(PRODUCTS))
    await withImported(onnx, OPTIONS, async (path) => {
      const file = `${cases.length}.safetensors`;
      await copyFile(path, join(folder, file));
      cases.push({ name, file, program: await runNetworkNatively(path, input, SHAPE) });
    });
});
after(() => rm(folder, { recursive: true, force: true }));

for (const engine of engines) {
  const why = missing(engine);
  describe(`products in int8 (${engine})`, { skip: why ? `SKIPPED: ${why}` : false }, () => {
    test('are the program’s', async (t) => {
      const site = await openSite({ '/': join(root, 'web'), '/wasm/': join(build, 'wasm'), '/networks/': folder });
      const page = await open(engine);
      try {
        await page.goto(`${site.origin}/icon.svg`);
        for (const { name, file, program } of cases) {
          const { module, output } = await run(page, inBrowser, `${runNetworkInModule}`, `networks/${file}`, [...input], SHAPE);
          const difference = relativeDifference(Float32Array.from(output), program);
          t.diagnostic(`${module}, ${name}: ${difference.toFixed(6)}`);
          assert.ok(difference <= SAME, name);
        }
      } finally {
        await page.close();
        await site.close();
      }
    });
  });
}

/** Runs in the page: one forward pass in the module that the page would take. */
async function inBrowser(/** @type {string} */ runNetwork, /** @type {string} */ file, /** @type {number[]} */ numbers, /** @type {number[]} */ shape) {
  const bytes = async (/** @type {string} */ path) => new Uint8Array(await (await fetch(`/${path}`)).arrayBuffer());
  const { moduleFile } = await import(/** @type {any} */ ('/module-file.js'));
  const { default: createDoppel } = await import(/** @type {any} */ ('/wasm/doppel.mjs'));
  const module = await createDoppel({ wasmBinary: await bytes(`wasm/${moduleFile()}`) });
  const output = (0, eval)(`(${runNetwork})`)(module, await bytes(file), Float32Array.from(numbers), shape);
  return { module: moduleFile(), output: [...output] };
}
