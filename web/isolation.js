// Cross-origin isolation, which shared memory needs, where the host cannot send the headers for it: the service worker puts
// them on what it hands on. Only where the host has opted in (docs/threads.md) and this device would use threads. The page
// is loaded once more for that, never twice, and not when a photo has been given meanwhile.
import { isFitForThreads } from './module-file.js';

const patience = 3000;
const mark = 'doppel: loaded again for isolation';

/** Whether the host has opted in; sw.js looks for the same. */
export const isWanted = () => document.querySelector('meta[name="doppel-isolation"][content="service-worker"]') !== null;

/** Whether this visit may begin with loading the page once more. */
export const mayIsolate = () =>
  isWanted() && window.isSecureContext && Boolean(navigator.serviceWorker) && window.crossOriginIsolated === false && isFitForThreads();

/** @param {() => boolean} mayReload @returns {Promise<boolean>} whether the page is being loaded again */
export async function isolate(mayReload) {
  if (!mayIsolate()) return false;
  try {
    if (sessionStorage.getItem(mark)) return false;
    await navigator.serviceWorker.register(new URL('sw.js', document.baseURI));
    if (!(await isInCharge()) || !mayReload()) return false;
    sessionStorage.setItem(mark, 'yes');
  } catch {
    return false; // storage or service workers are closed to the page
  }
  location.reload();
  return true;
}

/** Whether the service worker has taken the page over. @returns {Promise<boolean>} */
function isInCharge() {
  const { serviceWorker } = navigator;
  const now = () => serviceWorker.controller !== null;
  return new Promise((resolve) => {
    setTimeout(() => resolve(now()), patience);
    serviceWorker.addEventListener('controllerchange', () => resolve(now()), { once: true });
    if (now()) resolve(true);
  });
}
