/**
 * Drawn heads over every picture of the page, so that a screenshot of it can be published: nobody's photo is in it.
 * Runs inside the page.
 */
export function drawOverPictures() {
  const skins = ['#e8b994', '#8d5a3b', '#c98f63', '#f0cbb0', '#5f3b28', '#b97a50'];
  const hairs = ['#1d1a1a', '#5b3a1e', '#b98b3e', '#8a8a8a', '#3a2a52', '#7a1f1f'];
  const backs = ['#3a4048', '#6b7c85', '#c9b79c', '#44523f', '#7d6d8a', '#9aa7a0'];
  /** @type {(i: number, list: string[]) => string} */
  const pick = (i, list) => list[((i % list.length) + list.length) % list.length];

  /** A head with shoulders, its face filling the box x, y, side. */
  function head(/** @type {CanvasRenderingContext2D} */ pen, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ side, /** @type {number} */ seed) {
    const cx = x + side / 2, cy = y + side / 2;
    const oval = (/** @type {string} */ fill, /** @type {number[]} */ [dx, dy, rx, ry]) => {
      pen.fillStyle = fill;
      pen.beginPath();
      pen.ellipse(cx + dx * side, cy + dy * side, rx * side, ry * side, 0, 0, 2 * Math.PI);
      pen.fill();
    };
    const long = seed % 3 === 0, wide = 0.36 + 0.02 * (seed % 4);
    oval(pick(seed + 1, hairs), long ? [0, 0.12, wide + 0.14, 0.72] : [0, -0.14, wide + 0.08, 0.5]);
    oval(pick(seed * 5 + 2, backs), [0, 1.12, 0.85, 0.5]);
    oval(pick(seed, skins), [0, 0.5, 0.16, 0.3]);
    oval(pick(seed, skins), [0, 0, wide, 0.5]);
    oval(pick(seed + 1, hairs), [seed % 2 ? 0.1 : -0.1, -0.42, wide * 0.8, 0.16]);
    for (const eye of [-0.16, 0.16]) oval('#1a1a1a', [eye, -0.06, 0.035, 0.045]);
    oval('#00000022', [0, 0.1, 0.05, 0.08]);
    oval('#7a2f2f', [0, 0.27, 0.11, 0.02 + 0.012 * (seed % 4)]);
  }

  for (const image of document.querySelectorAll('#photo-picture > img')) {
    const canvas = document.createElement('canvas');
    const box = image.getBoundingClientRect();
    [canvas.width, canvas.height] = [box.width, box.height];
    image.replaceWith(canvas);
  }
  const isPhoto = (/** @type {Element} */ canvas) => canvas.parentElement?.id === 'photo-picture';
  let seed = 0;
  for (const canvas of document.querySelectorAll('canvas')) {
    const pen = canvas.getContext('2d');
    if (!pen || canvas.width < 2) continue;
    const box = canvas.getBoundingClientRect(), scale = canvas.width / (box.width || 1);
    pen.fillStyle = isPhoto(canvas) ? '#565d52' : pick(seed * 7 + 3, backs);
    pen.fillRect(0, 0, canvas.width, canvas.height);
    if (isPhoto(canvas))
      for (const mark of document.querySelectorAll('.face-mark')) {
        const place = mark.getBoundingClientRect();
        head(pen, (place.left - box.left) * scale, (place.top - box.top) * scale, place.height * scale, seed++);
      }
    else head(pen, canvas.width * 0.2, canvas.height * 0.16, canvas.width * 0.6, seed++);
  }
}
