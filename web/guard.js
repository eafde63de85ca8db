// Takes the network and every kind of storage away from the worker that will hold the photo. Imported first, so that it has
// run before any other line does. The policy that the worker inherits (worker-frame.js) is what stops foreign code; this
// closes what no policy covers, such as storage and messages to other tabs, and checks that the policy is there.

/** What a worker could send or keep something with. */
export const taken = [
  'fetch', 'fetchLater', 'XMLHttpRequest', 'WebSocket', 'WebSocketStream', 'WebTransport', 'EventSource', 'importScripts',
  'RTCPeerConnection', 'RTCDataChannel', 'BroadcastChannel', 'Worker', 'SharedWorker',
  'caches', 'CacheStorage', 'Cache', 'indexedDB', 'IDBFactory', 'cookieStore', 'FontFace', 'fonts', 'Notification',
  'requestFileSystem', 'webkitRequestFileSystem', 'requestFileSystemSync', 'webkitRequestFileSystemSync', 'PushManager',
];

/** The same of `navigator`. */
export const takenFromNavigator = ['sendBeacon', 'serviceWorker', 'storage', 'storageBuckets', 'locks', 'usb', 'serial', 'hid', 'connection'];

/** Whether the policy refuses a request that would reach no host. */
const policyRefuses = self.fetch('data:,').then(() => false, () => true);

/** @param {object} object @param {string[]} names */
function takeAway(object, names) {
  for (const name of names) {
    for (let owner = object; owner && owner !== Object.prototype; owner = Object.getPrototypeOf(owner))
      Reflect.deleteProperty(owner, name);
    Reflect.defineProperty(object, name, { value: undefined, writable: false, configurable: false });
  }
}

/** What of it can still be reached: an empty list, or the page refuses to hand over a photo. */
export async function stillReachable() {
  const global = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (self));
  const agent = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (navigator));
  return [
    ...((await policyRefuses) ? [] : ['the network']),
    ...taken.filter((name) => global[name] !== undefined),
    ...takenFromNavigator.filter((name) => agent[name] !== undefined).map((name) => `navigator.${name}`),
  ];
}

takeAway(self, taken);
takeAway(navigator, takenFromNavigator);
