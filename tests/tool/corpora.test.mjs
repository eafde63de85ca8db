/** Every photo that others had trouble with goes through the decode fuzz target: it ends, and memory that was filled otherwise changes no pixel. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { build, lacking, shared } from '../places.mjs';

const target = join(build, 'asan/decode_fuzz');
const corpora = ['data/bad-images', 'cases'].map((name) => join(shared, name));

/** @param {string} folder @returns {string[]} */
const photosIn = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(jpe?g|png|gif|bmp|webp)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

describe('what a photo decodes to does not depend on what memory held before', () => {
  for (const corpus of corpora)
    test(`for the files of ${corpus.slice(shared.length + 1)}`, { skip: lacking(target, corpus) }, (t) => {
      const photos = existsSync(corpus) ? photosIn(corpus) : [];
      assert.ok(photos.length > 10, `${corpus} holds ${photos.length} photos`);
      const { status, signal, stderr } = spawnSync(target, photos, { encoding: 'utf8', maxBuffer: 1 << 26 });
      assert.equal(status, 0, `${signal}\n${stderr.slice(-2000)}`);
      t.diagnostic(`${photos.length} photos`);
    });
});
