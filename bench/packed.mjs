/** What gzip and brotli save, for each kind of file in a served folder: whether a packed twin is worth its place. */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { PACKERS, isNotTried } from '../tools/setup/precompress.mjs';

/** @returns {{kind: string, files: number, bytes: number, saved: Record<string, number>, twins: boolean}[]} saved: shares of the bytes */
export function packedSizes(/** @type {string} */ folder) {
  /** @type {Map<string, string[]>} */
  const kinds = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (!entry.isFile() || entry.name.startsWith('.') || isTwin(path)) continue;
    const kind = kindOf(path);
    kinds.set(kind, [...(kinds.get(kind) ?? []), path]);
  }
  return [...kinds].map(([kind, paths]) => {
    const contents = paths.map((path) => readFileSync(path));
    const bytes = sum(contents.map(({ length }) => length));
    const saved = Object.entries(PACKERS).map(([ending, pack]) => [ending, 1 - sum(contents.map((content) => pack(content).length)) / bytes]);
    return { kind, files: paths.length, bytes, saved: Object.fromEntries(saved), twins: !isNotTried(paths[0]) };
  });
}

export function packedTable(/** @type {ReturnType<typeof packedSizes>} */ rows) {
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`.padStart(8);
  const line = (/** @type {string[]} */ cells) => cells[0].padEnd(28) + cells.slice(1).map((cell) => cell.padStart(12)).join('');
  return [
    line(['kind', 'files', 'kB', 'gzip saves', 'brotli', 'twins']),
    ...rows.map(({ kind, files, bytes, saved, twins }) =>
      line([kind, String(files), (bytes / 1000).toFixed(1), percent(saved['.gz']), percent(saved['.br']), twins ? 'tried' : 'no']),
    ),
  ].join('\n');
}

/** `npm run build` has put it there. */
const isTwin = (/** @type {string} */ path) => /\.(gz|br)$/.test(path) && !path.endsWith('.safetensors.gz');

const kindOf = (/** @type {string} */ path) => {
  const listed = basename(path).match(/^(.+?)(-\d{4})?\.[0-9a-f]{8}(\..+)$/);
  if (!listed) return extname(path) || basename(path);
  return listed[2] ? `${listed[1]}-0000${listed[3]}` : `*${listed[3]}`;
};

const sum = (/** @type {number[]} */ numbers) => numbers.reduce((a, b) => a + b, 0);
