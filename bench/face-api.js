/**
 * The peer's side of the bench: face-api with the WebAssembly backend of tfjs (SIMD, one thread), on the page's main
 * thread, where its users run it. Every stage starts from a canvas whose pixels are decoded already.
 */
const faceapi = await import('./face-api/dist/face-api.esm.js');
const { tf, nets } = faceapi;

const tiny = new faceapi.TinyFaceDetectorOptions({ inputSize: 416 });
const ssd = new faceapi.SsdMobilenetv1Options();

/** What the stages work on. @type {{photo: HTMLCanvasElement, face: HTMLCanvasElement, chip: HTMLCanvasElement}} */
let prepared;

/** Reads the networks. @returns what runs here, for the head of the report */
export async function load() {
  tf.setWasmPaths(new URL('./tfjs-backend-wasm/dist/', import.meta.url).href);
  await tf.setBackend('wasm');
  await tf.ready();
  const models = new URL('./face-api/model', import.meta.url).href;
  const used = [nets.tinyFaceDetector, nets.ssdMobilenetv1, nets.faceLandmark68Net, nets.faceRecognitionNet];
  await Promise.all(used.map((net) => net.loadFromUri(models)));
  return {
    version: faceapi.version,
    backend: tf.getBackend(),
    simd: await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
    threads: await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'),
  };
}

/** Takes over a photo and prepares what the later stages start from. */
export async function use(/** @type {HTMLCanvasElement} */ photo) {
  const found =
    (await faceapi.detectSingleFace(photo, tiny).withFaceLandmarks()) ??
    (await faceapi.detectSingleFace(photo, ssd).withFaceLandmarks());
  if (!found) throw new Error('face-api finds no face in the photo of the bench');
  const [face] = await faceapi.extractFaces(photo, [found.detection]);
  const [chip] = await faceapi.extractFaces(photo, [found.landmarks.align(null, { useDlibAlignment: true })]);
  prepared = { photo, face, chip };
}

/** Each stage is one call as face-api's users make it. @type {Record<string, () => Promise<any>>} */
export const stages = {
  'detect, tiny at 416': async () => faceapi.tinyFaceDetector(prepared.photo, tiny),
  'detect, SSD': async () => faceapi.ssdMobilenetv1(prepared.photo, ssd),
  points: async () => nets.faceLandmark68Net.detectLandmarks(prepared.face),
  embed: async () => nets.faceRecognitionNet.computeFaceDescriptor(prepared.chip),
  'whole, tiny': async () => faceapi.detectSingleFace(prepared.photo, tiny).withFaceLandmarks().withFaceDescriptor(),
  'whole, SSD': async () => faceapi.detectSingleFace(prepared.photo, ssd).withFaceLandmarks().withFaceDescriptor(),
};

/** Boxes for the recall table: [x, y, width, height] in pixels of the canvas. */
export async function boxes(/** @type {'tiny' | 'ssd'} */ detector, /** @type {HTMLCanvasElement} */ photo) {
  const found = await faceapi.detectAllFaces(photo, detector === 'tiny' ? tiny : ssd);
  return found.map(({ box }) => [box.x, box.y, box.width, box.height]);
}
