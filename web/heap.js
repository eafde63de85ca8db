// The session of wasm_exports.h as a class. Writes bytes into the module's memory and reads its structs; the layouts are
// the ones asserted there. Views on the memory die when it grows, so each is taken when it is needed.

/** @typedef {import('./types.js').Face} Face */
/** @typedef {import('./types.js').Match} Match */
/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {import('./types.js').Column} Column */
/** @typedef {import('./types.js').Condition} Condition */
/** @typedef {Record<string, any> & {HEAPU8: Uint8Array}} Module */

/** A dpl_status other than OK, with the engine's own sentence. */
export class StatusError extends Error {
  /** @param {string} status @param {string} sentence */
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

const faceFloats = 16;
const matchWords = 7;

export class Session {
  #module;
  #session;

  /** @param {Module} module */
  constructor(module) {
    this.#module = module;
    this.#session = module._session_open();
    if (!this.#session) throw new StatusError('OUT_OF_MEMORY', 'There is not enough memory to start the engine.');
  }

  /** @param {Uint8Array} file */
  addNetwork(file) {
    this.#put(file);
    this.#do('add_network');
  }

  /** Puts the detector together from the networks added so far; for golden tests as DeepFace uses it. */
  start({ parity = false } = {}) {
    this.#do(parity ? 'start_parity' : 'start');
  }

  /** @param {Uint8Array} manifest */
  openGallery(manifest) {
    this.#put(manifest);
    this.#do('open_gallery');
  }

  /** @param {string} embedderSha256 */
  checkGallery(embedderSha256) {
    this.#put(new TextEncoder().encode(embedderSha256));
    this.#do('gallery_accepts');
  }

  /** @param {Uint8Array} shard */
  addShard(shard) {
    this.#put(shard);
    this.#do('add_shard');
  }

  /** @param {Uint8Array} file */
  addColumn(file) {
    this.#put(file);
    this.#do('add_column');
  }

  /** The columns added so far, in their order. @returns {Column[]} */
  columns() {
    return Array.from({ length: this.#ask('column_count') }, (_, column) => ({
      key: this.#text(this.#ask('column_key', column)),
      values: Array.from({ length: this.#ask('column_values', column) }, (_, value) => ({
        text: this.#text(this.#ask('column_value', column, value)),
        people: this.#ask('column_people', column, value),
      })),
    }));
  }

  /**
   * Whom searches find from now on: those who meet every condition; everybody where there is none.
   * @param {Condition[]} conditions @returns {number} how many people that are
   */
  allow(conditions) {
    this.#ask('allow_everybody');
    for (const { column, values } of conditions) {
      this.#put(bytesOf(Uint32Array.from(values)));
      this.#do('allow', column);
    }
    return this.#ask('allowed_people');
  }

  /** @param {Uint8Array} file */
  openPhoto(file) {
    this.#put(file);
    this.#do('open_photo');
    return this.photoSize();
  }

  /** @param {Picture} picture */
  takePhoto(picture) {
    this.#put(new Uint8Array(picture.rgba));
    this.#do('take_photo', picture.width, picture.height);
    return this.photoSize();
  }

