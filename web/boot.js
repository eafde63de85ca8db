// A classic script, which runs before the modules and where they cannot: says what to do where the page was opened from
// a file (the message is in index.html, and shows itself by style.css alone where no script runs at all), and keeps a
// photo that is dropped too early from taking the page's place. Where a file of the page itself does not arrive as it was
// built, it names that file. It is the first script, so that it hears of the others. It also closes what no policy covers: script alone does not
// lead to another host, by a window, a link, a navigation or WebRTC; a visitor's own click does.
'use strict';

if (location.protocol === 'file:') document.documentElement.dataset.engine = 'file';
for (const event of ['dragover', 'drop']) document.addEventListener(event, (dropped) => dropped.preventDefault());

/** @type {Set<string>} */
const broken = new Set();
addEventListener('error', (event) => {
  const { target } = event;
  const url = target instanceof HTMLScriptElement ? target.src : target instanceof HTMLLinkElement ? target.href : event instanceof ErrorEvent ? event.filename : '';
  if (!url) return;
  broken.add(url.slice(new URL('./', document.baseURI).href.length));
  sayWhatIsBroken();
}, true);
document.addEventListener('DOMContentLoaded', sayWhatIsBroken);

/** Only as long as the page has not started: app.js takes the message away. */
function sayWhatIsBroken() {
  const text = document.getElementById('not-started-files');
  const scripts = [...broken].filter((file) => file.endsWith('.js'));
  if (!text || !scripts.length) return;
  text.hidden = false;
  text.textContent = `This did not arrive as it was published: ${[...broken].join(', ')}. Reload the page; if it stays so, whoever hosts it has to publish this file again, unchanged, as “npm run build” made it.`;
  document.documentElement.dataset.engine = 'failed';
}

/** Milliseconds in which the page’s own scripts and style are here, if the host sends them. */
const patience = 25_000;
setTimeout(() => {
  if (!document.getElementById('not-started') && document.body) return;
  for (const element of document.querySelectorAll('script[src], link[rel=stylesheet]')) {
    const url = element instanceof HTMLScriptElement ? element.src : element instanceof HTMLLinkElement ? element.href : '';
    if (performance.getEntriesByName(url).length) continue;
    broken.add(url.slice(new URL('./', document.baseURI).href.length));
    if (element instanceof HTMLLinkElement) element.remove(); // the browser draws nothing before it is here
  }
  sayWhatIsBroken();
}, patience);

const isElsewhere = (/** @type {string} */ url) => new URL(url, document.baseURI).origin !== location.origin;
const page = /** @type {any} */ (window); // the Navigation API is younger than the types
for (const name of ['open', 'RTCPeerConnection', 'webkitRTCPeerConnection']) Object.defineProperty(page, name, { value: undefined });
page.navigation?.addEventListener('navigate', (/** @type {any} */ event) => {
  if (!event.userInitiated && isElsewhere(event.destination.url)) event.preventDefault();
});
addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link?.href && !event.isTrusted && isElsewhere(link.href)) event.preventDefault();
}, true);
