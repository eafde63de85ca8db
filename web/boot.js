// A classic script, which runs before the modules and where they cannot: says what to do where the page was opened from
// a file (the message is in index.html, and shows itself by style.css alone where no script runs at all), and keeps a
// photo that is dropped too early from taking the page's place. It also closes what no policy covers: script alone does not
// lead to another host, by a window, a link, a navigation or WebRTC; a visitor's own click does.
'use strict';

if (location.protocol === 'file:') document.documentElement.dataset.engine = 'file';
for (const event of ['dragover', 'drop']) document.addEventListener(event, (dropped) => dropped.preventDefault());

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
