/**
 * What a host may send besides: the page's own policy as a header, which alone can say who may frame the page. `_headers` is
 * read by Netlify and Cloudflare Pages; headers.txt has the same for nginx, Caddy and Apache. The page needs none of it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} page index.html @returns {Record<string, string>} */
export function headersOf(page) {
  const policy = page.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)?.[1];
  if (!policy) throw new Error('index.html has no Content-Security-Policy.');
  return {
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** @param {string} folder that is hosted */
export function writeHeaders(folder) {
  const headers = Object.entries(headersOf(readFileSync(join(folder, 'index.html'), 'utf8')));
  const lines = (/** @type {(name: string, value: string) => string} */ line) => headers.map(([name, value]) => line(name, value)).join('\n');
  writeFileSync(join(folder, '_headers'), `/*\n${lines((name, value) => `  ${name}: ${value}`)}\n`);
  const snippets = [
    "The page needs no headers. With these, no other site can show it in a frame; to allow one, name it in frame-ancestors.",
    `nginx, in the location of the page:\n\n${lines((name, value) => `add_header ${name} "${value}" always;`)}`,
    `Caddy, in the site's block:\n\nheader {\n${lines((name, value) => `\t${name} "${value}"`)}\n}`,
    `Apache, .htaccess, with mod_headers:\n\n${lines((name, value) => `Header always set ${name} "${value}"`)}`,
  ];
  writeFileSync(join(folder, 'headers.txt'), `${snippets.join('\n\n')}\n`);
}
