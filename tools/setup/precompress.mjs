/**
 * NAME.br and NAME.gz beside files that lose a tenth or more by them, for servers that send such twins instead of packing
 * at every request. `npm run bench -- packed` prints what each kind of file gains.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** By the ending of the twin. @type {Record<string, (bytes: Buffer) => Buffer>} */
export const PACKERS = {
  '.gz': (bytes) => gzipSync(bytes, { level: 9 }),
  '.br': (bytes) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
};

const WORTH_IT = 0.9;

/** Packed already; or vectors, whose bits are nearly noise and not worth the time. @param {string} path */
export const isNotTried = (path) => /\.(gz|br|jpg|png|webp)$|^embeddings-.*\.safetensors$/.test(basename(path));

/** @param {string[]} paths @returns {number} how many twins were written */
export function writePackedTwins(paths) {
  let written = 0;
  for (const path of paths.filter((each) => !isNotTried(each))) {
    const bytes = readFileSync(path);
    for (const [ending, pack] of Object.entries(PACKERS)) {
      const packed = pack(bytes);
      if (packed.length > WORTH_IT * bytes.length) continue;
      writeFileSync(path + ending, packed);
      written++;
    }
  }
  return written;
}
