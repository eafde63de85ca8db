/** The title and the link preview of a hosted page, from its gallery. */

/**
 * index.html with the gallery's title, and its cover as the picture that messengers show with a link to the page. They
 * ask for a whole address, so without `url` most of them show only the title.
 * @param {string} html @param {{title?: string, files: {cover?: {path: string, width: number, height: number}[]}}} manifest
 * @param {string} [url] address of the page
 */
export function withGallery(html, { title, files }, url = '') {
  if (!title) return html;
  const [cover] = files.cover ?? [];
  const base = url && !url.endsWith('/') ? `${url}/` : url;
  const tags = [['og:type', 'website'], ['og:title', title]];
  if (url) tags.push(['og:url', base]);
  if (cover) tags.push(['og:image', `${base}gallery/${cover.path}`], ['og:image:width', String(cover.width)], ['og:image:height', String(cover.height)]);
  const lines = tags.map(([property, content]) => `  <meta property="${property}" content="${escaped(content)}">\n`);
  return html
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(title)}</title>`)
    .replace('</head>', () => `${lines.join('')}</head>`);
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
