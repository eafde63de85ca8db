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
  const sections = ['sources', 'libjpeg-source']
    .flatMap((folder) => readdirSync(join(toolchain, folder)).map((name) => ({ name, path: join(toolchain, folder, name) })))
    .sort((one, other) => one.name.localeCompare(other.name))
    .map(({ name, path }) => ({ name, text: noticeOf(path, name) }));
  const own = { name: 'doppel', text: readFileSync(join(root, 'LICENSE'), 'utf8') };
  return [own, ...sections].map(({ name, text }) => `${name}\n${'='.repeat(name.length)}\n\n${text.trim()}\n`).join('\n\n');
}

/** @param {string} folder @param {string} library */
function noticeOf(folder, library) {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)(\.\w+)?$/i.test(name)).sort();
  if (files.length) return files.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
  const text = ['stb_image.h', 'arm/neon.h'].map((header) => join(folder, header)).find(existsSync);
  // stb's licence is its last comment, SIMDe's its first.
  const notice = text && readFileSync(text, 'utf8').match(/This software is available under 2 licenses[\s\S]*(?=\*\/\s*$)|SPDX-License-Identifier[\s\S]*?(?=\*\/)/);
  if (!notice) throw new SetupError(`There is no licence text for ${library}; dist/ cannot be published without it.`);
  return notice[0];
}
