/** What a hosted page says and shows of its gallery before any script runs, and the preview of a link to it. */
import { cover as coverText, start } from '../../web/words.js';

/** @typedef {{path: string, width: number, height: number, columns?: number}} Cover */

/**
 * index.html with the gallery's title, and its cover as the picture that messengers show with a link to the page. They
 * ask for a whole address, so without `url` most of them show only the title. The start page is filled as
 * web/views/start.js fills it, so that the browser asks for the cover first and nothing moves later.
 * @param {string} html @param {{title?: string, publisher?: string, people: number, photos: number, files: {cover?: Cover[]}}} manifest
 * @param {string} [url] address of the page
 */
export function withGallery(html, manifest, url = '') {
  const { title, files } = manifest;
  if (!title) return html;
  const [cover] = files.cover ?? [];
  const base = url && !url.endsWith('/') ? `${url}/` : url;
  const tags = [['og:type', 'website'], ['og:title', title]];
  if (url) tags.push(['og:url', base]);
  if (cover) tags.push(['og:image', `${base}gallery/${cover.path}`], ['og:image:width', String(cover.width)], ['og:image:height', String(cover.height)]);
  const lines = tags.map(([property, content]) => `  <meta property="${property}" content="${escaped(content)}">\n`);
  const said = start(manifest);
  /** @type {Record<string, string>} */
  const parts = {
    lead: said.lead.map((part) => (part === null ? `<cite>${escaped(said.title)}</cite>` : escaped(part))).join(''),
    'gallery-title': escaped(said.title),
    'edge-title': escaped(said.title),
    'edge-publisher': escaped(said.publisher),
    'edge-count': escaped(said.count),
  };
  const picture = cover ? `<img src="gallery/${escaped(cover.path)}" alt="${coverText}" width="${cover.width}" height="${cover.height}" fetchpriority="high">` : '';
  return html
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(title)}</title>`)
    .replace('</head>', () => `${lines.join('')}</head>`)
    .replace(/<[^>]* id="(lead|gallery-title|edge-title|edge-publisher|edge-count)"[^>]*>[^<]*/g, (part, id) => part.replace(/>.*/s, () => `>${parts[id]}`))
    .replace('<div class="cover" id="cover">', () => `<div class="cover" id="cover"${cover?.columns ? ` data-columns="${cover.columns}"` : ''}>${picture}`);
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
