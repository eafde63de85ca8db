/**
 * Writes ONNX files, so that tests can make the network that they want, and gives a file another input size. Only
 * protobuf's wire format and the fields of onnx.proto that a network needs; the names are ONNX's own.
 */
import { normal, seeded, uniform } from './random.mjs';

/** @typedef {number | string | number[] | {tensor: Buffer}} Attribute */
/** @typedef {Record<string, Attribute>} Attributes */

const DATA_TYPES = new Map(
  /** @type {[Function, number][]} */ ([
    [Float32Array, 1],
    [Uint8Array, 2],
    [Int8Array, 3],
    [Int32Array, 6],
    [BigInt64Array, 7],
    [Uint16Array, 10],
    [Float64Array, 11],
  ]),
);

/** ONNX keeps floats and integers apart, JavaScript does not: these attributes are floats. */
const FLOATS = new Set([
  'alpha',
  'beta',
  'epsilon',
  'gamma',
  'max',
  'min',
  'momentum',
  'ratio',
  'scales',
  'value',
  'value_float',
  'value_floats',
]);

/** A network under construction. Values are known by their names; weights are random, the same for the same seed. */
export class OnnxGraph {
  #nodes = /** @type {Buffer[]} */ ([]);
  #tensors = /** @type {Buffer[]} */ ([]);
  #inputs = /** @type {Buffer[]} */ ([]);
  #outputs = /** @type {Buffer[]} */ ([]);
  #count = 0;

  constructor({ seed = 1, opset = 13 } = {}) {
    this.opset = opset;
    this.random = seeded(seed);
  }

  /** @param {(number | string)[]} shape  a string is a side that is left open */
  input(/** @type {string} */ name, shape) {
    this.#inputs.push(valueInfo(name, shape));
    return name;
  }

  output(/** @type {string[]} */ ...names) {
    for (const name of names) this.#outputs.push(valueInfo(name));
  }

  /** Adds a node and returns the name of its output. */
  add(
    /** @type {string} */ op,
    /** @type {string | string[]} */ inputs,
    /** @type {Attributes} */ attributes = {},
    /** @type {string} */ name = this.#fresh(op),
  ) {
    this.addSeveral(op, inputs, attributes, [name], name);
    return name;
  }

  /** Adds a node with several outputs and returns their names. @param {number | string[]} outputs */
  addSeveral(
    /** @type {string} */ op,
    /** @type {string | string[]} */ inputs,
    /** @type {Attributes} */ attributes,
    outputs,
    name = this.#fresh(op),
  ) {
    const names = typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.#fresh(op)) : outputs;
    this.#nodes.push(
      Buffer.concat([
        ...[inputs].flat().map((input) => text(1, input)),
        ...names.map((output) => text(2, output)),
        text(3, `node_${name}`),
        text(4, op),
        ...Object.entries(attributes).map(([key, value]) => field(5, attribute(key, value))),
      ]),
    );
    return names;
  }

  /** A constant tensor. @param {ArrayLike<number> | BigInt64Array} [values]  a list becomes floats, a typed array stays what it is */
  constant(/** @type {number[]} */ shape, values = [0], name = this.#fresh('constant')) {
    this.#tensors.push(tensor(name, shape, Array.isArray(values) ? Float32Array.from(values) : values));
    return name;
  }

  /** A list of 64-bit integers, as shapes and axes are given. */
  integers(/** @type {number[]} */ ...values) {
    const name = this.#fresh('integers');
    this.#tensors.push(tensor(name, [values.length], BigInt64Array.from(values, BigInt)));
    return name;
  }

  /** Random weights, He's deviation: what follows keeps the size of what went in. */
  weights(/** @type {number[]} */ shape, fanIn = product(shape.slice(1)), name = this.#fresh('weights')) {
    return this.constant(shape, normal(this.random, product(shape), Math.sqrt(2 / fanIn)), name);
  }

  /** Random numbers in a range. */
  numbers(/** @type {number[]} */ shape, low = -1, high = 1, name = this.#fresh('numbers')) {
    return this.constant(shape, uniform(this.random, product(shape), low, high), name);
  }

  /**
   * @param {string} x @param {number} from @param {number} to  channels @param {number | number[]} [kernel]
   * @param {Record<string, Attribute | boolean>} [options]  ONNX's attributes; whether there is a bias; `gain`: of the weights
   */
  conv(x, from, to, kernel = 1, { bias = true, gain = 1, ...rest } = {}) {
    const attributes = /** @type {Attributes} */ (rest);
    const sides = typeof kernel === 'number' ? [kernel, kernel] : kernel;
    const shape = [to, from / Number(attributes.group ?? 1), ...sides];
    const weights = this.weights(shape, product(shape.slice(1)) / Number(gain) ** 2);
    return this.add('Conv', [x, weights, ...(bias ? [this.numbers([to])] : [])], { kernel_shape: sides, ...attributes });
  }

  batchNorm(/** @type {string} */ x, /** @type {number} */ channels, epsilon = 1e-5) {
    const numbers = [
      this.numbers([channels], 0.5, 1.5),
      this.numbers([channels]),
      this.numbers([channels]),
      this.numbers([channels], 0.5, 1.5),
    ];
    return this.add('BatchNormalization', [x, ...numbers], { epsilon });
  }

  /** The file. */
  bytes() {
    const graph = [
      ...this.#nodes.map((node) => field(1, node)),
      text(2, 'test'),
      ...this.#tensors.map((t) => field(5, t)),
      ...this.#inputs.map((input) => field(11, input)),
      ...this.#outputs.map((output) => field(12, output)),
    ];
    const opset = field(8, Buffer.concat([text(1, ''), varint(2, this.opset)]));
    return Buffer.concat([varint(1, 7), opset, text(2, 'doppel tests'), field(7, Buffer.concat(graph))]);
  }

  #fresh(/** @type {string} */ kind) {
    return `${kind.toLowerCase()}_${this.#count++}`;
  }
}

