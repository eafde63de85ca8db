/** What a worker could send or keep something with, for scripts that try it in one. */

/** The source of `ways`: each by its name, to be called. */
export const WAYS_OUT = `
  const ways = {
    fetch: () => fetch('probe'),
    XMLHttpRequest: () => new XMLHttpRequest(),
    WebSocket: () => new WebSocket('ws://127.0.0.1:9'),
    EventSource: () => new EventSource('probe'),
    WebTransport: () => new WebTransport('https://127.0.0.1:9'),
    importScripts: () => importScripts('probe'),
    Worker: () => new Worker('probe'),
    sendBeacon: () => navigator.sendBeacon('probe', ''),
    indexedDB: () => indexedDB.open('probe'),
    caches: () => caches.open('probe'),
    BroadcastChannel: () => new BroadcastChannel('probe'),
    'fetch of a new realm': () => Object.getPrototypeOf(self).fetch.call(self, 'probe'),
  };`;
