/**
 * The sources that doppel is built with: XNNPACK, pthreadpool, FP16, FXdiv, cJSON, stb_image and libjpeg-turbo, as Debian
 * keeps them, each pinned by its sha256. On a machine without a Debian archive, DOPPEL_SOURCES names a folder with the same files.
 */
import { existsSync, renameSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSha256, hasDebianArchive, openApt } from './apt.mjs';
import { cached, recipeHash } from './cache.mjs';
import { SetupError } from './progress.mjs';
import { run } from './run.mjs';

const SUITE = 'trixie';

/** What is unpacked: tarballs either have a top folder (strip 1) or not, and `only` keeps a few files. */
export const SOURCES = [
  {
    name: 'xnnpack',
    file: 'xnnpack_0.0~git20241108.4ea82e5.orig.tar.xz',
    sha256: '90bde2caef0f880f627bab0dc805a86c4b8070cd98e3243db3046ab3f3be1a99',
    strip: 0,
    only: ['src', 'include', 'cmake', 'CMakeLists.txt', 'LICENSE'],
  },
  {
    name: 'pthreadpool',
    file: 'pthreadpool_0.0~git20240616.560c60d.orig.tar.xz',
    sha256: '4cc3cbd933b28131d2a34edc54f76af9fb41bc490af5eae1a5bd3cd07ea90708',
    strip: 1,
  },
  {
    name: 'fp16',
    file: 'fp16_0.0~git20200514.4dfe081.orig.tar.xz',
    sha256: '7d7782b37b74136e0e12593a2a93ccbe7db831f4374cc408e44623d9b708b54e',
    strip: 1,
  },
  {
    name: 'fxdiv',
    file: 'fxdiv_0.0~git20200417.b408327.orig.tar.xz',
    sha256: '7953482badaf4cb34026c3487c257b8e4ab2df061c019bd6fabbbc12ad52c44b',
    strip: 1,
  },
  {
    name: 'cjson',
    file: 'cjson_1.7.18.orig.tar.gz',
    sha256: '3aa806844a03442c00769b83e99970be70fbef03735ff898f4811dd03b9f5ee5',
    strip: 1,
    only: ['cJSON.c', 'cJSON.h', 'LICENSE'],
  },
];

/** In a cache folder of its own, so that a change of one does not rebuild the other. */
export const LIBJPEG = {
  name: 'libjpeg-turbo',
  file: 'libjpeg-turbo_2.1.5.orig.tar.gz',
  sha256: '254f3642b04e309fee775123133c6464181addc150499561020312ec61c1bf7c',
  strip: 1,
};

/** Emscripten's arm_neon.h is SIMDe's, which Debian's package of Emscripten leaves out. Headers only. */
export const SIMDE = {
  package: 'libsimde-dev',
  file: 'libsimde-dev_0.8.2-3_all.deb',
  sha256: '277dcde3fb84223b7026174042646e236da42adce2fcb77031807ede8166a51e',
  path: 'usr/include/simde',
};

/** stb's tarball is taken through its package of headers: one file of it is needed, and that is what is pinned. */
export const STB = {
  package: 'libstb-dev',
  path: 'usr/include/stb/stb_image.h',
  sha256: '594c2fe35d49488b4382dbfaec8f98366defca819d916ac95becf3e75f4200b3', // 2.30
};

/** The folder with xnnpack/, pthreadpool/, fp16/, fxdiv/, cjson/ and stb/. @returns {Promise<string>} */
export function sources() {
  return cached('sources', recipeHash([SUITE, SOURCES, STB]), 'Fetching the sources of XNNPACK, cJSON and stb_image', fetchAll);
}

