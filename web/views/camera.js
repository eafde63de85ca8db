// A picture from the camera: on a button press, never by itself. The stream ends as soon as the dialog does.
import { canvasReadsBack } from '../canvas-check.js';
import * as words from '../words.js';
import { byId, closable } from './dom.js';

export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia);

export class CameraDialog {
  #dialog = byId('camera', HTMLDialogElement);
  #video = byId('camera-video', HTMLVideoElement);
  #shutter = byId('camera-shutter', HTMLButtonElement);
  #turn = byId('camera-turn', HTMLButtonElement);
  #text = byId('camera-text', HTMLParagraphElement);
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {'user' | 'environment'} */
  #facing = 'user';
  #taken;

  /** @param {(picture: File) => void} taken */
  constructor(taken) {
    this.#taken = taken;
    closable(this.#dialog, byId('camera-close', HTMLButtonElement));
    this.#dialog.addEventListener('close', () => this.#stop());
    window.addEventListener('pagehide', () => this.#dialog.close());
    this.#shutter.addEventListener('click', () => this.#take());
    this.#turn.addEventListener('click', () => {
      this.#facing = this.#facing === 'user' ? 'environment' : 'user';
      this.#start();
    });
  }

  open() {
    this.#dialog.showModal();
    return this.#start();
  }

  async #start() {
    this.#stop();
    if (!canvasReadsBack()) {
      this.#text.textContent = words.camera.blocked;
      return;
    }
    this.#text.textContent = words.camera.starting;
    try {
      const video = { facingMode: this.#facing, width: { ideal: 1920 }, height: { ideal: 1440 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      if (!this.#dialog.open) {
        end(stream);
        return;
      }
      this.#stream = stream;
      this.#video.srcObject = stream;
      this.#video.classList.toggle('mirrored', this.#facing === 'user');
      await this.#video.play();
      this.#text.textContent = words.camera.ready;
      this.#shutter.disabled = false;
      this.#shutter.focus();
      const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
      this.#turn.hidden = cameras.length < 2;
    } catch (error) {
      this.#stop();
      this.#text.textContent = whyNot(error);
    }
  }

  /** The picture as the camera sees it, not mirrored. */
  #take() {
    const canvas = document.createElement('canvas');
    canvas.width = this.#video.videoWidth;
    canvas.height = this.#video.videoHeight;
    canvas.getContext('2d')?.drawImage(this.#video, 0, 0);
    this.#dialog.close();
    canvas.toBlob((blob) => {
      if (blob) this.#taken(new File([blob], 'camera.jpg', { type: 'image/jpeg' }));
    }, 'image/jpeg', 0.95);
  }

  #stop() {
    this.#shutter.disabled = true;
    if (this.#stream) end(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }
}

/** @param {MediaStream} stream */
function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {unknown} error */
function whyNot(error) {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return words.camera.denied;
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return words.camera.missing;
  if (name === 'NotReadableError' || name === 'AbortError') return words.camera.busy;
  return words.camera.failed;
}
