// What may be wrong with the photo of a face, by the engine's measures. Below the limits of size and sharpness the share of
// pairs of one person that still pass for the same falls under nine tenths; the others leave at least 97 of 100 good photos
// unmarked. `npm run bench -- quality` measures both on photos of lfw-dev and degraded copies of them.

export const limits = { size: 24, sharpness: 0.024, brightness: 0.08, yaw: 45, pitch: 40, visible: 0.85, detail: 0.3 };

/** @typedef {'small' | 'blurred' | 'dark' | 'turned' | 'covered'} Doubt */

/** @param {import('./types.js').Quality | null} quality @returns {Doubt[]} */
export function doubtsOf(quality) {
  if (!quality) return [];
  const { size, sharpness, brightness, yaw, pitch, visible, detail } = quality;
  /** @type {Record<Doubt, boolean>} */
  const found = {
    small: size < limits.size,
    blurred: sharpness < limits.sharpness,
    dark: brightness < limits.brightness,
    turned: Math.abs(yaw) > limits.yaw || Math.abs(pitch) > limits.pitch,
    covered: visible < limits.visible || detail < limits.detail,
  };
  return /** @type {Doubt[]} */ (Object.keys(found).filter((doubt) => found[/** @type {Doubt} */ (doubt)]));
}
