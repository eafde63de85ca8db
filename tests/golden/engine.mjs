/** Our two engines in node: the WebAssembly module, with the page's own session, and the native program. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Session } from '../../web/heap.js';
import { build, program } from '../places.mjs';

const execute = promisify(execFile);
const inUse = join(build, 'models');

/** The modules, each in build/wasm: with relaxed SIMD and without. */
export const MODULES = ['doppel.wasm', 'relaxed/doppel.wasm'];

/** An instance of a module as Emscripten gives it. */
export async function openModule(file = 'doppel.wasm') {
  const { default: createDoppel } = await import(join(build, 'wasm/doppel.mjs'));
  return createDoppel({ wasmBinary: await readFile(join(build, 'wasm', file)) });
}

/** @typedef {{role: string, name: string, path: string}} Entry */

/** A session with all networks of a set, or without the heavy one, as the page opens it before a photo. */
export async function openSession({ thorough = true, models = inUse, module = 'doppel.wasm' } = {}) {
  const session = new Session(await openModule(module));
  for (const { path, role } of await networksOf(models))
    if (thorough || role !== 'thorough') session.addNetwork(await readFile(path));
  session.start();
  return session;
}

export const networksInUse = () => networksOf(inUse);

/** @returns {Promise<Entry[]>} the networks of a set's folder, unpacked, with their whole path */
async function networksOf(/** @type {string} */ models) {
  const { networks } = JSON.parse(await readFile(join(models, 'models.json'), 'utf8'));
  return networks.map((/** @type {Entry} */ entry) => ({ ...entry, path: join(models, entry.path.replace(/\.gz$/, '')) }));
}

/** One forward pass in the module, all outputs one behind the other. */
export function runNetworkInModule(
  /** @type {any} */ module,
  /** @type {Uint8Array} */ network,
  /** @type {Float32Array} */ input,
  /** @type {number[]} */ shape,
) {
  const session = module._session_open();
  const call = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes, /** @type {number[]} */ ...rest) => {
    const room = module._session_inbox(session, bytes.length); // before the heap is looked at: this may make it grow
    module.HEAPU8.set(bytes, room);
    if (module[name](session, ...rest)) throw new Error(module.UTF8ToString(module._session_message(session)));
  };
  try {
    call('_session_open_network', network);
    call('_session_run_network', new Uint8Array(input.buffer, input.byteOffset, input.byteLength), ...shape);
    const start = module._session_outbox(session) / 4;
    return module.HEAPF32.slice(start, start + module._session_outbox_size(session) / 4);
  } finally {
    module._session_close(session);
  }
}

/** The same forward pass in the native program: a file or its path. */
export async function runNetworkNatively(
  /** @type {string | Uint8Array} */ network,
  /** @type {Float32Array} */ input,
  /** @type {number[]} */ shape,
) {
  const folder = await mkdtemp(join(tmpdir(), 'doppel-golden-'));
  try {
    const [from, to] = [join(folder, 'input.f32'), join(folder, 'output.f32')];
    const path = typeof network === 'string' ? network : join(folder, 'network.safetensors');
    if (typeof network !== 'string') await writeFile(path, network);
    await writeFile(from, new Uint8Array(input.buffer, input.byteOffset, input.byteLength));
    await execute(program, ['run', path, '--input', from, '--shape', shape.join(), '--output', to]);
    const bytes = await readFile(to);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs a subcommand of the native program and reads the JSON that it prints. */
export async function programJson(/** @type {string[]} */ ...words) {
  const options = { maxBuffer: 64 << 20 };
  // A photo that cannot be read makes the exit code 1, and the JSON says why.
  const { stdout } = await execute(program, words, options).catch((failed) => failed);
  return JSON.parse(stdout);
}

/** What a network file says about itself: the `doppel` document of its metadata. */
export function networkDocument(/** @type {Buffer} */ file) {
  const length = Number(file.readBigUInt64LE(0));
  return JSON.parse(JSON.parse(file.subarray(8, 8 + length).toString()).__metadata__.doppel);
}

/** The same network file without a wish for int8 arithmetic: spaces stand in its place. */
export function inFloat(/** @type {Buffer} */ file) {
  const wish = Buffer.from('\\"arithmetic\\":\\"int8\\",');
  const at = file.indexOf(wish);
  return at < 0 ? file : Buffer.concat([file.subarray(0, at), Buffer.alloc(wish.length, ' '), file.subarray(at + wish.length)]);
}