/** The folder with libjpeg-turbo/ and simde/. @returns {Promise<string>} */
export function libjpegSource() {
  return cached('libjpeg-source', recipeHash([SUITE, LIBJPEG, SIMDE]), 'Fetching the source of libjpeg-turbo', async (folder, progress) => {
    const downloads = process.env.DOPPEL_SOURCES || join(folder, 'downloads');
    if (!process.env.DOPPEL_SOURCES) {
      const apt = await download(downloads, [LIBJPEG], progress);
      await apt.packages([`${SIMDE.package}/${SUITE}`], downloads);
      apt.close();
    }
    await unpack(downloads, LIBJPEG, folder, progress);
    const headers = join(downloads, SIMDE.file);
    if (!existsSync(headers)) throw new SetupError(`There is no ${SIMDE.file} in ${downloads}. ${wanted()}`);
    checkSha256(headers, SIMDE.sha256, SIMDE.file);
    await run('dpkg-deb', ['-x', headers, join(folder, 'unpacked')]);
    renameSync(join(folder, 'unpacked', SIMDE.path), join(folder, 'simde'));
    await run('rm', ['-r', join(folder, 'unpacked')]);
    if (!process.env.DOPPEL_SOURCES) await run('rm', ['-r', downloads]);
  });
}

/** @typedef {{name: string, file: string, sha256: string, strip: number, only?: string[]}} Source */

/** @param {string} downloads @param {Source} source @param {string} folder @param {(detail: string) => void} progress */
async function unpack(downloads, source, folder, progress) {
  const archive = join(downloads, source.file);
  if (!existsSync(archive)) throw new SetupError(`There is no ${source.file} in ${downloads}. ${wanted()}`);
  checkSha256(archive, source.sha256, source.file);
  progress(`unpacking ${source.name}`);
  const target = join(folder, source.name);
  await mkdir(target);
  await run('tar', ['-xf', archive, '-C', target, `--strip-components=${source.strip}`]);
  if (source.only) await keepOnly(target, source.only);
}

/** @param {string} folder @param {(detail: string) => void} progress */
async function fetchAll(folder, progress) {
  const downloads = process.env.DOPPEL_SOURCES || join(folder, 'downloads');
  if (!process.env.DOPPEL_SOURCES) await downloadAll(downloads, progress);
  for (const source of SOURCES) await unpack(downloads, source, folder, progress);
  await mkdir(join(folder, 'stb'));
  const header = join(downloads, 'stb_image.h');
  if (!existsSync(header)) throw new SetupError(`There is no stb_image.h in ${downloads}. ${wanted()}`);
  checkSha256(header, STB.sha256, 'stb_image.h');
  await run('cp', [header, join(folder, 'stb/stb_image.h')]);
  if (!process.env.DOPPEL_SOURCES) await run('rm', ['-r', downloads]);
}

/** @param {string} target @param {Source[]} list @param {(detail: string) => void} progress @returns an open apt */
async function download(target, list, progress) {
  if (!hasDebianArchive()) throw new SetupError(`There is no Debian archive to fetch sources from. ${wanted()}`);
  const apt = await openApt(`${target}-apt`, [
    { type: 'deb-src', suite: SUITE },
    { type: 'deb', suite: SUITE },
  ]);
  for (const source of list) {
    progress(source.name);
    await apt.tarball(source.name, target);
  }
  return apt;
}

/** @param {string} target @param {(detail: string) => void} progress */
async function downloadAll(target, progress) {
  const apt = await download(target, SOURCES, progress);
  progress('stb_image');
  await apt.packages([`${STB.package}/${SUITE}`], join(target, 'deb'));
  await run('sh', ['-c', 'for package in deb/*.deb; do dpkg-deb -x "$package" unpacked; done'], { cwd: target });
  renameSync(join(target, 'unpacked', STB.path), join(target, 'stb_image.h'));
  apt.close();
}

function wanted() {
  const files = [...SOURCES, LIBJPEG, SIMDE].map(({ file, sha256 }) => `  ${file}  sha256 ${sha256}`).join('\n');
  return `Put these files into a folder and set DOPPEL_SOURCES to it (the tarballs are Debian ${SUITE}'s source packages):
${files}
  stb_image.h (version 2.30)  sha256 ${STB.sha256}`;
}

/** @param {string} folder @param {string[]} names */
async function keepOnly(folder, names) {
  const keep = names.map((name) => `! -name ${name}`).join(' ');
  await run('sh', ['-c', `find . -mindepth 1 -maxdepth 1 ${keep} -exec rm -r {} +`], { cwd: folder });
}
