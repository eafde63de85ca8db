// What may be wrong with the photo of a face, by the engine's measures. The limits are those at which the share of pairs of
// one person that still pass for the same drops below nine tenths of what it is with good photos; `npm run bench -- quality`
// measures it on degraded photos of lfw-dev and prints how often good photos are wrongly called bad.

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
