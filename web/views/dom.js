// Small helpers for the views: find an element that index.html promises, make one, paint a picture.

/** @template {Element} T @param {string} id @param {new () => T} kind @returns {T} */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html lacks #${id}`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Attributes of a gallery's own text: not translated, in its own direction, in its language where that is known. @param {string} [lang] */
export const original = (lang = '') => ({ translate: 'no', dir: 'auto', ...(lang ? { lang } : {}) });

/** @param {HTMLElement} element with the attributes of `original` @param {string} text @param {string} lang */
export function showOriginal(element, text, lang) {
  element.textContent = text;
  if (lang) element.lang = lang;
  else element.removeAttribute('lang');
}

/** Paints what the engine made. @param {HTMLCanvasElement} canvas @param {import('../types.js').Picture} picture */
export function paint(canvas, picture) {
  canvas.width = picture.width;
  canvas.height = picture.height;
  const pixels = new ImageData(new Uint8ClampedArray(picture.rgba), picture.width, picture.height);
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}

/** @param {HTMLCanvasElement} canvas */
export function clear(canvas) {
  canvas.width = canvas.height = 1;
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap */
export function paintBitmap(canvas, bitmap) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
}

/** Places an element over the photo, in shares of it. @param {HTMLElement} element @param {import('../types.js').Box} box @param {number} width @param {number} height */
export function placeOver(element, box, width, height) {
  const left = Math.max(0, box.x);
  const top = Math.max(0, box.y);
  element.style.left = `${(100 * left) / width}%`;
  element.style.top = `${(100 * top) / height}%`;
  element.style.width = `${(100 * (Math.min(width, box.x + box.width) - left)) / width}%`;
  element.style.height = `${(100 * (Math.min(height, box.y + box.height) - top)) / height}%`;
}

/** A dialog that closes on its button, on Escape and on a press outside. @param {HTMLDialogElement} dialog @param {HTMLButtonElement} close */
export function closable(dialog, close) {
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/** Remembers what was drawn last and says whether it differs now. */
export function changes() {
  /** @type {unknown[]} */
  let last = [];
  return (/** @type {unknown[]} */ ...now) => {
    const differs = now.length !== last.length || now.some((value, i) => value !== last[i]);
    last = now;
    return differs;
  };
}
