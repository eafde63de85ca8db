// Whether a canvas gives back the pixels that were drawn. Firefox with privacy.resistFingerprinting (Tor Browser,
// LibreWolf, Mullvad Browser) returns others, unless the visitor allows canvas data for the site.

const colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [40, 120, 200], [200, 120, 40], [0, 0, 0], [128, 128, 128], [255, 255, 255]];
/** Some browsers change single levels only, against fingerprinting as well: no face looks different for that. */
const tolerance = 8;

let readsBack = false;

/** Checked once; only a refusal is checked again, since the visitor may allow it meanwhile. */
export function canvasReadsBack() {
  readsBack ||= check();
  return readsBack;
}

function check() {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = colours.length;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return false;
  colours.forEach(([r, g, b], row) => {
    context.fillStyle = `rgb(${r} ${g} ${b})`;
    context.fillRect(0, row, canvas.width, 1);
  });
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return data.every((value, i) => {
    const expected = [...colours[Math.floor(i / 4 / canvas.width)], 255][i % 4];
    return Math.abs(value - expected) <= tolerance;
  });
}
