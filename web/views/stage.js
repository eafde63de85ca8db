// The stage: the visitor's face and one portrait, both cut level with the eyes in the same place, one over the other. A
// slider that covers the picture lays more of the one or of the other open; it takes drags, touches and keys.
import * as words from '../words.js';
import { byId, changes, clear, make, paint, paintBitmap, showOriginal } from './dom.js';
import { fieldList } from './match-card.js';

/** @typedef {import('../types.js').Result} Result */
/** @typedef {import('../types.js').Verdict} Verdict */
/** @typedef {import('../types.js').Picture} Picture */
/** @typedef {import('../types.js').PersonPhoto} PersonPhoto */
/** @typedef {'wipe' | 'fade' | 'blink' | 'both'} Way */

/**
 * @typedef {object} Ways
 * @property {(index: number) => void} show
 * @property {(result: Result, verdict: Verdict) => void} decide
 * @property {(result: Result) => Verdict | null} verdictOn
 * @property {() => void} keep  opens the card to keep
 * @property {() => Promise<Picture>} probe  the visitor's face
 * @property {(result: Result) => Promise<ImageBitmap>[]} portraits  from the one that comes first to the sharpest
 */

const blinkEvery = 700;
const playFor = 2600;
/** Pixels that a finger moves sideways before it is a swipe. */
const swipeFrom = 48;

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

export class StageView {
  #stage = byId('stage', HTMLElement);
  #picture = byId('stage-picture', HTMLDivElement);
  #probe = byId('stage-probe', HTMLCanvasElement);
  #match = byId('stage-match', HTMLCanvasElement);
  #slider = byId('stage-slider', HTMLInputElement);
  #methods = byId('stage-ways', HTMLDivElement);
  #verdicts = byId('stage-verdicts', HTMLDivElement);
  #undo = byId('stage-undo', HTMLButtonElement);
  #previous = byId('stage-previous', HTMLButtonElement);
  #next = byId('stage-next', HTMLButtonElement);
  #resultChanged = changes();
  #probeChanged = changes();
  /** @type {Way} */
  #way = 'wipe';
  /** @type {Result | null} */
  #result = null;
  /** Whose face is the probe. @type {PersonPhoto | null} */
  #photo = null;
  #shown = 0;
  #count = 0;
  #motion = 0;
  #ways;

