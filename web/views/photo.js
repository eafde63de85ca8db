// The photo as the engine saw it, with a mark around each face. A mark is the label of the face's radio button, so that
// pressing it picks the face.
import * as words from '../words.js';
import { byId, changes, make, placeOver } from './dom.js';

/** Of the photo's width. A number in a smaller face could not be read; its thumbnail has it. */
const leastNumbered = 0.04;

export class PhotoView {
  #picture = byId('photo-picture', HTMLDivElement);
  #stage = byId('photo-stage', HTMLDivElement);
  #marks = byId('face-marks', HTMLDivElement);
  #figure = byId('photo', HTMLElement);
  #photoChanged = changes();
  #facesChanged = changes();

  /** @param {import('../types.js').State} state */
  draw({ photo, faces, chosen, phase }) {
    this.#figure.hidden = !photo;
    if (!photo) return;
    if (this.#photoChanged(photo)) {
      photo.picture.setAttribute('alt', ''); // #photo-picture has the name
      this.#picture.replaceChildren(photo.picture);
      this.#stage.style.setProperty('--ratio', String(photo.width / photo.height));
      this.#picture.setAttribute('aria-label', `Your photo, ${photo.name}`);
    }
    if (this.#facesChanged(faces, photo))
      this.#marks.replaceChildren(
        ...faces.map((face, i) => {
          const mark = make('label', { class: 'face-mark', for: `face-${i}`, 'data-face': String(i) });
          mark.title = words.faceLabel(i, faces.length, words.whereabouts(face.box, photo.width, photo.height));
          const share = face.box.width / photo.width;
          if (faces.length > 1 && share > leastNumbered) {
            mark.append(make('span', { class: 'face-number', 'aria-hidden': 'true' }, String(i + 1)));
            mark.style.setProperty('--share', String(share));
          }
          placeOver(mark, face.box, photo.width, photo.height);
          return mark;
        }),
      );
    this.#marks.hidden = phase === 'drawing';
    for (const mark of this.#marks.children)
      mark.classList.toggle('chosen', /** @type {HTMLElement} */ (mark).dataset.face === String(chosen));
  }
}
