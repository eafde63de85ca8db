/** Random numbers that are the same on every run, for tests. */

/** mulberry32: 0 … 1 */
export function seeded(/** @type {number} */ state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Roughly normal numbers of mean 0 and the deviation given: the sum of three even ones. */
export function normal(/** @type {() => number} */ random, /** @type {number} */ count, deviation = 1) {
  const factor = 2 * deviation;
  return Float32Array.from({ length: count }, () => (random() + random() + random() - 1.5) * factor);
}

export function uniform(/** @type {() => number} */ random, /** @type {number} */ count, low = 0, high = 1) {
  return Float32Array.from({ length: count }, () => low + random() * (high - low));
}
