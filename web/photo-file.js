// From what was dropped, pasted or chosen to one photo file. Looks at no pixels.

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

/** The photo's sha256, by which decisions find their photo again; null where the browser has no crypto (plain http). @param {Blob} file */
export async function sha256Of(file) {
  if (!crypto.subtle) return null;
  return hex(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
}

/** @param {ArrayBuffer} digest */
export const hex = (digest) => [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
