/**
 * The peer's side of the bench: face-api with the WebAssembly backend of tfjs (SIMD, one thread), on the page's main
 * thread, where its users run it. All but `decode` start from a canvas whose pixels are decoded already.
 */
// @ts-ignore: the bench's host serves the npm package beside this file
const faceapi = await import('./face-api/dist/face-api.esm.js');
const { tf, nets } = faceapi;

const tiny = new faceapi.TinyFaceDetectorOptions({ inputSize: 416 });
const ssd = new faceapi.SsdMobilenetv1Options();

/** @type {{jpeg: Blob, canvas: HTMLCanvasElement, chip: HTMLCanvasElement, vector: Float32Array}} */
let photo;
/** @type {any} */
let matcher;

/** Reads the networks. @returns what runs here, for the head of the report */
export async function load(/** @type {{people: number, dimension: number}} */ { people, dimension }) {
  tf.setWasmPaths(new URL('./tfjs-backend-wasm/dist/', import.meta.url).href);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // one thread, like the others
  await tf.setBackend('wasm');
  await tf.ready();
  const models = new URL('./face-api/model', import.meta.url).href;
  const used = [nets.tinyFaceDetector, nets.ssdMobilenetv1, nets.faceLandmark68Net, nets.faceRecognitionNet];
  await Promise.all(used.map((net) => net.loadFromUri(models)));
  const labelled = Array.from(
    { length: people },
    (_, i) => new faceapi.LabeledFaceDescriptors(`${i}`, [Float32Array.from({ length: dimension }, Math.random)]),
  );
  matcher = new faceapi.FaceMatcher(labelled);
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { backend: `${tf.getBackend()}${simd ? ' with SIMD' : ''}` };
}

/** Takes over a photo and prepares what the later stages start from. */
export async function use(/** @type {{jpeg: Blob, canvas: HTMLCanvasElement}} */ { jpeg, canvas }) {
  const found =
    (await faceapi.detectSingleFace(canvas, tiny).withFaceLandmarks()) ??
    (await faceapi.detectSingleFace(canvas, ssd).withFaceLandmarks());
  if (!found) throw new Error('face-api finds no face in the photo of the bench');
  const [chip] = await faceapi.extractFaces(canvas, [found.landmarks.align(null, { useDlibAlignment: true })]);
  photo = { jpeg, canvas, chip, vector: await nets.faceRecognitionNet.computeFaceDescriptor(chip) };
}

/** Each stage is one call as face-api's users make it; `whole` ends with the descriptor, before its search. @type {Record<string, () => Promise<any>>} */
const stages = {
  async decode() {
    const bitmap = await createImageBitmap(photo.jpeg);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, 1, 1);
  },
  'detect and points, tiny': async () => faceapi.detectSingleFace(photo.canvas, tiny).withFaceLandmarks(),
  'detect and points, SSD': async () => faceapi.detectSingleFace(photo.canvas, ssd).withFaceLandmarks(),
  embed: async () => nets.faceRecognitionNet.computeFaceDescriptor(photo.chip),
  search: async () => matcher.findBestMatch(photo.vector),
  'whole, tiny': async () => faceapi.detectSingleFace(photo.canvas, tiny).withFaceLandmarks().withFaceDescriptor(),
  'whole, SSD': async () => faceapi.detectSingleFace(photo.canvas, ssd).withFaceLandmarks().withFaceDescriptor(),
};

/** Milliseconds that one stage takes. */
export async function time(/** @type {string} */ stage) {
  const began = performance.now();
  const result = await stages[stage]();
  const ms = performance.now() - began;
  if (!result) throw new Error(`face-api: nothing came out of “${stage}”`);
  return ms;
}

/** Boxes for the recall table: [x, y, width, height] in pixels of the canvas. */
export async function boxes(/** @type {'tiny' | 'ssd'} */ detector, /** @type {HTMLCanvasElement} */ canvas) {
  const found = await faceapi.detectAllFaces(canvas, detector === 'tiny' ? tiny : ssd);
  return found.map((/** @type {any} */ { box }) => [box.x, box.y, box.width, box.height]);
}
