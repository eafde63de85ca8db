/**
 * The smallest page of face-api's that does what ours does: waits for a photo while its tiny set loads, all files at once,
 * and says who of a few people is most alike. start.mjs gives the photo and reads the clock.
 */
// @ts-ignore: the bench's host serves the npm package beside this file
const { FaceMatcher, LabeledFaceDescriptors, TinyFaceDetectorOptions, detectSingleFace, nets, tf } = await import('./face-api/dist/face-api.esm.js');

const PEOPLE = 18;
const DIMENSION = 128;

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
const picture = await createImageBitmap(/** @type {any} */ (window).benchPhoto());
const canvas = document.createElement('canvas');
[canvas.width, canvas.height] = [picture.width, picture.height];
/** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).drawImage(picture, 0, 0);
const { descriptor } = await detectSingleFace(canvas, new TinyFaceDetectorOptions({ inputSize: 416 })).withFaceLandmarks().withFaceDescriptor();
document.body.textContent = matcher.findBestMatch(descriptor).toString();
document.documentElement.dataset.photo = 'matched';
