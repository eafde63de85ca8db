// From what was dropped, pasted or chosen to one photo file. Looks at no pixels.

const otherKinds = /^(text|audio|video|font)\/|^application\/(pdf|zip|json|msword|x-)/;

/**
 * The first photo among the files, and how many there were. A file of unknown kind counts as one: the engine looks
 * inside and says what it is not. Folders come as files without a kind, whose bytes cannot be read, so they are left out.
 * @param {DataTransfer | null} transfer
 * @returns {{file: File | null, files: number, link: boolean, folder: boolean}}
 */
export function photoAmong(transfer) {
  const folders = foldersAmong(transfer);
  const files = [...(transfer?.files ?? [])].filter(({ name }) => !folders.has(name));
  const link = !files.length && !folders.size && [...(transfer?.types ?? [])].some((type) => type === 'text/uri-list' || type === 'text/html');
  return { file: pickPhoto(files), files: files.length, link, folder: folders.size > 0 };
}

/** Names of the folders. @param {DataTransfer | null} transfer */
function foldersAmong(transfer) {
  const entries = [...(transfer?.items ?? [])].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() : null));
  return new Set(entries.flatMap((entry) => (entry?.isDirectory ? [entry.name] : [])));
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
