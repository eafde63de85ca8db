// Whether what a host serves has the shape of the lists that types.d.ts describes. A list of another shape is refused whole,
// so that nothing behind this has to expect it.

/** @typedef {(value: any) => boolean} Shape */

const text = (/** @type {any} */ value) => typeof value === 'string';
const count = (/** @type {any} */ value) => Number.isSafeInteger(value) && value >= 0;
const size = (/** @type {any} */ value) => count(value) && value > 0;
const number = (/** @type {any} */ value) => Number.isFinite(value);
const sha256 = (/** @type {any} */ value) => text(value) && /^[0-9a-f]{64}$/.test(value);
/** Below the folder of its list. */
const path = (/** @type {any} */ value) => text(value) && value !== '' && !/^[./]|[:\\?#]|\.\./.test(value);
const object = (/** @type {any} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const maybe = (/** @type {Shape} */ shape) => (/** @type {any} */ value) => value === undefined || shape(value);
const listOf = (/** @type {Shape} */ shape) => (/** @type {any} */ value) => Array.isArray(value) && value.every(shape);
const record = (/** @type {Record<string, Shape>} */ shapes) => (/** @type {any} */ value) =>
  object(value) && Object.entries(shapes).every(([key, shape]) => shape(value[key]));

const file = record({ path, bytes: count, sha256 });
const picture = record({ path, bytes: count, sha256, width: size, height: size });
const distribution = record({ pairs: count, of: maybe(count) });

const sheet = record({ columns: size, rows: size, size });

export const isManifest = record({
  id: maybe(text),
  title: maybe(text),
  publisher: maybe(text),
  notice: maybe(text),
  lang: maybe(text),
  portraits: maybe(text),
  joined_people: maybe((joined) => object(joined) && Object.values(joined).every(text)),
  people: count,
  photos: count,
  people_per_page: size,
  embedder: record({ name: text, sha256, dimension: size }),
  detector: maybe(listOf(record({ name: text, sha256 }))),
  calibration: maybe(
    record({
      impostor: maybe(distribution),
      genuine: maybe(distribution),
      nearest: maybe(record({ people: count })),
      false_matches: maybe(listOf(record({ rate: number, similarity: number, genuine: maybe(number) }))),
    }),
  ),
  fields: maybe(listOf(record({ key: text, label: text }))),
  departments: maybe(listOf(record({ name: text }))),
  allowed_jurisdictions: maybe(listOf(record({ jurisdiction: text, reason: text }))),
  vectors: maybe(record({ made_by: maybe(text) })),
  sheet,
  small: maybe(sheet),
  large: maybe(record({ per_file: size, size, type: maybe(text) })),
  files: record({
    embeddings: listOf(file),
    people: listOf(file),
    photos: listOf(file),
    columns: maybe(listOf(file)),
    names: maybe(listOf(record({ path, bytes: count, sha256, count }))),
    small: maybe(listOf(file)),
    large: maybe(listOf(file)),
    cover: maybe(listOf(picture)),
    samples: maybe(listOf(picture)),
    sample_thumbs: maybe(listOf(picture)),
  }),
});

export const isNetworkCatalogue = record({
  set: text,
  networks: listOf(record({ role: text, name: text, path, bytes: count, sha256, licence: text })),
});

export const isPerson = record({ name: maybe(text), photos: maybe(listOf(count)), fields: maybe(object) });

/** The names of everybody, and fields that many share. */
export const isNames = record({
  names: listOf(text),
  ids: maybe(listOf(text)),
  photos: maybe(listOf(count)),
  fields: maybe((fields) => object(fields) && Object.values(fields).every(record({ values: listOf(text), of: listOf(count) }))),
});
