// What may be wrong with the photo of a face, by the engine's measures. Below the limits of size, sharpness, brightness and
// visible part, a photo of the same person is no longer recognised in at least one of ten cases; detail, which eyes or a
// mouth that are covered lose, and the angles leave at least 97 of 100 good photos unmarked. All from
// `npm run bench -- quality --pairs 80` on photos of lfw-dev and degraded copies of them; lfw-dev has too few turned heads
// to say from which angle on they are no longer recognised.

export const limits = { size: 22, sharpness: 0.018, brightness: 0.05, yaw: 45, pitch: 40, visible: 0.65, detail: 0.3 };

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
