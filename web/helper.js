// A worker that takes a share of the module's work; engine-worker.js hires it, and Emscripten's script tells it what to do.
// It sees the same memory, photo and all, so the network is taken away from it just the same. guard.js must stay the first
// import.
import { stillReachable } from './guard.js';
// @ts-ignore: built by Emscripten, beside the page when it is served. It knows by this worker's name what it is.
import './threads/doppel.mjs';

const reachable = stillReachable();
if (reachable.length) throw new Error(`The helper could still reach ${reachable.join(', ')}.`);
