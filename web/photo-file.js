// From what was dropped, pasted or chosen to one photo file; and the browser's own decoder for kinds of files that the
// engine does not read. Looks at no pixels.

const otherKinds = /^(text|audio|video|font)\/|^application\/(pdf|zip|json|msword|x-)/;

/**
 * The first photo among the files, and how many there were. A file of unknown kind counts as one: the engine looks
 * inside and says what it is not.
 * @param {DataTransfer | null} transfer
 * @returns {{file: File | null, files: number, link: boolean}}
 */
export function photoAmong(transfer) {
  const files = [...(transfer?.files ?? [])];
  const link = !files.length && [...(transfer?.types ?? [])].some((type) => type === 'text/uri-list' || type === 'text/html');
  return { file: pickPhoto(files), files: files.length, link };
}

/** @param {File[]} files */
export function pickPhoto(files) {
  return files.find((file) => file.type.startsWith('image/')) ?? files.find((file) => !otherKinds.test(file.type)) ?? null;
}

/** An upright picture no larger than what every browser's canvas can hold. */
const mostPixels = 16_000_000;

/** @param {Blob} file @returns {Promise<import('./types.js').Picture | null>} null where the browser cannot read it either */
export async function decodeWithBrowser(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    return null;
  }
  const reduce = Math.min(1, Math.sqrt(mostPixels / (bitmap.width * bitmap.height)));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.floor(bitmap.width * reduce));
  canvas.height = Math.max(1, Math.floor(bitmap.height * reduce));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, rgba: /** @type {ArrayBuffer} */ (data.buffer) };
}

/** The photo's sha256, by which decisions find their photo again; null where the browser has no crypto (plain http). @param {Blob} file */
export async function sha256Of(file) {
  if (!crypto.subtle) return null;
  return hex(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
}

/** @param {ArrayBuffer} digest */
export const hex = (digest) => [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
