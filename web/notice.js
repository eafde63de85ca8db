// Whether the gallery's notice was read. Remembered per version of the gallery; for the visit only where the browser
// stores nothing.

/** @typedef {import('./types.js').GalleryManifest} GalleryManifest */

const key = () => `doppel.notice.1 ${new URL('./', document.baseURI).pathname}`;

/** @param {GalleryManifest} manifest */
const versionOf = ({ notice = '', files }) => JSON.stringify([notice, ...files.embeddings.map(({ sha256 }) => sha256.slice(0, 16))]);

/** How much is remembered. @returns {{count: number, bytes: number}} */
export function noticeKept() {
  try {
    const bytes = localStorage.getItem(key())?.length ?? 0;
    return { count: bytes ? 1 : 0, bytes };
  } catch {
    return { count: 0, bytes: 0 };
  }
}

/** The next visit asks again. */
export function forgetNotice() {
  try {
    localStorage.removeItem(key());
  } catch {
    return; // nothing is stored there
  }
}

export class Notice {
  #read = '';

  constructor() {
    try {
      this.#read = localStorage.getItem(key()) ?? '';
    } catch {
      this.#read = '';
    }
  }

  /** @param {GalleryManifest} manifest */
  isRead(manifest) {
    return this.#read === versionOf(manifest);
  }

  /** @param {GalleryManifest} manifest */
  read(manifest) {
    this.#read = versionOf(manifest);
    try {
      localStorage.setItem(key(), this.#read);
    } catch {
      return; // asked again on the next visit
    }
  }
}
