/** The builder's journal from outside (docs/formats/journal.md): reading it, and appending to it. */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';

const FIRST_LINE = 'doppel journal\n', MARK = 'rec\n', HEAD = 48;

export const sha256 = (/** @type {(Buffer | string)[]} */ ...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The record of every key, in hex. @param {string} path */
export function readJournal(path) {
  const bytes = readFileSync(path);
  const end = bytes.indexOf('\n', FIRST_LINE.length);
  const context = bytes.subarray(FIRST_LINE.length, end).toString();
  /** @type {Map<string, Buffer>} */
  const records = new Map();
  for (let at = end + 1; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    records.set(bytes.subarray(at + 8, at + 40).toString('hex'), bytes.subarray(at + HEAD, at + HEAD + length));
    at += HEAD + length;
  }
  return { context, records };
}

/** @param {string} path @param {string} context @param {{key: Buffer, record: Buffer}[]} entries */
export function appendToJournal(path, context, entries) {
  const contextHash = sha256(context);
  const parts = entries.flatMap(({ key, record }) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(record.length);
    return [Buffer.from(MARK), length, key, sha256(contextHash, length, key, record).subarray(0, 8), record];
  });
  appendFileSync(path, Buffer.concat(parts));
}
