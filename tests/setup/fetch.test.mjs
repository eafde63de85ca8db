/** Downloads from a host of our own that behaves as hosts do: redirects, breaks off, changes its mind, says nothing. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { cachedFile, fetchFile, keepFile, recentFailure } from '../../tools/setup/fetch.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'doppel-fetch-'));
const downloads = join(scratch, 'doppel/downloads');
const cacheBefore = process.env.XDG_CACHE_HOME;
const sha256 = (/** @type {Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest('hex');

const file = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
const wanted = { name: 'network.onnx', sha256: sha256(file) };

/** @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void} Answer */

/** What the host does next. @type {Answer} */
let answer;
/** Headers of what was asked, in order. @type {import('node:http').IncomingHttpHeaders[]} */
let asked = [];
const host = createServer((request, response) => {
  asked.push(request.headers);
  answer(request, response);
});
let origin = '';

before(async () => {
  process.env.XDG_CACHE_HOME = scratch;
  await new Promise((done) => host.listen(0, '127.0.0.1', () => done(undefined)));
  origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (host.address()).port}`;
});
beforeEach(() => {
  asked = [];
  rmSync(downloads, { recursive: true, force: true });
});
after(() => {
  host.closeAllConnections();
  host.close();
  if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheBefore;
  rmSync(scratch, { recursive: true });
});

/** A whole file, or the part that is asked for. @param {{tag?: string, bytes?: Buffer, ranges?: boolean}} [options] @returns {Answer} */
const serving = ({ tag = '"one"', bytes = file, ranges = true } = {}) => (request, response) => {
  const from = Number(request.headers.range?.match(/bytes=(\d+)-/)?.[1] ?? 0);
  if (ranges && from && request.headers['if-range'] === tag) {
    response.writeHead(206, { ETag: tag, 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
    return response.end(bytes.subarray(from));
  }
  response.writeHead(200, { ETag: tag, 'Content-Length': bytes.length });
  response.end(bytes);
};

/** Sends the beginning and then cuts the connection. @param {number} bytes @returns {Answer} */
const breakingOff = (bytes, tag = '"one"') => (request, response) => {
  response.writeHead(200, { ETag: tag, 'Content-Length': file.length });
  response.write(file.subarray(0, bytes), () => setTimeout(() => response.destroy(), 50));
};

const get = (path = '/network.onnx', more = {}) => fetchFile(origin + path, { ...wanted, patience: 2, ...more });
const parts = () => readdirSync(downloads).filter((name) => name.includes('.part'));

describe('a download', () => {
  it('arrives whole, and the second time nobody is asked', async () => {
    answer = serving();
    /** @type {string[]} */
    const said = [];
    const { path } = await get(undefined, { progress: (/** @type {string} */ detail) => said.push(detail) });
    assert.deepEqual(readFileSync(path), file);
    assert.match(said.at(-1) ?? '', /0\.3 MB of 0\.3 MB/);
    assert.equal((await get()).path, path);
    assert.equal(asked.length, 1);
    assert.deepEqual(parts(), []);
  });

  it('follows redirects', async () => {
    answer = (request, response) => {
      if (request.url === '/moved') return serving()(request, response);
      response.writeHead(302, { Location: '/moved' }).end();
    };
    assert.deepEqual(readFileSync((await get()).path), file);
  });

  it('goes on where it broke off', async () => {
    answer = breakingOff(100_000);
    await assert.rejects(get(), /cannot be reached: .* 0\.1 MB are kept; the next try goes on from there\./);
    answer = serving();
    assert.deepEqual(readFileSync((await get()).path), file);
    assert.equal(asked[1].range, 'bytes=100000-');
    assert.equal(asked[1]['if-range'], '"one"');
  });

  it('begins anew where the server knows no ranges', async () => {
    answer = breakingOff(100_000);
    await assert.rejects(get());
    answer = serving({ ranges: false });
    assert.deepEqual(readFileSync((await get()).path), file);
  });

  it('begins anew where the file is another one by now', async () => {
    answer = breakingOff(100_000, '"old"');
    await assert.rejects(get());
    answer = serving({ tag: '"new"' });
    assert.deepEqual(readFileSync((await get()).path), file);
  });

  it('begins anew where a server sends a part of another version, or of another place', async () => {
    for (const headers of [{ ETag: '"new"', 'Content-Range': `bytes 100000-299999/300000` }, { ETag: '"one"', 'Content-Range': `bytes 0-299999/300000` }]) {
      answer = breakingOff(100_000);
      await assert.rejects(get());
      answer = (request, response) => (request.headers.range ? void response.writeHead(206, headers).end('nonsense') : serving()(request, response));
      assert.deepEqual(readFileSync((await get()).path), file);
      rmSync(downloads, { recursive: true });
    }
  });

  it('begins anew where the server refuses the range', async () => {
    answer = breakingOff(100_000);
    await assert.rejects(get());
    answer = (request, response) => (request.headers.range ? void response.writeHead(416).end() : serving()(request, response));
    assert.deepEqual(readFileSync((await get()).path), file);
  });

  it('is thrown away where its sha256 is wrong', async () => {
    answer = serving({ bytes: Buffer.from('something else') });
    await assert.rejects(get(), /gave another file than the catalogue pins: its sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}\. It was thrown away\./);
    assert.deepEqual(parts(), []);
    assert.equal(cachedFile(wanted.sha256, wanted.name), undefined);
  });

  it('without a known sha256 is taken as it is, and kept under the one it has', async () => {
    answer = serving();
    const { path, sha256: found } = await get(undefined, { sha256: null });
    assert.equal(found, wanted.sha256);
    assert.equal(path, cachedFile(found, wanted.name));
  });

  it('is made once when two ask at the same time', async () => {
    answer = serving();
    const [one, other] = await Promise.all([get(), get()]);
    assert.equal(one.path, other.path);
    assert.equal(asked.length, 1);
  });
});

describe('a download that fails', () => {
  it('says which status came instead', async () => {
    answer = (request, response) => void response.writeHead(404, 'Not Found').end('<html>');
    await assert.rejects(get(), /network\.onnx answered 404 Not Found instead of sending the file\./);
    assert.deepEqual(parts(), []);
  });

  it('does not wait for a host that says nothing, or stops in the middle', async () => {
    answer = () => {};
    await assert.rejects(get(undefined, { patience: 0.2 }), /did not answer for 0\.2 s\./);
    answer = (request, response) => {
      response.writeHead(200, { ETag: '"one"', 'Content-Length': file.length });
      response.write(file.subarray(0, 50_000));
    };
    await assert.rejects(get(undefined, { patience: 0.2 }), /did not answer for 0\.2 s\. 0\.1 MB are kept/);
    answer = serving();
    assert.deepEqual(readFileSync((await get()).path), file);
  });

  it('says so without a network', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => nobody.once('listening', done));
    const { port } = /** @type {import('node:net').AddressInfo} */ (nobody.address());
    await new Promise((done) => nobody.close(done));
    await assert.rejects(fetchFile(`http://127.0.0.1:${port}/a`, { ...wanted, patience: 2 }), /cannot be reached: ECONNREFUSED\./);
    await assert.rejects(fetchFile('http://no-such-host.invalid/a', { ...wanted, patience: 2 }), /cannot be reached: \S+\.|did not answer/);
  });

  it('is remembered for an hour, and forgotten when it succeeds', async () => {
    const address = `${origin}/network.onnx`;
    assert.equal(recentFailure(address), undefined);
    answer = (request, response) => void response.writeHead(503).end();
    await assert.rejects(get());
    assert.match(recentFailure(address) ?? '', /503/);
    answer = serving();
    await get();
    assert.equal(recentFailure(address), undefined);
  });
});

describe('a file of this machine', () => {
  it('is kept under its sha256, and refused where it is another one', async () => {
    answer = serving();
    const { path } = await get();
    await assert.rejects(keepFile(path, '0'.repeat(64), 'other.onnx'), /is not the file that the catalogue pins/);
    const kept = await keepFile(path, wanted.sha256, 'copy.onnx');
    assert.ok(existsSync(kept.path));
    assert.equal(cachedFile(wanted.sha256, 'copy.onnx'), kept.path);
  });
});
