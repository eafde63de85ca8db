// What the header of a picture file says: format, size, orientation, animation. The page needs it for formats that the
// browser decodes, before it lets the browser take memory for them. Reads no pixels; the engine has its own readers.

/**
 * @typedef {object} PhotoHeader
 * @property {'jpeg' | 'png' | 'webp' | 'gif' | 'bmp' | 'avif' | 'heic' | ''} format '' for all others
 * @property {number} width in pixels as stored, before the orientation is applied; 0 where the header does not say it
 * @property {number} height likewise
 * @property {number} orientation the EXIF orientation, 1 … 8. Always 1 for AVIF and HEIC: their decoders apply the container's rotation
 * @property {boolean} animated
 */

/** Enough of a JPEG or PNG for everything that precedes its pixels, unless a camera put a large preview before them. */
export const headerBytes = 256 << 10;

const unknown = /** @type {PhotoHeader} */ ({ format: '', width: 0, height: 0, orientation: 1, animated: false });

/** @type {{matches: (view: View) => boolean, read: (view: View) => Partial<PhotoHeader>}[]} */
const formats = [
  { matches: (view) => view.u16(0) === 0xffd8, read: readJpeg },
  { matches: (view) => view.text(0, 8) === '\x89PNG\r\n\x1a\n', read: readPng },
  { matches: (view) => view.text(0, 4) === 'RIFF' && view.text(8, 4) === 'WEBP', read: readWebp },
  { matches: (view) => view.text(0, 4) === 'GIF8', read: (view) => ({ format: 'gif', width: view.u16(6, true), height: view.u16(8, true), animated: true }) },
  { matches: (view) => view.text(0, 2) === 'BM', read: readBmp },
  { matches: (view) => view.text(4, 4) === 'ftyp', read: readIsoMedia },
];

/**
 * Never throws: what cannot be read stays 0, 1 or false.
 * @param {Uint8Array} bytes the file, or its first `headerBytes` for a JPEG or PNG
 * @returns {PhotoHeader}
 */
export function readHeader(bytes) {
  const view = new View(bytes);
  const header = { ...unknown, ...formats.find(({ matches }) => matches(view))?.read(view) };
  return { ...header, orientation: header.orientation || 1 };
}

/** Numbers and letters at a place in the file; 0 and '' beyond its end. */
class View {
  #data;
  length;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.length = bytes.byteLength;
  }

  /** @param {number} at */
  u8(at) {
    return at + 1 <= this.length ? this.#data.getUint8(at) : 0;
  }

  /** @param {number} at @param {boolean} [little] */
  u16(at, little) {
    return at + 2 <= this.length ? this.#data.getUint16(at, little) : 0;
  }

  /** @param {number} at @param {boolean} [little] */
  u24(at, little) {
    return little ? this.u16(at, true) | (this.u8(at + 2) << 16) : (this.u8(at) << 16) | this.u16(at + 1);
  }

  /** @param {number} at @param {boolean} [little] */
  u32(at, little) {
    return at + 4 <= this.length ? this.#data.getUint32(at, little) : 0;
  }

  /** @param {number} at @param {number} count */
  text(at, count) {
    return String.fromCharCode(...Array.from({ length: Math.min(count, Math.max(0, this.length - at)) }, (_, i) => this.u8(at + i)));
  }
}

/** @param {View} view @returns {Partial<PhotoHeader>} */
function readJpeg(view) {
  const header = { format: /** @type {const} */ ('jpeg'), width: 0, height: 0, orientation: 0 };
  for (let at = 2; at + 4 <= view.length; ) {
    const marker = view.u8(at + 1);
    if (view.u8(at) !== 0xff || marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd8)) {
      at++; // bytes that belong to no segment, and markers without one
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame && !header.width) Object.assign(header, { height: view.u16(at + 5), width: view.u16(at + 7) });
    if (marker === 0xe1 && !header.orientation && view.text(at + 4, 5) === 'Exif\0') header.orientation = readOrientation(view, at + 10);
    at += 2 + Math.max(2, view.u16(at + 2));
  }
  return header;
}

/** @param {View} view @returns {Partial<PhotoHeader>} */
function readPng(view) {
  const header = { format: /** @type {const} */ ('png'), width: 0, height: 0, orientation: 0, animated: false };
  for (let at = 8; at + 12 <= view.length; at += 12 + view.u32(at)) {
    const kind = view.text(at + 4, 4);
    const isExif = kind === 'eXIf' && !header.orientation;
    if (kind === 'IHDR') Object.assign(header, { width: view.u32(at + 8), height: view.u32(at + 12) });
    else if (kind === 'acTL') header.animated = true;
    else if (isExif) header.orientation = readOrientation(view, view.text(at + 8, 5) === 'Exif\0' ? at + 14 : at + 8);
  }
  return header;
}

