// What went wrong, with the ways out of it as buttons.
import * as words from '../words.js';
import { byId, changes, make } from './dom.js';

export class AlertView {
  #alert = byId('alert', HTMLDivElement);
  #actions = byId('alert-actions', HTMLDivElement);
  #changed = changes();

  /** @param {(action: string | null) => void} act */
  constructor(act) {
    this.#actions.addEventListener('click', (event) => act(/** @type {Element} */ (event.target).getAttribute('data-action')));
  }

  /** @param {import('../types.js').State} state */
  draw({ problem }) {
    if (!this.#changed(problem)) return;
    this.#alert.hidden = !problem;
    this.#alert.dataset.code = problem?.code ?? '';
    byId('alert-text', HTMLParagraphElement).textContent = problem?.sentence ?? '';
    const buttons = (problem?.actions ?? []).map((action, i) =>
      make('button', { type: 'button', 'data-action': action, class: i === 0 ? 'strong' : '' }, words.actions[action]),
    );
    this.#actions.replaceChildren(...buttons);
    if (problem) this.#alert.focus();
  }
}
