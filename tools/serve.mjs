/**
 * The dev server: files of one or more folders on this machine, as a static host would serve them.
 *
 *   node tools/serve.mjs [FOLDER…] [--port N] [--host NAME]
 *
 * Where folders hold the same path, the first one wins.
 * NAME.br or NAME.gz beside NAME is sent in its place to whoever accepts it, as nginx and Caddy can.
 */
import { createReadStream } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.txt': 'text/plain; charset=utf-8',
  '.gz': 'application/gzip', // not Content-Encoding: the page unpacks it itself
};

/** Packed twins of a file by their ending, the better one first. */
const ENCODINGS = { '.br': 'br', '.gz': 'gzip' };

const FIRST_PORT = 8080;
const PORTS_TRIED = 50;

/**
 * Serves until the process ends. Returns the address.
 * @param {{roots: string[], port?: number, host?: string}} options without a port, the first free one
 *   from 8080 on
 */
export async function serve({ roots, port, host = 'localhost' }) {
  const folders = await Promise.all(roots.map((root) => realpath(root)));
  const server = createServer((request, response) => {
    answer(folders, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' });
      response.end('500 The file could not be read.\n');
    });
  });
  const taken = await listen(server, host, port);
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}/`;
}

/** @param {import('node:http').Server} server @param {string} host @param {number} [wanted] @returns {Promise<number>} */
async function listen(server, host, wanted) {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 0 && wanted < 65536)) {
    throw new RangeError(`A port is a number from 0 to 65535, not ${wanted}.`);
  }
  const ports = wanted === undefined ? Array.from({ length: PORTS_TRIED }, (_, i) => FIRST_PORT + i) : [wanted];
  for (const port of ports) {
    const taken = await new Promise((settle, fail) => {
      const busy = (/** @type {NodeJS.ErrnoException} */ error) =>
        error.code === 'EADDRINUSE' && wanted === undefined ? settle(undefined) : fail(error);
      server.once('error', busy);
      server.listen(port, host, () => {
        server.removeListener('error', busy);
        settle(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
      });
    });
    if (taken !== undefined) return taken;
  }
  throw new Error(`All ports from ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1} are taken; choose one with --port.`);
}

/**
 * @param {string[]} folders
 * @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response
 */
async function answer(folders, request, response) {
  /** @type {Record<string, string>} */
  const headers = { 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' };
  const refuse = (/** @type {number} */ status, /** @type {string} */ sentence) => {
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(`${status} ${sentence}\n`);
  };

  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Only GET and HEAD are answered here.');
  const path = pathOf(request.url ?? '/');
  if (path === undefined) return refuse(400, 'This is not a usable address.');
  const file = await findFile(folders, path);
  if (!file) return refuse(404, 'There is no such file here.');
  if (file.isFolder) {
    response.writeHead(301, { ...headers, Location: `./${path.split('/').pop()}/` });
    return response.end();
  }
  const twins = await twinsOf(file);
  const twin = twins.find(({ encoding }) => accepts(request.headers['accept-encoding'], encoding));
  const sent = twin ?? file;
  if (twins.length) headers.Vary = 'Accept-Encoding';
  if (twin) headers['Content-Encoding'] = twin.encoding;
  headers.ETag = `"${sent.size.toString(16)}-${Math.round(sent.modified).toString(16)}${twin ? `-${twin.encoding}` : ''}"`;
  if (request.headers['if-none-match'] === headers.ETag) {
    response.writeHead(304, headers);
    return response.end();
  }
  response.writeHead(200, {
    ...headers,
    'Content-Type': TYPES[extname(file.path).toLowerCase()] ?? 'application/octet-stream',
    'Content-Length': sent.size,
  });
  if (request.method === 'HEAD') return response.end();
  const stream = createReadStream(sent.path);
  stream.on('error', () => response.destroy());
  stream.pipe(response);
}

/**
 * The packed twins that lie beside a file. One that is older than the file was made of other contents.
 * @param {{path: string, modified: number}} file
 * @returns {Promise<{path: string, size: number, modified: number, encoding: string}[]>}
 */
async function twinsOf({ path, modified }) {
  const twins = await Promise.all(
    Object.entries(ENCODINGS).map(async ([ending, encoding]) => {
      const found = await lstat(path + ending).catch(() => undefined);
      if (!found?.isFile() || found.mtimeMs < modified) return [];
      return [{ path: path + ending, size: found.size, modified: found.mtimeMs, encoding }];
    }),
  );
  return twins.flat();
}

/** @param {string | undefined} header as "br, gzip;q=0.5, *;q=0" @param {string} encoding */
function accepts(header = '', encoding) {
  const wishes = header.split(',').map((wish) => wish.toLowerCase().split(';').map((part) => part.trim()));
  const wish = wishes.find(([name]) => name === encoding) ?? wishes.find(([name]) => name === '*');
  return wish !== undefined && !wish.slice(1).some((part) => /^q=0(\.0*)?$/.test(part));
}

/** The path inside the folders, or undefined where the address is broken. @param {string} url */
function pathOf(url) {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0]);
    return path.includes('\0') || !path.startsWith('/') ? undefined : path;
  } catch {
    return undefined;
  }
}

/**
 * Only what really lies inside one of the folders is found, wherever ".." or links may point.
 * @param {string[]} folders @param {string} path
 * @returns {Promise<{path: string, size: number, modified: number, isFolder: boolean} | undefined>}
 */
async function findFile(folders, path) {
  for (const folder of folders) {
    try {
      const real = await realpath(join(folder, path.endsWith('/') ? `${path}index.html` : path));
      if (!real.startsWith(folder + sep)) continue;
      const found = await stat(real);
      if (found.isFile() || found.isDirectory()) {
        return { path: real, size: found.size, modified: found.mtimeMs, isFolder: found.isDirectory() };
      }
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, host: { type: 'string' } },
  });
  const roots = positionals.length ? positionals : [fileURLToPath(new URL('../dist', import.meta.url))];
  const port = values.port === undefined ? undefined : Number(values.port);
  try {
    console.log(`Serving ${roots.join(', ')} at ${await serve({ roots, port, host: values.host })}`);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(1);
  }
}
