/**
 * What is inside `dist/`, as a CycloneDX document beside it: the libraries that are linked into the module, from the same
 * table that set-up fetches them by, and the networks. Without times and random numbers, so that it is reproducible.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { LIBJPEG, SIMDE, SOURCES, STB } from './sources.mjs';

/** As their licence texts say (LICENCES.txt has these). @type {Record<string, string>} */
const LICENCES = {
  xnnpack: 'BSD-3-Clause',
  pthreadpool: 'BSD-2-Clause',
  fp16: 'MIT',
  fxdiv: 'MIT',
  cjson: 'MIT',
  'libjpeg-turbo': 'IJG AND BSD-3-Clause AND Zlib',
  simde: 'MIT',
  stb: 'MIT OR Unlicense',
};

const libraries = () => [
  ...[...SOURCES, LIBJPEG].map(({ name, file, sha256 }) => library(name, file.match(/_(.*)\.orig\./)?.[1] ?? '', sha256)),
  library('simde', SIMDE.file.match(/_(.*)_all\.deb/)?.[1] ?? '', SIMDE.sha256),
  library('stb', '2.30', STB.sha256),
];

/** @param {string} name @param {string} version @param {string} sha256 of what Debian serves */
const library = (name, version, sha256) => ({
  type: 'library',
  name,
  version,
  purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=source`,
  hashes: [{ alg: 'SHA-256', content: sha256 }],
  licenses: [{ expression: LICENCES[name] }],
});

/** @param {string} folder that is hosted */
export function writeSbom(folder) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const list = join(folder, 'models/models.json');
  /** @type {{networks: {name: string, sha256: string, licence: string}[]}} */
  const { networks } = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : { networks: [] };
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name: 'doppel', version, licenses: [{ license: { id: 'MIT' } }] } },
    components: [
      ...libraries(),
      ...networks.map(({ name, sha256, licence }) => ({
        type: 'machine-learning-model',
        name,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        licenses: [{ license: { name: licence } }],
      })),
    ],
  };
  writeFileSync(`${folder}.cdx.json`, `${JSON.stringify(document, null, 1)}\n`);
}