  /** `whole` is the part that is there of a file that was cut short, `wholeRows` how many of the upper rows that is. */
  photoSize() {
    const width = /** @type {number} */ (this.#ask('photo_width'));
    const height = /** @type {number} */ (this.#ask('photo_height'));
    const incomplete = Boolean(this.#ask('photo_incomplete'));
    const at = this.#ask('photo_whole') / 4;
    const [x, y, wide, high] = this.#floats().subarray(at, at + 4);
    return { width, height, incomplete, whole: { x, y, width: wide, height: high }, wholeRows: y === 0 && wide === width ? high : 0 };
  }

  forgetPhoto() {
    this.#ask('forget_photo');
  }

  /** Puts the photo and its faces aside for a while, looks at another one, and goes on. @template T @param {() => T} look @returns {T} */
  meanwhile(look) {
    this.#ask('lay_aside');
    try {
      return look();
    } finally {
      this.#ask('take_back');
    }
  }

  /** @param {number} maxSide */
  preview(maxSide) {
    this.#do('preview', maxSide);
    return this.#picture();
  }

  detect() {
    this.#do('detect');
    const [found, cut] = /** @type {number[]} */ (['faces_found', 'faces_cut'].map((name) => this.#ask(name)));
    return { faces: this.#faces(), found, cut, wantsThorough: this.#ask('wants_thorough') !== 0 };
  }

  /** @param {import('./types.js').Box} box */
  faceInBox(box) {
    this.#do('face_in_box', box.x, box.y, box.width, box.height);
    return this.#faces();
  }

  /** Faces as `detect` or `faceInBox` gave them. @param {Face[]} faces */
  putFaces(faces) {
    const floats = faces.flatMap(({ box, score, roll, points }) => [
      box.x, box.y, box.width, box.height, score, roll, ...points.flatMap(({ x, y }) => [x, y]),
    ]);
    this.#put(bytesOf(new Float32Array(floats)));
    this.#do('put_faces');
  }

  /** @param {number} index @param {number} size */
  portrait(index, size) {
    this.#do('portrait', index, size);
    return this.#picture();
  }

  /** @param {number} index */
  chip(index) {
    this.#do('chip', index);
    return this.#picture();
  }

  /** How well the photo shows a face. @param {number} index @returns {import('./types.js').Quality} */
  measure(index) {
    this.#do('measure', index);
    const at = this.#ask('measured') / 4;
    const [size, sharpness, yaw, pitch, brightness, visible, detail] = this.#floats().subarray(at, at + 7);
    return { size, sharpness, yaw, pitch, brightness, visible, detail };
  }

  /** @param {number} index */
  embed(index) {
    this.#do('embed', index);
    return this.#vector();
  }

  /**
   * One vector for several photos of the same face, and how alike the two are that are least alike.
   * @param {Float32Array[]} vectors
   */
  mean(vectors) {
    this.#put(bytesOf(joined(vectors)));
    this.#do('mean');
    return { vector: this.#vector(), leastAlike: /** @type {number} */ (this.#ask('least_alike')) };
  }

  /**
   * For each vector the people most like it, of those allowed; the gallery goes by once for all.
   * @param {Float32Array[]} vectors @param {number} capacity @returns {Match[][]}
   */
  search(vectors, capacity) {
    this.#put(bytesOf(joined(vectors)));
    this.#do('search', capacity);
    const at = this.#ask('matches') / 4;
    const floats = this.#floats();
    const words = new Uint32Array(floats.buffer);
    const match = (/** @type {number} */ first) => ({
      person: words[first],
      photo: words[first + 1],
      similarity: floats[first + 2],
      lessAlike: floats[first + 3],
      lessAlikeSame: floats[first + 4],
      chance: floats[first + 5],
      bestShare: floats[first + 6],
    });
    return vectors.map((_, probe) =>
      Array.from({ length: this.#ask('match_count', probe) }, (_, i) => match(at + (probe * capacity + i) * matchWords)),
    );
  }

  /** Cosine at and above which two faces pass for the same. @returns {number} */
  threshold() {
    return this.#ask('threshold');
  }

  /** Bytes of memory that the module holds. */
  heapSize() {
    return this.#module.HEAPU8.byteLength;
  }

  close() {
    this.#ask('close');
  }

  /** @param {string} name @param {number[]} values @returns {any} */
  #ask(name, ...values) {
    return this.#module[`_session_${name}`](this.#session, ...values);
  }

  /** @param {string} name @param {number[]} values */
  #do(name, ...values) {
    const status = this.#ask(name, ...values);
    if (status) throw this.#error(status);
  }

  /** @param {number} status */
  #error(status) {
    return new StatusError(this.#text(this.#module._session_status_name(status)), this.#text(this.#ask('message')));
  }

  /** @param {Uint8Array} bytes */
  #put(bytes) {
    const room = this.#ask('inbox', bytes.byteLength);
    if (!room) throw new StatusError('OUT_OF_MEMORY', this.#text(this.#ask('message')));
    this.#module.HEAPU8.set(bytes, room);
  }

  /** @returns {Picture} */
  #picture() {
    const width = this.#ask('outbox_width');
    const height = this.#ask('outbox_height');
    const at = this.#ask('outbox');
    const rgba = this.#module.HEAPU8.slice(at, at + width * height * 4).buffer;
    this.#ask('outbox_clear');
    return { width, height, rgba: /** @type {ArrayBuffer} */ (rgba) };
  }

  /** @returns {Face[]} */
  #faces() {
    const at = this.#ask('faces') / 4;
    const floats = this.#floats();
    return Array.from({ length: this.#ask('face_count') }, (_, i) => {
      const [x, y, width, height, score, roll, ...points] = floats.subarray(at + i * faceFloats, at + (i + 1) * faceFloats);
      return {
        box: { x, y, width, height },
        score,
        roll,
        points: [0, 2, 4, 6, 8].map((p) => ({ x: points[p], y: points[p + 1] })),
        byHand: false,
      };
    });
  }

  #vector() {
    const at = this.#ask('vector') / 4;
    return this.#floats().slice(at, at + this.#ask('dimension'));
  }

  #floats() {
    return new Float32Array(this.#module.HEAPU8.buffer);
  }

  /** @param {number} at */
  #text(at) {
    const bytes = this.#module.HEAPU8;
    return new TextDecoder().decode(bytes.slice(at, bytes.indexOf(0, at)));
  }
}

/** @param {Float32Array[]} vectors of one length, one behind the other */
function joined(vectors) {
  const all = new Float32Array(vectors.length * (vectors[0]?.length ?? 0));
  vectors.forEach((vector, i) => all.set(vector, i * vector.length));
  return all;
}

/** @param {Float32Array | Uint32Array} numbers */
const bytesOf = (numbers) => new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
