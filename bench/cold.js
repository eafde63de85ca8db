/**
 * The smallest page of face-api's that does what ours does: waits for a photo while its tiny set loads, all files at once,
 * and says who of a few people is most alike. start.mjs gives the photo and reads the clock.
 */
// @ts-ignore: the bench's host serves the npm package beside this file
import { FaceMatcher, LabeledFaceDescriptors, TinyFaceDetectorOptions, detectSingleFace, nets, tf } from './face-api/dist/face-api.esm.js';

const PEOPLE = 18;
const DIMENSION = 128;

/** As soon as there is one. @returns {Promise<File>} */
const photo = new Promise((given) => {
  const input = /** @type {HTMLInputElement} */ (document.querySelector('#file-input'));
  input.addEventListener('change', () => input.files?.length && given(input.files[0]));
});

async function backend() {
  tf.setWasmPaths(new URL('./tfjs-backend-wasm/dist/', import.meta.url).href);
  await tf.setBackend('wasm');
  await tf.ready();
}

const models = new URL('./face-api/model', import.meta.url).href;
const used = [nets.tinyFaceDetector, nets.faceLandmark68Net, nets.faceRecognitionNet];
const matcher = new FaceMatcher(
  Array.from({ length: PEOPLE }, (_, i) => new LabeledFaceDescriptors(`${i}`, [Float32Array.from({ length: DIMENSION }, Math.random)])),
);
await backend();
await Promise.all(used.map((net) => net.loadFromUri(models)));
const picture = await createImageBitmap(await photo);
const canvas = document.createElement('canvas');
[canvas.width, canvas.height] = [picture.width, picture.height];
/** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).drawImage(picture, 0, 0);
const { descriptor } = await detectSingleFace(canvas, new TinyFaceDetectorOptions({ inputSize: 416 })).withFaceLandmarks().withFaceDescriptor();
document.body.textContent = matcher.findBestMatch(descriptor).toString();
document.documentElement.dataset.photo = 'matched';
