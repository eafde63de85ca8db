/**
 * A static host for tests and the bench: serves folders under any sub path, remembers every request, can put a script
 * in front of a page or a worker (the only way that works alike in all engines), and can be cut off.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
};

/**
 * @typedef {{method: string, path: string, status: number, body: Buffer, headers: import('node:http').IncomingHttpHeaders}} Seen
 * @typedef {(bytes: Buffer, path: string, mounts: Record<string, string>) => Buffer | string | number | {bytes: Buffer, cutAt?: number, stallAt?: number, headers?: Record<string, string>} | undefined} Change  a
 *   number is an HTTP status instead, 0 a connection that breaks, −1 one that is never answered; `cutAt` and `stallAt`: it
 *   breaks, or nothing more comes, after so many bytes; nothing: the file as it is
 */

/** A page that runs whatever its host serves. @template T @param {T} page */
const withoutIntegrity = (page) =>
  typeof page === 'string' || Buffer.isBuffer(page) ? page.toString().replace(/ integrity="[^"]*"/g, '').replace(/<meta name="doppel-integrity".*>/, '') : page;

/**
 * @param {Record<string, string>} mounts  URL prefix, as '/some/path/', to folder; the longest prefix wins. May be changed
 *   while it is served
 * @param {{change?: Record<string, Change>, hold?: string[], together?: string[], headers?: Record<string, string>, checked?: boolean}} [options]
 *   by the end of the path: what is served instead of a file, which files are held back until `release`, and which until
 *   all of these are asked for; headers of every answer; checked: index.html says which sha256 its files have even where
 *   `change` puts other ones in their place
 */
export async function openSite(mounts, { change = {}, hold = [], together = [], headers = {}, checked = false } = {}) {
  /** @type {Seen[]} */
  const seen = [];
  let release = () => {};
  const released = new Promise((done) => (release = () => done(undefined)));
  const missing = new Set(together);
  let complete = () => {};
  const completed = new Promise((done) => (complete = () => done(undefined)));

  const changesFiles = Object.keys(change).some((end) => /\.(js|css|wasm)$/.test(end));

  /** @returns {Promise<{status: number, bytes?: Buffer | string, type?: string, cutAt?: number, stallAt?: number, headers?: Record<string, string>}>} */
  async function answer(/** @type {string} */ path) {
    const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
    const prefix = prefixes.find((p) => path.startsWith(p));
    if (!prefix) return { status: 404 };
    let inside = normalize(path.slice(prefix.length) || 'index.html');
    if (inside.startsWith('..') || inside.startsWith(sep)) return { status: 404 };
    let file = join(mounts[prefix], inside);
    if ((await stat(file).catch(() => null))?.isDirectory()) file = join(file, 'index.html');
    const original = await readFile(file).catch(() => null);
    const whole = path.endsWith('/') ? `${path}index.html` : path;
    const changing = Object.entries(change).find(([end]) => whole.endsWith(end) || (/-0000$/.test(end) && whole.includes(end)))?.[1];
    const given = changing?.(original ?? Buffer.alloc(0), whole, mounts) ?? original;
    const changed = given !== null && whole.endsWith('index.html') && changesFiles && !checked ? withoutIntegrity(given) : given;
    if (changed === null) return { status: 404 };
    if (typeof changed === 'number') return { status: changed };
    const type = TYPES[/** @type {keyof TYPES} */ (extname(file))];
    return { status: 200, type, ...(typeof changed === 'object' && 'bytes' in changed ? changed : { bytes: changed }) };
  }

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const parts = [];
    for await (const part of request) parts.push(part);
    const { status: found, bytes, type, cutAt, stallAt, headers: own } = await answer(path);
    const etag = `"${createHash('sha256').update(bytes ?? '').digest('hex').slice(0, 16)}"`;
    const status = found === 200 && request.headers['if-none-match'] === etag ? 304 : found;
    if (hold.some((end) => path.endsWith(end))) await released;
    for (const end of together) if (path.endsWith(end)) missing.delete(end);
    if (!missing.size) complete();
    if (together.some((end) => path.endsWith(end))) await completed;
    seen.push({
      method: request.method ?? '',
      path: request.url ?? '',
      status,
      body: Buffer.concat(parts),
      headers: request.headers,
    });
    if (!status) return void request.socket.destroy();
    if (status < 0) return; // until the browser gives up, or the host is closed
    const size = bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) };
    if (status === 304) return void response.writeHead(304, { 'cache-control': 'no-store', ...headers, etag }).end();
    response.writeHead(status, { 'content-type': type ?? 'application/octet-stream', 'cache-control': 'no-store', etag, ...headers, ...own, ...size });
    if (stallAt !== undefined) return void response.write(/** @type {Buffer} */ (bytes).subarray(0, stallAt));
    if (cutAt === undefined) return void response.end(bytes);
    response.write(/** @type {Buffer} */ (bytes).subarray(0, cutAt), () => request.socket.destroy());
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  server.unref(); // a host that a test forgets does not keep the process
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    /** Lets go what was held back. */
    release: () => release(),
    /** Takes the host off the network: open connections end, new ones are refused. */
    async cut() {
      if (!server.listening) return;
      const ended = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await ended;
    },
    async close() {
      await this.cut();
    },
  };
}
