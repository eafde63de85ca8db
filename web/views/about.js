// About this page: what happens to the photo, what the gallery holds, which networks are in use, the offline copy.
import { thoroughOf } from '../networks.js';
import * as offline from '../offline.js';
import * as words from '../words.js';
import { byId, make } from './dom.js';

/** @typedef {import('../types.js').NetworkCatalogue} NetworkCatalogue */
/** @typedef {import('../gallery.js').Gallery} Gallery */

export class AboutView {
  #text = byId('offline-text', HTMLParagraphElement);
  #keep = byId('offline-keep', HTMLButtonElement);
  #forget = byId('offline-forget', HTMLButtonElement);

  /** @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
  show(catalogue, gallery) {
    const small = thoroughOf(catalogue) ? words.privacy.smallButOne : words.privacy.small;
    const loaded = gallery.isSmall ? small : words.privacy.large;
    byId('privacy', HTMLDivElement).replaceChildren(
      ...[words.privacy.photo, loaded, words.privacy.kept].map((text) => make('p', {}, text)),
    );
    const notice = byId('gallery-notice', HTMLParagraphElement);
    notice.hidden = !gallery.manifest.notice;
    notice.textContent = gallery.manifest.notice ?? '';
    byId('gallery-facts', HTMLDListElement).replaceChildren(...facts(gallery));
    byId('networks-set', HTMLParagraphElement).textContent = words.networkSet(catalogue.set);
    byId('networks', HTMLDListElement).replaceChildren(...catalogue.networks.flatMap(networkFacts));
    this.#offline(catalogue, gallery);
  }

  /** @param {NetworkCatalogue} catalogue @param {Gallery} gallery */
  async #offline(catalogue, gallery) {
    if (!offline.canKeep()) {
      this.#text.textContent = words.offline.unavailable;
      return;
    }
    const bytes = offline.bytesToKeep(catalogue, gallery);
    const draw = (/** @type {boolean} */ kept) => {
      this.#text.textContent = kept ? words.offline.kept(bytes) : words.offline.offer(bytes);
      this.#keep.hidden = kept;
      this.#forget.hidden = !kept;
    };
    const keep = async () => {
      this.#keep.disabled = true;
      try {
        await offline.keep(catalogue, gallery, (done, all) => (this.#text.textContent = words.offline.keeping(done, all)));
        draw(true);
      } catch {
        this.#text.textContent = words.offline.failed;
      }
      this.#keep.disabled = false;
    };
    this.#keep.onclick = keep;
    this.#forget.onclick = async () => {
      await offline.forget();
      draw(false);
    };
    const state = await offline.keptState(catalogue, gallery);
    draw(state !== 'none');
    if (state === 'old' && navigator.onLine) await keep();
  }
}

/** @param {Gallery} gallery */
const facts = (gallery) =>
  Object.entries(words.galleryFacts(gallery.manifest)).flatMap(([term, text]) => [make('dt', {}, term), make('dd', {}, text)]);

/** @param {import('../types.js').NetworkEntry} entry */
function networkFacts(entry) {
  return [
    make('dt', {}, entry.name),
    make('dd', { title: `sha256 ${entry.sha256}` }, `${words.roles[entry.role] ?? entry.role}. ${words.megabytes(entry.bytes)}, ${entry.licence}`),
  ];
}
