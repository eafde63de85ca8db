/**
 * Every way that a script could send something, for tests that put hostile code into the worker and into the page. Each way
 * is told two addresses, of the page's own host and of another one, and names itself in what it asks for.
 */

/** In a worker. The source of `ways`: each by its name, to be called with (own, other). */
export const WORKER_WAYS = `
  const blobOf = (text, type = 'text/javascript') => URL.createObjectURL(new Blob([text], { type }));
  const asks = (url) => 'fetch(' + JSON.stringify(url) + ', { mode: "no-cors" }); try { importScripts(' + JSON.stringify(url) + ') } catch {}';
  const socket = (make) => new Promise((opened, failed) => { const s = make(); s.onopen = opened; s.onerror = failed; });
  const xhr = (url, isAsync) => new Promise((loaded, failed) => {
    const x = new XMLHttpRequest();
    x.open('GET', url, isAsync);
    x.onload = loaded;
    x.onerror = failed;
    x.send();
  });
  const nested = (make) => new Promise((started, failed) => { const w = make(); w.onmessage = started; w.onerror = failed; });
  const ways = {
    'fetch own': (own) => fetch(own),
    'fetch other': (own, other) => fetch(other, { mode: 'no-cors' }),
    fetchLater: (own, other) => fetchLater(other, { activateAfter: 0 }),
    'XMLHttpRequest own': (own) => xhr(own, true),
    'XMLHttpRequest other, synchronous': (own, other) => xhr(other, false),
    WebSocket: (own, other) => socket(() => new WebSocket(other.replace('http', 'ws'))),
    WebSocketStream: (own, other) => new WebSocketStream(other.replace('http', 'ws')).opened,
    EventSource: (own) => socket(() => new EventSource(own)),
    WebTransport: (own, other) => new WebTransport(other.replace('http:', 'https:')).ready,
    RTCPeerConnection: (own, other) => new RTCPeerConnection({ iceServers: [{ urls: 'stun:' + new URL(other).host }] }).createDataChannel('x'),
    'importScripts own': (own) => importScripts(own),
    'importScripts other': (own, other) => importScripts(other),
    'importScripts of a Blob': (own) => importScripts(blobOf(asks(own))),
    'import own': (own) => import(own),
    'import other': (own, other) => import(other),
    'import JSON': (own) => import(own, { with: { type: 'json' } }),
    'import data:': (own) => import('data:text/javascript,' + encodeURIComponent(asks(own))),
    'import of a Blob': (own) => import(blobOf(asks(own))),
    'Worker own': (own) => nested(() => new Worker(own)),
    'Worker of a Blob': (own) => nested(() => new Worker(blobOf('postMessage(1);' + asks(own)))),
    'Worker of data:': (own) => nested(() => new Worker('data:text/javascript,' + encodeURIComponent('postMessage(1);' + asks(own)))),
    SharedWorker: (own) => new SharedWorker(own),
    'Worker of a module': async (own) => new ((await import(own)).hire(1)[0].constructor)(own),
    'fetch of a prototype': (own) => Object.getPrototypeOf(Object.getPrototypeOf(self)).fetch.call(self, own),
    eval: (own) => (0, eval)(asks(own)),
    'constructor of functions': (own) => (() => {}).constructor(asks(own))(),
    'constructor of asynchronous functions': (own) => (async () => {}).constructor(asks(own))(),
    'setTimeout of text': (own) => new Promise((ran, failed) => { self.ran = ran; setTimeout('self.ran();' + asks(own)); setTimeout(failed, 500); }),
    'serviceWorker.register': (own) => navigator.serviceWorker.register(own),
    sendBeacon: (own) => navigator.sendBeacon(own, 'x'),
    'caches.add': async (own) => (await caches.open('leak')).add(own),
    indexedDB: () => new Promise((opened, failed) => { const r = indexedDB.open('leak'); r.onsuccess = opened; r.onerror = failed; }),
    'navigator.storage': () => navigator.storage.getDirectory(),
    'navigator.locks': () => navigator.locks.request('leak', () => {}),
    cookieStore: () => cookieStore.set('leak', '1'),
    BroadcastChannel: () => new BroadcastChannel('leak').postMessage('x'),
    FontFace: (own) => new FontFace('leak', 'url(' + own + ')').load(),
    Notification: (own) => new Notification('leak', { icon: own }),
    'an image that refers to another': (own) => createImageBitmap(new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="' + own + '"/></svg>'], { type: 'image/svg+xml' })),
    'a filter of a canvas': (own) => {
      const context = new OffscreenCanvas(9, 9).getContext('2d');
      context.filter = 'url(' + own + '#x)';
      context.fillRect(0, 0, 9, 9);
    },
    'compileStreaming': (own) => WebAssembly.compileStreaming(fetch(own)),
  };`;

