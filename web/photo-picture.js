// What the page shows of the photo: an <img> of the file itself if the browser and the engine see the same picture in
// it, which costs no pixels from the engine; else what the browser's decoder or the engine drew.
import { headerBytes, readHeader } from './photo-header.js';
import { paint } from './views/dom.js';

/** @typedef {import('./types.js').Opened} Opened */
/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {{image: HTMLImageElement, header: import('./photo-header.js').PhotoHeader}} Loaded */

/** The engine reads these as well. A GIF is left out: it would move under the marks. */
const stillFormats = ['jpeg', 'png', 'bmp'];

/**
 * Loads the file into an <img>. The browser decodes it when it is drawn, in a thread of its own and at the size needed.
 * @param {Blob} file @returns {Promise<Loaded | null>} null if an <img> cannot show the picture or not as the engine sees it
 */
export async function loadImage(file) {
  const header = readHeader(new Uint8Array(await file.slice(0, headerBytes).arrayBuffer()));
  if (!stillFormats.includes(header.format) || header.animated) return null;
  const image = new Image();
  const url = URL.createObjectURL(file);
  const isLoaded = await new Promise((resolve) => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = url;
  });
  URL.revokeObjectURL(url);
  return isLoaded ? { image, header } : null;
}

/**
 * @param {Loaded | null} loaded @param {Opened} opened @param {() => Promise<Picture>} preview the engine's pixels
 * @returns {Promise<HTMLElement>} fills a box of the upright photo's proportions (style.css, #photo-picture)
 */
export async function pictureOf(loaded, opened, preview) {
  if (opened.shown) return opened.shown;
  if (loaded && isSameSize(loaded.header, opened)) {
    loaded.image.dataset.orientation = String(loaded.header.orientation);
    return loaded.image;
  }
  const canvas = document.createElement('canvas');
  paint(canvas, await preview());
  return canvas;
}

/** @param {Loaded['header']} header @param {Opened} opened */
function isSameSize({ width, height, orientation }, opened) {
  const [across, down] = orientation >= 5 ? [height, width] : [width, height];
  return across === opened.width && down === opened.height;
}