  /** @param {Ways} ways */
  constructor(ways) {
    this.#ways = ways;
    this.#verdicts.append(...verdictButtons());
    this.#verdicts.addEventListener('click', ({ target }) => {
      const verdict = /** @type {Element} */ (target).closest('[data-decision]')?.getAttribute('data-decision');
      if (verdict && this.#result) ways.decide(this.#result, /** @type {Verdict} */ (verdict));
    });
    this.#undo.addEventListener('click', () => {
      const verdict = this.#result && ways.verdictOn(this.#result);
      if (this.#result && verdict) ways.decide(this.#result, verdict);
      this.#verdicts.querySelector('button')?.focus();
    });
    this.#previous.addEventListener('click', () => this.#step(-1));
    this.#next.addEventListener('click', () => this.#step(1));
    byId('stage-keep', HTMLButtonElement).addEventListener('click', () => ways.keep());
    this.#methods.addEventListener('change', ({ target }) => this.#use(/** @type {Way} */ (/** @type {HTMLInputElement} */ (target).value)));
    this.#slider.addEventListener('input', () => {
      this.#stop();
      this.#lay();
    });
    for (const event of ['pointerdown', 'keydown']) this.#slider.addEventListener(event, () => this.#stop());
    this.#slider.addEventListener('click', () => this.#way === 'blink' && this.#flip());
    this.#stage.addEventListener('keydown', (event) => this.#key(event));
    swipes(byId('stage-text', HTMLDivElement), (by) => this.#step(by));
    this.#use('wipe');
  }

  /** @param {import('../types.js').State} state @param {import('../gallery.js').Gallery | null} gallery */
  draw({ results, shown, among, looks, phase, quality }, gallery) {
    const result = results[shown] ?? null;
    this.#stage.hidden = !result;
    if (!result || !gallery) {
      this.#stop();
      this.#result = null;
      this.#resultChanged(null);
      return;
    }
    this.#shown = shown;
    this.#count = results.length;
    if (this.#probeChanged(looks.photos[0])) this.#showProbe(looks.photos[0]);
    if (this.#resultChanged(result, gallery.sizesOf(result.photo).length)) this.#showResult(result, gallery);
    const said = words.resemblance(result, among, gallery);
    const sentence = byId('stage-sentence', HTMLParagraphElement);
    sentence.replaceChildren(said.chance, ' ', make('strong', {}, said.place));
    sentence.dataset.level = String(said.level);
    sentence.classList.toggle('marked', said.marked);
    byId('stage-rank', HTMLParagraphElement).textContent = words.stage.rank(result.rank, results.length);
    const quality_ = byId('quality', HTMLParagraphElement);
    const doubts = phase === 'matched' ? words.quality(quality) : '';
    quality_.hidden = !doubts;
    quality_.textContent = doubts;
    this.#previous.disabled = shown === 0;
    this.#next.disabled = shown === results.length - 1;
    const verdict = this.#ways.verdictOn(result);
    showVerdict(this.#verdicts, verdict);
    this.#undo.hidden = !verdict;
  }

  /** For the card to keep: both pictures as they are on the stage. */
  get pictures() {
    return { probe: this.#probe, match: this.#match };
  }

  /** `looks` change together with the results, so the face and what was found for it are on the stage together. @param {PersonPhoto} photo */
  async #showProbe(photo) {
    this.#photo = photo;
    clear(this.#probe);
    this.#note();
    const picture = await this.#ways.probe().catch(() => null);
    if (!picture || this.#photo !== photo) return;
    paint(this.#probe, picture);
    this.#note();
  }

  /** @param {Result} result @param {import('../gallery.js').Gallery} gallery */
  #showResult(result, gallery) {
    this.#result = result;
    clear(this.#match); // another person's face must not stay above this one's name
    this.#match.setAttribute('aria-label', words.card.portrait(result.name));
    this.#stage.dataset.person = String(result.person);
    this.#stage.dataset.faces = gallery.facesOf([result.photo]);
    showOriginal(byId('stage-name', HTMLHeadingElement), result.name || words.card.nameless, result.name && result.lang);
    byId('stage-fields', HTMLDivElement).replaceChildren(fieldList(result, gallery.manifest.fields ?? []));
    showOriginal(byId('stage-label-match', HTMLSpanElement), result.name || words.card.nameless, result.name && result.lang);
    this.#note();
    let sharpest = -1;
    this.#ways.portraits(result).forEach((portrait, i) =>
      portrait.then((bitmap) => {
        if (this.#result !== result || i < sharpest) return;
        const first = sharpest < 0;
        sharpest = i;
        paintBitmap(this.#match, bitmap);
        this.#note();
        if (first && result.rank === 1) this.#play();
      }).catch(() => {}),
    );
  }

  /** Which pictures are there, for the style and for tests. */
  #note() {
    this.#stage.dataset.pictures = [this.#probe.width > 1 ? 'probe' : '', this.#match.width > 1 ? 'match' : ''].filter(Boolean).join(' ');
  }

  /** @param {number} by */
  #step(by) {
    const to = this.#shown + by;
    if (to >= 0 && to < this.#count) this.#ways.show(to);
  }

  /** Arrow keys step through the results, unless they move the slider or choose among radio buttons. @param {KeyboardEvent} event */
  #key(event) {
    if (/** @type {Element} */ (event.target).matches('input') || event.ctrlKey || event.altKey || event.metaKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.#step(by);
  }

  // ------------------------------------------------------------------------------------------ between the two faces

  /** @param {Way} way */
  #use(way) {
    this.#stop();
    this.#way = way;
    this.#picture.dataset.way = this.#stage.dataset.way = way;
    this.#slider.hidden = way === 'both';
    this.#slider.step = way === 'blink' ? '100' : '1';
    this.#set(way === 'wipe' || way === 'fade' ? 50 : 0);
    if (way === 'blink' && !stillness.matches) this.#motion = window.setInterval(() => this.#flip(), blinkEvery);
  }

  #flip() {
    this.#set(this.#slider.valueAsNumber > 50 ? 0 : 100);
  }

  /** From the visitor's face to the portrait and back to the middle, once, where motion is welcome. */
  #play() {
    if (stillness.matches || this.#motion || this.#way === 'both' || this.#way === 'blink') return;
    const began = performance.now();
    const frame = (/** @type {number} */ now) => {
      const t = Math.min(1, Math.max(0, (now - began) / playFor));
      const path = t < 0.65 ? 50 + 50 * Math.cos((Math.PI * t) / 0.65) : 25 - 25 * Math.cos((Math.PI * (t - 0.65)) / 0.35);
      this.#set(path);
      this.#motion = t < 1 ? requestAnimationFrame(frame) : 0;
    };
    this.#motion = requestAnimationFrame(frame);
  }

  #stop() {
    cancelAnimationFrame(this.#motion);
    clearInterval(this.#motion);
    this.#motion = 0;
  }

  /** @param {number} value 100: the visitor's face alone */
  #set(value) {
    this.#slider.valueAsNumber = Math.round(value);
    this.#lay();
  }

  #lay() {
    const value = this.#slider.valueAsNumber;
    this.#picture.style.setProperty('--probe', String(value / 100));
    this.#slider.setAttribute('aria-valuetext', words.stage.mixed(value));
  }
}

/** A finger that moves sideways over an element. @param {HTMLElement} element @param {(by: number) => void} step */
function swipes(element, step) {
  let from = { x: 0, y: 0 };
  element.addEventListener('touchstart', ({ touches }) => (from = { x: touches[0].clientX, y: touches[0].clientY }), { passive: true });
  element.addEventListener('touchend', ({ changedTouches }) => {
    const across = changedTouches[0].clientX - from.x;
    const down = changedTouches[0].clientY - from.y;
    if (Math.abs(across) > swipeFrom && Math.abs(across) > 2 * Math.abs(down)) step(across < 0 ? 1 : -1);
  });
}

const verdictButtons = () =>
  Object.entries(words.verdicts).map(([verdict, text]) =>
    make('button', { type: 'button', 'data-decision': verdict, 'aria-pressed': 'false' }, text),
  );

/** @param {Element} within @param {Verdict | null} verdict */
function showVerdict(within, verdict) {
  for (const button of within.querySelectorAll('[data-decision]'))
    button.setAttribute('aria-pressed', String(button.getAttribute('data-decision') === verdict));
}