/** The file for another input size. What it says about other shapes is left out, for it follows from the input's. */
export function withInputShape(/** @type {Uint8Array} */ file, /** @type {number[]} */ shape) {
  const rewritten = (/** @type {number} */ number, /** @type {Buffer} */ bytes) => {
    if (number === 13) return Buffer.alloc(0);
    if (number === 12) return field(12, valueInfo(nameOf(bytes)));
    return field(11, valueInfo(nameOf(bytes), shape));
  };
  const graph = (/** @type {Buffer} */ bytes) =>
    Buffer.concat(
      fields(bytes).map(({ number, whole, inside }) => ([11, 12, 13].includes(number) ? rewritten(number, inside) : whole)),
    );
  return Buffer.concat(
    fields(Buffer.from(file)).map(({ number, whole, inside }) => (number === 7 ? field(7, graph(inside)) : whole)),
  );
}

const nameOf = (/** @type {Buffer} */ valueInfoBytes) =>
  fields(valueInfoBytes)
    .find(({ number }) => number === 1)
    ?.inside.toString() ?? '';

const product = (/** @type {number[]} */ sides) => sides.reduce((a, b) => a * b, 1);

/* ---- messages of onnx.proto ---- */

function tensor(/** @type {string} */ name, /** @type {number[]} */ shape, /** @type {any} */ values) {
  const type = DATA_TYPES.get(values.constructor);
  if (type === undefined) throw new Error(`no ONNX type for ${values.constructor.name}`);
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([...shape.map((side) => varint(1, side)), varint(2, type), text(8, name), field(9, raw)]);
}

/** The tensor as an attribute's value: `Constant` has one. */
export const constantTensor = (/** @type {number[]} */ shape, /** @type {any} */ values) => ({
  tensor: tensor('', shape, values),
});

function attribute(/** @type {string} */ name, /** @type {Attribute} */ value) {
  const list = [value].flat();
  const isFloat = FLOATS.has(name);
  const [type, parts] =
    typeof value === 'string'
      ? [3, [text(4, value)]]
      : typeof value === 'number'
        ? isFloat
          ? [1, [float(2, value)]]
          : [2, [varint(3, value)]]
        : Array.isArray(value)
          ? isFloat
            ? [6, list.map((item) => float(7, Number(item)))]
            : [7, list.map((item) => varint(8, Number(item)))]
          : [4, [field(5, value.tensor)]];
  return Buffer.concat([text(1, name), ...parts, varint(20, type)]);
}

function valueInfo(/** @type {string} */ name, /** @type {(number | string)[]} */ shape = []) {
  const sides = shape.map((side) => field(1, typeof side === 'number' ? varint(1, side) : text(2, side)));
  const tensorType = [varint(1, 1), ...(sides.length ? [field(2, Buffer.concat(sides))] : [])];
  return Buffer.concat([text(1, name), field(2, field(1, Buffer.concat(tensorType)))]);
}

/* ---- protobuf's wire format ---- */

function number(/** @type {bigint} */ value) {
  const bytes = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

const tag = (/** @type {number} */ id, /** @type {number} */ wire) => number(BigInt(id * 8 + wire));
const varint = (/** @type {number} */ id, /** @type {number} */ value) => Buffer.concat([tag(id, 0), number(BigInt(value))]);
const field = (/** @type {number} */ id, /** @type {Buffer} */ bytes) =>
  Buffer.concat([tag(id, 2), number(BigInt(bytes.length)), bytes]);
const text = (/** @type {number} */ id, /** @type {string} */ value) => field(id, Buffer.from(value));

function float(/** @type {number} */ id, /** @type {number} */ value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(id, 5), bytes]);
}

/** The fields of a message: each whole, and what is inside where its length stands before it. */
function fields(/** @type {Buffer} */ bytes) {
  const found = [];
  let at = 0;
  const take = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const head = take();
    const wire = head % 8;
    let inside = /** @type {Buffer} */ (Buffer.alloc(0));
    if (wire === 0) take();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = take();
      inside = bytes.subarray(at, (at += length));
    }
    found.push({ number: Math.floor(head / 8), whole: bytes.subarray(start, at), inside });
  }
  return found;
}