/** @param {View} view @returns {Partial<PhotoHeader>} */
function readWebp(view) {
  const header = { format: /** @type {const} */ ('webp'), width: 0, height: 0, orientation: 1, animated: false };
  const size = (/** @type {number} */ width, /** @type {number} */ height) => {
    if (!header.width) Object.assign(header, { width, height });
  };
  for (let at = 12; at + 8 <= view.length; at += 8 + view.u32(at + 4, true) + (view.u32(at + 4, true) & 1)) {
    const kind = view.text(at, 4);
    const body = at + 8;
    if (kind === 'VP8X') size(view.u24(body + 4, true) + 1, view.u24(body + 7, true) + 1);
    else if (kind === 'VP8 ') size(view.u16(body + 6, true) & 0x3fff, view.u16(body + 8, true) & 0x3fff);
    else if (kind === 'VP8L') size((view.u32(body + 1, true) & 0x3fff) + 1, ((view.u32(body + 1, true) >> 14) & 0x3fff) + 1);
    else if (kind === 'ANIM') header.animated = true;
    else if (kind === 'EXIF') header.orientation = readOrientation(view, view.text(body, 5) === 'Exif\0' ? body + 6 : body);
  }
  return header;
}

/** @param {View} view @returns {Partial<PhotoHeader>} */
function readBmp(view) {
  const isOld = view.u32(14, true) === 12;
  const width = isOld ? view.u16(18, true) : Math.abs(view.u32(18, true) | 0);
  const height = isOld ? view.u16(20, true) : Math.abs(view.u32(22, true) | 0); // below zero: rows from the top
  return { format: 'bmp', width, height };
}

const mostBrandBytes = 256;
const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];

/**
 * AVIF and HEIC. A grid of tiles and its thumbnail have sizes of their own in the file; the largest is the picture's.
 * @param {View} view @returns {Partial<PhotoHeader>}
 */
function readIsoMedia(view) {
  const brands = [];
  for (let at = 8; at + 4 <= Math.min(view.length, view.u32(0), mostBrandBytes); at += at === 8 ? 8 : 4) brands.push(view.text(at, 4));
  const isAvif = brands.some((brand) => brand === 'avif' || brand === 'avis');
  if (!isAvif && !brands.some((brand) => heicBrands.includes(brand))) return {};
  const header = { format: /** @type {'avif' | 'heic'} */ (isAvif ? 'avif' : 'heic'), width: 0, height: 0, animated: brands[0] === 'avis' };
  for (const at of boxesAt(view, ['meta', 'iprp', 'ipco', 'ispe'])) {
    const [width, height] = [view.u32(at + 4), view.u32(at + 8)];
    if (width * height > header.width * header.height) Object.assign(header, { width, height });
  }
  return header;
}

/** Where the boxes on this path have their content. @param {View} view @param {string[]} path @returns {number[]} */
function boxesAt(view, path, from = 0, end = view.length) {
  const [kind, ...rest] = path;
  const found = [];
  for (let at = from, size = 0; at + 8 <= end; at += size) {
    const isLong = view.u32(at) === 1;
    size = isLong ? view.u32(at + 8) * 2 ** 32 + view.u32(at + 12) : view.u32(at) || end - at; // 0: to the end
    if (size < 8) break;
    if (view.text(at + 4, 4) !== kind) continue;
    const content = at + (isLong ? 16 : 8);
    if (rest.length) found.push(...boxesAt(view, rest, content + (kind === 'meta' ? 4 : 0), Math.min(end, at + size)));
    else found.push(content);
  }
  return found;
}

/** Of a TIFF structure; 0 if it has none. @param {View} view @param {number} tiff */
function readOrientation(view, tiff) {
  const little = view.text(tiff, 4) === 'II*\0';
  if (!little && view.text(tiff, 4) !== 'MM\0*') return 0;
  const directory = tiff + view.u32(tiff + 4, little);
  for (let i = 0; i < view.u16(directory, little); i++) {
    const entry = directory + 2 + 12 * i;
    if (view.u16(entry, little) !== 0x0112) continue;
    const type = view.u16(entry + 2, little);
    const orientation = type === 3 ? view.u16(entry + 8, little) : type === 4 ? view.u32(entry + 8, little) : 0;
    return view.u32(entry + 4, little) === 1 && orientation >= 1 && orientation <= 8 ? orientation : 0;
  }
  return 0;
}
