// About this page: what happens to the photo, what the gallery holds, which networks are in use, what this browser keeps.
import { moduleFile } from '../module-file.js';
import { forgetNotice, noticeKept } from '../notice.js';
import { thoroughOf } from '../networks.js';
import * as offline from '../offline.js';
import * as words from '../words.js';
import { byId, make } from './dom.js';

/** @typedef {import('../types.js').NetworkCatalogue} NetworkCatalogue */
/** @typedef {import('../gallery.js').Gallery} Gallery */
/** @typedef {import('../files.js').Files} Files */
/** @typedef {import('../decisions.js').Decisions} Decisions */

export class AboutView {
  #text = byId('offline-text', HTMLParagraphElement);
  #keep = byId('offline-keep', HTMLButtonElement);
  #files = byId('kept-text', HTMLParagraphElement);
  #list = byId('kept-list', HTMLDListElement);
  #forget = byId('offline-forget', HTMLButtonElement);
  #forgetDecisions = byId('forget-decisions', HTMLInputElement);
  /** Lists anew what is kept. */
  keptChanged = async () => {};

  /** @param {NetworkCatalogue} catalogue @param {Gallery} gallery @param {Files} files @param {Decisions} decisions @param {() => void} forgot  after decisions were deleted */
  show(catalogue, gallery, files, decisions, forgot) {
    const said = words.privacySaid(gallery.askedByMatch, thoroughOf(catalogue) !== null);
    byId('privacy', HTMLDivElement).replaceChildren(...said.map((text) => make('p', {}, text)));
    const notice = byId('gallery-notice', HTMLParagraphElement);
    notice.hidden = !gallery.manifest.notice;
    notice.textContent = gallery.manifest.notice ?? '';
    byId('gallery-facts', HTMLDListElement).replaceChildren(...facts(gallery));
    byId('calibration', HTMLDivElement).replaceChildren(...calibration(gallery));
    byId('networks-set', HTMLParagraphElement).textContent = words.networkSet(catalogue.set);
    byId('networks', HTMLDListElement).replaceChildren(...catalogue.networks.flatMap(networkFacts));
    this.#showModule(moduleFile());
    this.keptChanged = () => this.#listKept(decisions);
    this.#forget.onclick = async () => {
      await offline.forget(files);
      forgetNotice();
      if (this.#forgetDecisions.checked) decisions.clear();
      this.#forgetDecisions.checked = false;
      await this.#drawKept(catalogue, gallery, files);
      forgot();
    };
    this.#keeping(catalogue, gallery, files);
  }

  /** @param {string} file */
  #showModule(file) {
    const text = byId('module', HTMLParagraphElement);
    text.textContent = words.moduleInUse(file.includes('relaxed'));
    text.dataset.file = file;
  }

  /** @param {NetworkCatalogue} catalogue @param {Gallery} gallery @param {Files} files */
  async #keeping(catalogue, gallery, files) {
    if (!offline.canKeep()) {
      this.#text.textContent = words.offline.unavailable;
      return this.keptChanged();
    }
    const draw = () => this.#drawKept(catalogue, gallery, files);
    const keeping = (/** @type {import('../types.js').Progress} */ progress) => {
      if (this.#keep.disabled) this.#text.textContent = words.offline.keeping(progress); // after a failure others may still arrive
    };
    const keep = async () => {
      this.#keep.disabled = true;
      const done = await offline.keep(catalogue, gallery, files, keeping).then(() => true, () => false);
      this.#keep.disabled = false;
      await draw();
      if (!done) this.#text.textContent = words.offline.failed;
    };
    this.#keep.onclick = keep;
    if ((await draw()) === 'old' && navigator.onLine) await keep();
  }

  /** @param {NetworkCatalogue} catalogue @param {Gallery} gallery @param {Files} files */
  async #drawKept(catalogue, gallery, files) {
    const state = await offline.keptState(catalogue, gallery);
    const all = offline.bytesToKeep(catalogue, gallery);
    const kept = (await files.keptOf(offline.filesOf(catalogue, gallery))).reduce((sum, { bytes }) => sum + bytes, 0);
    this.#text.textContent = state === 'none' ? words.offline.offer(all) : words.offline.kept(all);
    this.#files.textContent = kept ? words.offline.files(kept) : words.offline.noFiles;
    this.#files.dataset.bytes = String(kept);
    this.#keep.hidden = state !== 'none';
    await this.keptChanged();
    return state;
  }

  /** Everything that this browser keeps of the page, and how large it is. @param {Decisions} decisions */
  async #listKept(decisions) {
    const { files, copy } = await offline.sizesKept();
    const bytes = JSON.stringify(decisions.all).length;
    const all = { files, copy, decisions: { count: decisions.all.length, bytes }, notice: noticeKept() };
    const kept = Object.entries(all).filter(([, { count }]) => count);
    this.#list.replaceChildren(...kept.flatMap(([what, size]) => [make('dt', {}, words.keptThings[what]), make('dd', {}, words.sizeKept(size))]));
    this.#forget.hidden = !kept.length;
    byId('forget-decisions-label', HTMLLabelElement).hidden = !decisions.all.length;
  }
}

/** @param {Gallery} gallery */
const facts = (gallery) =>
  Object.entries(words.galleryFacts(gallery.manifest)).flatMap(([term, text]) => [make('dt', {}, term), make('dd', {}, text)]);

/** How rare a similarity is, no finer than the gallery's pairs can tell. @param {Gallery} gallery */
function calibration({ pairs, manifest }) {
  if (!pairs || !manifest.calibration) return [make('p', {}, words.meaning.none)];
  const { impostor, genuine, false_matches: rows = [] } = manifest.calibration;
  const finest = rows.at(-1);
  if (!finest) return [make('p', {}, words.calibration.tooFew(impostor))];
  return [
    make('ul', {}, ...rows.map((row) => make('li', {}, words.calibration.row(row, genuine?.pairs ?? 0)))),
    make('p', {}, words.calibration.limit(impostor, finest.rate)),
  ];
}

/** @param {import('../types.js').NetworkEntry} entry */
function networkFacts(entry) {
  return [
    make('dt', {}, entry.name),
    make('dd', { title: `sha256 ${entry.sha256}` }, `${words.roles[entry.role] ?? entry.role}. ${words.megabytes(entry.bytes)}, ${entry.licence}`),
  ];
}
