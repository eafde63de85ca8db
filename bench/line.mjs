/**
 * A host behind a line of so many bits a second and such a round trip: in front of a site, packs with gzip what is not
 * packed yet, as static hosts do, and counts what it sends. A new connection costs a round trip, every request another;
 * all answers share the line. Neither TLS nor TCP's slow start is played.
 */
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

const CHUNK = 16 << 10;

/**
 * @param {string} origin of the site @param {{bitsPerSecond?: number, roundTrip?: number}} [line] round trip in milliseconds
 */
export async function openLine(origin, { bitsPerSecond = Infinity, roundTrip = 0 } = {}) {
  /** What was asked for since `forget`, and the bytes of its body as sent. @type {{path: string, bytes: number}[]} */
  let sent = [];
  /** @type {Map<string, Promise<Answer>>} */
  const answers = new Map();
  const known = new WeakSet(); // connections
  let freeAt = 0; // when the line has sent what was given to it

  async function trickle(/** @type {import('node:http').ServerResponse} */ response, /** @type {Buffer} */ body) {
    for (let at = 0; at < body.length; at += CHUNK) {
      const part = body.subarray(at, at + CHUNK);
      freeAt = Math.max(freeAt, performance.now()) + (part.length * 8000) / bitsPerSecond;
      await until(freeAt);
      response.write(part);
    }
  }

  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    const isNew = !known.has(request.socket);
    known.add(request.socket);
    await until(performance.now() + (isNew ? 2 : 1) * roundTrip);
    if (!answers.has(path)) answers.set(path, fetched(origin + path));
    const { status, headers, body } = await /** @type {Promise<Answer>} */ (answers.get(path));
    sent.push({ path, bytes: body.length });
    response.writeHead(status, headers);
    if (bitsPerSecond === Infinity) response.write(body);
    else await trickle(response, body);
    response.end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    sent: () => sent,
    forget: () => (sent = []),
    async close() {
      const ended = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await ended;
    },
  };
}

/** @typedef {{status: number, headers: Record<string, string | number>, body: Buffer}} Answer */

/** @param {string} url @returns {Promise<Answer>} */
async function fetched(url) {
  const response = await fetch(url);
  const plain = Buffer.from(await response.arrayBuffer());
  const packed = gzipSync(plain, { level: 9 });
  const isWorthIt = packed.length < 0.9 * plain.length;
  const body = isWorthIt ? packed : plain;
  return {
    status: response.status,
    headers: {
      'content-type': response.headers.get('content-type') ?? 'application/octet-stream',
      'content-length': body.length,
      ...(isWorthIt ? { 'content-encoding': 'gzip' } : {}),
    },
    body,
  };
}

/** @param {number} moment of performance.now() */
const until = (moment) => (moment > performance.now() ? new Promise((done) => setTimeout(done, moment - performance.now())) : undefined);
