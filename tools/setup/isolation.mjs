/** `npm run build -- --isolate`: for hosts that cannot send headers, the service worker makes the page cross-origin isolated (docs/threads.md). */
import { SetupError } from './progress.mjs';

const comment = /<!--[^>]*\n\s*(<meta name="doppel-isolation"[^>]*>)\s*-->/;

/** index.html with its line for that taken out of the comment. @param {string} page */
export function withIsolation(page) {
  if (!comment.test(page)) throw new SetupError('index.html has no line about doppel-isolation in a comment.');
  return page.replace(comment, '$1');
}
