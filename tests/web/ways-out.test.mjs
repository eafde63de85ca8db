/**
 * Nothing leaves the worker, even with hostile code in it, and nothing leaves the page for another host: code is put into
 * both, tries every way that ways-out.mjs knows, and two hosts count what arrives. No headers are sent.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { demoPhotos, dist } from '../places.mjs';
import { run, until } from './engines.mjs';
import { inEachEngine, match, ready, scriptFirst, test, watchingWorkers } from './visit.mjs';
import { headersOf } from '../../tools/setup/headers.mjs';
import { NAVIGATION, PAGE_WAYS, WORKER_WAYS, trying } from './ways-out.mjs';

/** What arrived at the other host: its own words for it, over TCP or UDP. @type {string[]} */
const arrivals = [];
const other = createServer((request, response) => {
  arrivals.push(`${request.method} ${request.url}`);
  response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/javascript' }).end('1');
});
other.on('upgrade', (request, socket) => void (arrivals.push(`upgrade ${request.url}`), socket.destroy()));
const datagrams = createSocket('udp4', () => arrivals.push('a datagram'));
let origin = '';
before(async () => {
  await new Promise((done) => other.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
  await new Promise((done) => datagrams.bind(port, '127.0.0.1', () => done(undefined)));
  origin = `http://127.0.0.1:${port}/`;
});
after(() => {
  other.closeAllConnections();
  other.close();
  datagrams.close();
});

const lowerCased = (/** @type {Record<string, string>} */ headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** In the page: keeps what a worker reports. */
const listening = watchingWorkers(`(Plain) => class extends Plain {
  constructor(...parameters) {
    super(...parameters);
    this.addEventListener('message', ({ data }) => { if (data.report) window.report = data.report; });
  }
}`);
const report = '(report) => self.postMessage({ report })';
/** Own addresses, as seen from the worker, whose own is that of a Blob. */
const ownAddress = "' + self.location.origin + '/some/where/doppel/app.js";
const hostile = () => `(() => {${WORKER_WAYS}${trying('OWN', origin, report).replace('"OWN"', `'${ownAddress}'`)}})();`;

const leaks = (/** @type {import('./visit.mjs').Site} */ site) => site.seen.map(({ path }) => path).filter((path) => path.includes('leak'));

/**
 * What succeeds before guard.js has run, and reaches no host: storage and messages to other tabs, which the policy does not
 * cover; a worker of the worker, under the same policy.
 */
const HERE = ['indexedDB', 'navigator.storage', 'navigator.locks', 'cookieStore', 'BroadcastChannel', 'caches.add', 'a filter of a canvas', 'Notification', 'Worker of a Blob'];

inEachEngine('hostile code', (visit) => {
  for (const place of /** @type {const} */ (['first', 'last']))
    test(`as the worker's ${place} statement reaches no host`, async () => {
      arrivals.length = 0;
      const put = (/** @type {Buffer} */ bytes) => (place === 'first' ? `${hostile()}\n${bytes}` : `${bytes}\n${hostile()}`);
      const { page, site } = await visit({ change: { 'engine-worker.js': put, ...scriptFirst(listening) } });
      const { worked } = await until(page, 'the report', () => /** @type {any} */ (window).report);
      if (place === 'last') {
        await ready(page);
        await match(page, demoPhotos[0]);
      }
      assert.deepEqual(leaks(site), [], 'at its own host');
      assert.deepEqual(arrivals, [], 'at another');
      assert.deepEqual(worked.filter((/** @type {string} */ name) => place === 'last' ? name !== 'a filter of a canvas' : !HERE.includes(name)), []);
    });

  const attack = (/** @type {string} */ ways) => ({
    'app.js': (/** @type {Buffer} */ bytes) => `${bytes}
window.attack = () => {${ways}${trying('./', origin, '(report) => (window.report = report)')}};`,
  });

  test('in the page itself, after it has loaded, reaches no other host', async () => {
    arrivals.length = 0;
    const { page } = await visit({ change: attack(PAGE_WAYS) });
    await ready(page);
    await page.evaluate('void window.attack()');
    await until(page, 'the report', () => /** @type {any} */ (window).report);
    await new Promise((done) => setTimeout(done, 1000));
    assert.deepEqual(arrivals, []);
  });

  test('in the page itself does not lead it to another host', async (t) => {
    arrivals.length = 0;
    const { page } = await visit({ change: attack(NAVIGATION) });
    await ready(page);
    if (!(await run(page, () => 'navigation' in window))) return t.skip('SKIPPED: this browser has no Navigation API');
    await page.evaluate('void window.attack()');
    await new Promise((done) => setTimeout(done, 1500));
    assert.deepEqual(arrivals, []);
    assert.equal((await match(page, demoPhotos[0]))[0].rank, 1);
  });

  test('has no page to frame, and the page works, where the host sends the headers of dist/_headers', async () => {
    const { page } = await visit({ headers: lowerCased(headersOf(readFileSync(join(dist, 'index.html'), 'utf8'))) });
    await ready(page);
    assert.equal((await match(page, demoPhotos[0]))[0].rank, 1);
  });

  test('is seen by these tests: where neither page nor frame has a policy, things arrive', async () => {
    arrivals.length = 0;
    const unguarded = (/** @type {Buffer} */ bytes) => bytes.toString().replace(/<meta http-equiv="Content-Security-Policy".*>/, '');
    const loose = (/** @type {Buffer} */ bytes) => bytes.toString().replace(/var policy = .*/, 'var policy = "";');
    await visit({ change: { 'index.html': unguarded, 'app.js': loose, 'engine-worker.js': (bytes) => `${hostile()}
${bytes}` } });
    for (let tries = 0; tries < 200 && !arrivals.length; tries++) await new Promise((done) => setTimeout(done, 50));
    assert.ok(arrivals.length > 0);
  });
});
