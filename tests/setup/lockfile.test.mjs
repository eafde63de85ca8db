/** What npm installs: pinned by hash, from one registry, and run by nobody while it is installed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../places.mjs';

/** Packages that want to run something when they are installed. Set-up never lets them (`npm ci --ignore-scripts`). */
const SCRIPTS = { 'package-lock.json': ['node_modules/esbuild', 'node_modules/protobufjs'], 'bench/peers/package-lock.json': ['node_modules/usearch'] };

for (const [file, withScripts] of Object.entries(SCRIPTS))
  describe(file, () => {
    /** @type {{lockfileVersion: number, packages: Record<string, {version: string, resolved?: string, integrity?: string, link?: boolean, hasInstallScript?: boolean}>}} */
    const lock = JSON.parse(readFileSync(join(root, file), 'utf8'));
    const packages = Object.entries(lock.packages).filter(([path]) => path);

    it('names the sha512 of every package', () => {
      assert.ok(packages.length > 3, `${packages.length} packages`);
      for (const [path, { integrity, link }] of packages) assert.match(`${link ? 'a link' : integrity}`, /^sha512-[\w+/]{86}==$/, path);
    });

    it('takes packages from one registry alone, which set-up may replace', () => {
      for (const [path, { resolved }] of packages) assert.equal(resolved?.replace(/^https:\/\/registry\.npmjs\.org\//, ''), undefined, path);
    });

    it('brings no package with a script to run that is not known', () => {
      assert.deepEqual(packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path), withScripts);
    });

    it('pins what package.json asks for to one version', () => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, file.replace('package-lock', 'package')), 'utf8'));
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        assert.match(version, /^\d+\.\d+\.\d+$/, name);
        assert.equal(lock.packages[`node_modules/${name}`].version, version);
      }
    });
  });

it('Set-up installs packages without running their scripts', () => {
  assert.match(readFileSync(join(root, 'tools/setup/npm.mjs'), 'utf8'), /'ci', '--ignore-scripts'/);
});