/** In the page, after it has loaded, likewise. What it may do is ask its own host. */
export const PAGE_WAYS = `
  const element = (name, attributes) => document.body.append(Object.assign(document.createElement(name), attributes));
  const style = (text) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text); document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]; };
  const blobOf = (text, type = 'text/javascript') => URL.createObjectURL(new Blob([text], { type }));
  const realm = () => [...document.querySelectorAll('iframe')].map((frame) => frame.contentWindow);
  const ways = {
    fetch: (own, other) => fetch(other, { mode: 'no-cors' }),
    'fetch of the frame': (own, other) => Promise.all(realm().map((window) => window.fetch(other, { mode: 'no-cors' }))),
    XMLHttpRequest: (own, other) => { const x = new XMLHttpRequest(); x.open('POST', other); x.send('x'); },
    WebSocket: (own, other) => new WebSocket(other.replace('http', 'ws')),
    EventSource: (own, other) => new EventSource(other),
    WebTransport: (own, other) => new WebTransport(other.replace('http:', 'https:')).ready,
    sendBeacon: (own, other) => navigator.sendBeacon(other, 'x'),
    fetchLater: (own, other) => fetchLater(other, { activateAfter: 0 }),
    import: (own, other) => import(other),
    'a script': (own, other) => element('script', { src: other }),
    'a module': (own, other) => element('script', { src: other, type: 'module' }),
    'a script in the page': (own, other) => element('script', { textContent: 'fetch(' + JSON.stringify(other) + ')' }),
    'a style sheet': (own, other) => element('link', { rel: 'stylesheet', href: other }),
    prefetch: (own, other) => element('link', { rel: 'prefetch', href: other }),
    preload: (own, other) => element('link', { rel: 'preload', as: 'image', href: other }),
    modulepreload: (own, other) => element('link', { rel: 'modulepreload', href: other }),
    icon: (own, other) => element('link', { rel: 'icon', href: other }),
    manifest: (own, other) => document.head.append(Object.assign(document.createElement('link'), { rel: 'manifest', href: other })),
    'speculation rules': (own, other) => element('script', { type: 'speculationrules', textContent: JSON.stringify({ prefetch: [{ source: 'list', urls: [other] }] }) }),
    'an image': (own, other) => (new Image().src = other),
    'a picture': (own, other) => element('img', { srcset: other + ' 1x' }),
    'CSS background': (own, other) => style('body { background: url(' + JSON.stringify(other) + ') }'),
    'CSS cursor': (own, other) => style('body { cursor: url(' + JSON.stringify(other) + '), auto }'),
    'CSS font': (own, other) => { style('@font-face { font-family: leak; src: url(' + JSON.stringify(other) + ') } p { font-family: leak }'); return document.fonts.load('9px leak'); },
    FontFace: (own, other) => new FontFace('leak', 'url(' + other + ')').load(),
    'a frame': (own, other) => element('iframe', { src: other }),
    'a frame of text': (own, other) => element('iframe', { srcdoc: '<img src=' + JSON.stringify(other) + '>' }),
    'the frame, elsewhere': (own, other) => realm().map((window) => (window.location = other)),
    'an object': (own, other) => element('object', { data: other }),
    'an embed': (own, other) => element('embed', { src: other }),
    'a video': (own, other) => element('video', { src: other, autoplay: true }),
    'a poster': (own, other) => element('video', { poster: other }),
    'a form': (own, other) => { element('form', { action: other, method: 'post', id: 'leak' }); document.getElementById('leak').submit(); },
    'the ping of a link': (own, other) => { element('a', { href: '#', ping: other, id: 'ping' }); document.getElementById('ping').click(); },
    'a window': (own, other) => window.open(other),
    'Worker': (own, other) => new Worker(other),
    'Worker of a Blob': (own, other) => new Worker(blobOf('fetch(' + JSON.stringify(other) + ', { mode: "no-cors" }); importScripts(' + JSON.stringify(other) + ')')),
    eval: (own, other) => (0, eval)('fetch(' + JSON.stringify(other) + ')'),
    'constructor of functions': (own, other) => (() => {}).constructor('fetch(' + JSON.stringify(other) + ')')(),
    'serviceWorker.register': (own, other) => navigator.serviceWorker.register(other),
    RTCPeerConnection: async (own, other) => {
      const connection = new RTCPeerConnection({ iceServers: [{ urls: 'stun:' + new URL(other).host }] });
      connection.createDataChannel('leak');
      await connection.setLocalDescription(await connection.createOffer());
    },
    'a link, elsewhere': (own, other) => { element('a', { href: other, id: 'away' }); document.getElementById('away').click(); },
    'a link, to a window': (own, other) => { element('a', { href: other, target: '_blank', id: 'tab' }); document.getElementById('tab').click(); },
  };`;

/** The page itself, led elsewhere. */
export const NAVIGATION = `
  const ways = {
    'a refresh': (own, other) => document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: '0;url=' + other })),
    'the page, elsewhere': (own, other) => (location.href = other),
  };`;

/**
 * Tries all `ways` at once and tells which of them did not fail, when all have ended or a second has passed.
 * @param {string} tell  a function of { worked: string[] }
 */
export const trying = (/** @type {string} */ own, /** @type {string} */ other, /** @type {string} */ tell) => `
  const worked = [];
  const all = Object.entries(ways).map(async ([name, way]) => {
    const mark = '?leak=' + encodeURIComponent(name);
    try {
      await way(${JSON.stringify(own)} + mark, ${JSON.stringify(other)} + mark);
      worked.push(name);
    } catch {}
  });
  Promise.race([Promise.all(all), new Promise((done) => setTimeout(done, 1500))]).then(() => (${tell})({ worked }));`;
