// The box drawn by hand, with pointer or keyboard, in pixels of the photo.
import * as words from '../words.js';
import { byId, placeOver } from './dom.js';

/** @typedef {import('../types.js').Box} Box */

const smallest = 16;

export class HandBoxView {
  #stage = byId('photo-stage', HTMLDivElement);
  #element = byId('hand-box', HTMLDivElement);
  #panel = byId('hand', HTMLDivElement);
  /** @type {Box} */
  #box = { x: 0, y: 0, width: 0, height: 0 };
  #width = 1;
  #height = 1;
  #open = false;
  #ways;

  /** @param {{use: (box: Box) => void, leave: () => void, say: (text: string) => void}} ways */
  constructor(ways) {
    this.#ways = ways;
    byId('hand-use', HTMLButtonElement).addEventListener('click', () => ways.use(this.#box));
    byId('hand-cancel', HTMLButtonElement).addEventListener('click', () => ways.leave());
    byId('hand-smaller', HTMLButtonElement).addEventListener('click', () => this.#grow(-0.12));
    byId('hand-larger', HTMLButtonElement).addEventListener('click', () => this.#grow(0.12));
    this.#element.addEventListener('keydown', (event) => this.#key(event));
    this.#stage.addEventListener('pointerdown', (event) => this.#press(event));
  }

  /** @param {import('../types.js').State} state */
  draw({ phase, photo }) {
    const open = phase === 'drawing' && Boolean(photo);
    this.#panel.hidden = !open;
    this.#element.hidden = !open;
    this.#stage.classList.toggle('drawing', open);
    if (open && !this.#open && photo) this.#begin(photo);
    this.#open = open;
  }

  /** @param {import('../types.js').Photo} photo */
  #begin(photo) {
    this.#width = photo.width;
    this.#height = photo.height;
    const side = Math.min(photo.width, photo.height) * 0.45;
    this.#put({ x: (photo.width - side) / 2, y: (photo.height - side) / 2.6, width: side, height: side });
    this.#element.focus({ preventScroll: true });
  }

  /** Keeps the box inside the photo. @param {Box} box */
  #put(box) {
    const width = Math.min(Math.max(box.width, smallest), this.#width);
    const height = Math.min(Math.max(box.height, smallest), this.#height);
    const x = Math.min(Math.max(box.x, 0), this.#width - width);
    const y = Math.min(Math.max(box.y, 0), this.#height - height);
    this.#box = { x, y, width, height };
    placeOver(this.#element, this.#box, this.#width, this.#height);
  }

  /** @param {number} share */
  #grow(share) {
    const { x, y, width, height } = this.#box;
    this.#put({ x: x - (width * share) / 2, y: y - (height * share) / 2, width: width * (1 + share), height: height * (1 + share) });
    this.#say();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = Math.max(2, Math.min(this.#width, this.#height) / 50);
    /** @type {Record<string, [number, number]>} */
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const { x, y, width, height } = this.#box;
    const arrow = arrows[event.key];
    if (arrow && event.shiftKey) this.#put({ x, y, width: width + arrow[0] * step, height: height + arrow[1] * step });
    else if (arrow) this.#put({ x: x + arrow[0] * step, y: y + arrow[1] * step, width, height });
    else if (event.key === '+' || event.key === '=') this.#grow(0.12);
    else if (event.key === '-') this.#grow(-0.12);
    else if (event.key === 'Enter') this.#ways.use(this.#box);
    else if (event.key === 'Escape') this.#ways.leave();
    else return;
    event.preventDefault();
    if (arrow) this.#say();
  }

  #say() {
    const { x, y, width } = this.#box;
    const share = (/** @type {number} */ part, /** @type {number} */ whole) => Math.round((100 * part) / whole);
    this.#ways.say(words.status.boxAt(share(x, this.#width), share(y, this.#height), share(width, this.#width)));
  }

  /** A press inside the box moves it, at its corner resizes it, anywhere else draws a new one. @param {PointerEvent} event */
  #press(event) {
    if (!this.#open || event.button !== 0) return;
    event.preventDefault();
    const target = /** @type {Element} */ (event.target);
    const from = this.#at(event);
    const before = this.#box;
    const corner = target.classList.contains('hand-corner');
    const inside = target === this.#element;
    const move = (/** @type {PointerEvent} */ moved) => {
      const to = this.#at(moved);
      const across = to.x - from.x;
      const down = to.y - from.y;
      if (corner) this.#put({ ...before, width: before.width + across, height: before.height + down });
      else if (inside) this.#put({ ...before, x: before.x + across, y: before.y + down });
      else if (Math.hypot(across, down) > 4)
        this.#put({ x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(across), height: Math.abs(down) });
    };
    const lift = () => {
      this.#stage.removeEventListener('pointermove', move);
      this.#element.focus({ preventScroll: true });
    };
    this.#stage.setPointerCapture(event.pointerId);
    this.#stage.addEventListener('pointermove', move);
    this.#stage.addEventListener('lostpointercapture', lift, { once: true });
  }

  /** @param {PointerEvent} event */
  #at(event) {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    return { x: ((event.clientX - left) / width) * this.#width, y: ((event.clientY - top) / height) * this.#height };
  }
}
