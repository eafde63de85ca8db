/**
 * The licence of doppel and the notices of the libraries that are linked into the module. Their licences ask that whoever
 * hands on a binary hands on these texts, so `dist/` carries them as LICENCES.txt.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolchain } from './places.mjs';
import { SetupError } from './progress.mjs';

/** @returns {string} one text, doppel's own licence first, then one section per library */
export function licences() {
  const sources = join(toolchain, 'sources');
  const sections = readdirSync(sources)
    .sort()
    .map((library) => ({ name: library, text: noticeOf(join(sources, library), library) }));
  const own = { name: 'doppel', text: readFileSync(join(root, 'LICENSE'), 'utf8') };
  return [own, ...sections].map(({ name, text }) => `${name}\n${'='.repeat(name.length)}\n\n${text.trim()}\n`).join('\n\n');
}

/** @param {string} folder @param {string} library */
function noticeOf(folder, library) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)(\.\w+)?$/i.test(name)).sort();
  if (files.length) return files.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
  const header = join(folder, 'stb_image.h'); // its licence is its last comment
  const notice = existsSync(header) && readFileSync(header, 'utf8').match(/This software is available under 2 licenses[\s\S]*(?=\*\/\s*$)/);
  if (!notice) throw new SetupError(`There is no licence text for ${library}; dist/ cannot be published without it.`);
  return notice[0];
}
