/** The dev server: right types, nothing outside its folders, a free port. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { root } from '../places.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'doppel-serve-'));
const [first, second] = [join(scratch, 'first'), join(scratch, 'second')];
/** @type {import('node:child_process').ChildProcess[]} */
const servers = [];
let address = '';
const css = 'p { color: red } '.repeat(100);

before(async () => {
  mkdirSync(join(first, 'inside'), { recursive: true });
  mkdirSync(second);
  writeFileSync(join(scratch, 'secret.txt'), 'secret');
  writeFileSync(join(first, 'index.html'), 'first');
  writeFileSync(join(first, 'inside/index.html'), 'inside');
  writeFileSync(join(second, 'index.html'), 'second');
  writeFileSync(join(second, 'only here.mjs'), 'export {};');
  for (const name of ['a.wasm', 'a.json', 'a.safetensors.gz', 'a.jpg', 'a.css', 'a.svg', 'a.unknown']) {
    writeFileSync(join(second, name), 'x');
  }
  writeFileSync(join(first, 'style.css'), css);
  writeFileSync(join(first, 'style.css.br'), brotliCompressSync(css));
  writeFileSync(join(first, 'style.css.gz'), gzipSync(css));
  writeFileSync(join(first, 'old.js'), 'new');
  writeFileSync(join(first, 'old.js.gz'), gzipSync('old'));
  utimesSync(join(first, 'old.js.gz'), 1, 1);
  writeFileSync(join(first, 'leading.js'), 'here');
  symlinkSync(join(scratch, 'secret.txt'), join(first, 'leading.js.br'));
  symlinkSync(join(scratch, 'secret.txt'), join(first, 'link.txt'));
  address = await start('--port', '0');
});

after(() => {
  for (const server of servers) server.kill();
  rmSync(scratch, { recursive: true });
});

/** Starts a server on both folders and returns its address. @param {string[]} options @returns {Promise<string>} */
function start(...options) {
  const server = spawn(process.execPath, [join(root, 'tools/serve.mjs'), first, second, ...options]);
  servers.push(server);
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (/** @type {Buffer} */ text) => {
      said += text;
      const found = said.match(/http:\S+/);
      if (found) resolve(found[0]);
    };
    server.stdout.on('data', listen);
    server.stderr.on('data', listen);
    server.on('exit', () => reject(new Error(said)));
  });
}

/** A request whose path is sent as it is; fetch would tidy it up. @param {string} path @param {string} [method] @param {Record<string, string>} [headers] */
function ask(path, method = 'GET', headers = {}) {
  const { hostname, port } = new URL(address);
  return new Promise((/** @type {(answer: {status: number, headers: import('node:http').IncomingHttpHeaders, text: string, bytes: Buffer}) => void} */ resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      /** @type {Buffer[]} */
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: bytes.toString(), bytes });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the dev server', () => {
  it('lets the first folder win and finds the rest in the second', async () => {
    assert.equal((await ask('/')).text, 'first');
    assert.equal((await ask('/only%20here.mjs')).status, 200);
  });

  it('names the type of every kind of file', async () => {
    const types = { 'a.wasm': 'application/wasm', 'a.json': 'application/json', 'a.safetensors.gz': 'application/gzip' };
    for (const [name, type] of Object.entries(types)) assert.equal((await ask(`/${name}`)).headers['content-type'], type);
    assert.match(String((await ask('/only%20here.mjs')).headers['content-type']), /^text\/javascript/);
    assert.match(String((await ask('/')).headers['content-type']), /^text\/html/);
    assert.equal((await ask('/a.unknown')).headers['content-type'], 'application/octet-stream');
    assert.equal((await ask('/a.safetensors.gz')).headers['content-encoding'], undefined);
  });

  it('serves nothing outside its folders', async () => {
    const attempts = ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/inside/../../secret.txt', '/link.txt', '//etc/passwd'];
    for (const path of attempts) assert.equal((await ask(path)).status, 404, path);
    for (const path of ['/%00', '/%', '/%ff%']) assert.equal((await ask(path)).status, 400, path);
  });

  it('sends folders to their slash, answers HEAD, refuses the rest', async () => {
    const moved = await ask('/inside');
    assert.equal(moved.status, 301);
    assert.equal(moved.headers.location, './inside/');
    assert.equal((await ask('/inside/')).text, 'inside');
    assert.equal((await ask('/', 'HEAD')).text, '');
    assert.equal((await ask('/', 'POST')).status, 405);
    assert.equal((await ask('/nothing.js')).status, 404);
  });

  it('sends the packed twin of a file to those who accept it', async () => {
    const accepting = (/** @type {string} */ encodings, method = 'GET') => ask('/style.css', method, { 'accept-encoding': encodings });
    for (const [encodings, encoding] of Object.entries({
      'gzip, deflate, br': 'br',
      'br;q=0, gzip;q=0.5': 'gzip',
      'GZIP': 'gzip',
      '*': 'br',
      'identity': undefined,
      'br;q=0.0, *;q=0': undefined,
      '': undefined,
    })) {
      const { headers, bytes } = await accepting(encodings);
      const unpack = { br: brotliDecompressSync, gzip: gunzipSync }[encoding ?? ''] ?? ((/** @type {Buffer} */ same) => same);
      assert.equal(unpack(bytes).toString(), css, encodings);
      assert.equal(headers['content-encoding'], encoding, encodings);
      assert.equal(Number(headers['content-length']), bytes.length);
      assert.equal(headers.vary, 'Accept-Encoding', 'also where the file itself is sent');
      assert.equal(headers['content-type'], 'text/css; charset=utf-8');
      const head = await accepting(encodings, 'HEAD');
      assert.deepEqual([head.bytes.length, head.headers['content-encoding'], head.headers['content-length']], [0, encoding, headers['content-length']]);
      const same = await ask('/style.css', 'GET', { 'accept-encoding': encodings, 'if-none-match': String(headers.etag) });
      assert.deepEqual([same.status, same.headers.vary], [304, 'Accept-Encoding']);
    }
    const tags = await Promise.all(['br', 'gzip', ''].map(async (encodings) => (await accepting(encodings)).headers.etag));
    assert.equal(new Set(tags).size, 3, 'each has an ETag of its own');
  });

  it('packs nothing twice, answers ranges with the whole, and takes no twin that is older or a link', async () => {
    const headers = { 'accept-encoding': 'gzip, br' };
    const twin = await ask('/style.css.gz', 'GET', headers);
    assert.deepEqual([twin.headers['content-encoding'], twin.headers['content-type'], twin.headers.vary], [undefined, 'application/gzip', undefined]);
    assert.equal(gunzipSync(twin.bytes).toString(), css);
    assert.equal((await ask('/style.css', 'GET', { range: 'bytes=0-9' })).text, css);
    assert.equal((await ask('/style.css', 'GET', { range: 'bytes=0-9' })).status, 200);
    assert.deepEqual([(await ask('/old.js', 'GET', headers)).text, (await ask('/leading.js', 'GET', headers)).text], ['new', 'here']);
    assert.equal((await ask('/', 'GET', headers)).headers.vary, undefined, 'a file without twins');
  });

  it('says so when the port it was given is taken, and finds a free one when it was given none', async () => {
    const { port } = new URL(address);
    await assert.rejects(start('--port', port), /EADDRINUSE/);
    const [one, other] = [await start(), await start()];
    assert.notEqual(new URL(one).port, new URL(other).port);
    await assert.rejects(start('--port', 'eighty'), /A port is a number/);
  });
});
