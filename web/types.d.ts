// What passes between the page's modules. Only `tsc --checkJs` reads this.

export interface Box { x: number; y: number; width: number; height: number }
export interface Point { x: number; y: number }

/** A face in pixels of the upright photo. */
export interface Face { box: Box; score: number; roll: number; points: Point[]; byHand: boolean }

/** How well a photo shows a face, as dpl_face_quality and dpl_face_exposure of doppel.h say it. */
export interface Quality { size: number; sharpness: number; yaw: number; pitch: number; brightness: number; visible: number; detail: number }

/** A picture as a canvas takes it. */
export interface Picture { width: number; height: number; rgba: ArrayBuffer }

/** A face as numbers: made in the worker, given back to it for a search, and never looked into here. */
export type Vector = Float32Array;

/** A face of a photo that was looked at aside. */
export interface FaceSeen { portrait: Picture; chip: Picture; vector: Vector }

/** A photo that stands for the person searched for: the one at hand (`seen` is null), or one that was added. */
export interface PersonPhoto { name: string; portrait: Picture | null; seen: FaceSeen | null }

/** A field of the roster that people can be chosen by; "" stands for those of whom the roster says nothing. */
export interface Column { key: string; values: { text: string; people: number }[] }

/** Only people with one of these values of this column, both by their number. */
export interface Condition { column: number; values: number[] }

export interface Match {
  person: number;
  photo: number;
  similarity: number;
  /** Shares of pairs of different people, and of photos of one person, that are less alike; −1: unknown. */
  lessAlike: number;
  lessAlikeSame: number;
  /** How many of the people searched are expected to be this alike to a stranger by chance; −1: unknown. */
  chance: number;
  /** Share of best matches between different people that are less alike; −1: unknown. */
  bestShare: number;
}

/** `id` is the same when the gallery is built again; "" in galleries of before. */
/** lang: of the name and the field values; empty where nobody has said it. */
export interface Person { id: string; name: string; lang: string; photoCount: number; fields: Record<string, unknown> }

export interface Field { key: string; label: string }

/** Counted were `pairs` of the pairs that there are. */
export interface Distribution { pairs: number; of?: number; first: number; counts: number[] }

/** At most the share `rate` of pairs of different people is as alike as `similarity` or more; of one person's, `genuine`. */
export interface FalseMatch { rate: number; similarity: number; pairs: number; genuine?: number }

/** Best matches of people among all others: `people` of them were counted. */
export interface BestMatches { people: number; of: number; first: number; counts: number[] }

export interface Calibration {
  bins: number;
  range: [number, number];
  impostor: Distribution;
  genuine: Distribution;
  /** From version 2 on. */
  nearest?: BestMatches;
  false_matches?: FalseMatch[];
}

export interface GalleryFile { path: string; bytes: number; sha256: string; count: number }

/** A picture as a whole; a cover of portraits has them in columns and rows. */
export interface PictureFile extends GalleryFile { width: number; height: number; columns?: number; rows?: number }

export interface GalleryManifest {
  format: string;
  version: number;
  /** The same when the gallery is built again; galleries of before have none. */
  id?: string;
  title?: string;
  /** Whose collection it is. */
  publisher?: string;
  notice?: string;
  /** Language of names and field values, where one holds for all. */
  lang?: string;
  /** Identifiers that corrections gave to another person, each with that person's. */
  joined_people?: Record<string, string>;
  people: number;
  photos: number;
  embedder: { name: string; sha256: string; dimension: number };
  detector?: { name: string; sha256: string }[];
  calibration?: Calibration;
  fields?: Field[];
  departments?: { name: string; jurisdiction: string; photos: number }[];
  vectors?: { made_elsewhere: boolean; made_by?: string; read_from: string };
  allowed_jurisdictions?: { jurisdiction: string; reason: string }[];
  people_per_page: number;
  sheet: { columns: number; rows: number; size: number };
  /** From version 2 on, as the files below that are optional. */
  small?: { columns: number; rows: number; size: number };
  large?: { per_file: number; size: number; type?: string };
  /** The page fetches portraits of all results. */
  portraits?: 'all';
  files: {
    embeddings: GalleryFile[];
    people: GalleryFile[];
    photos: GalleryFile[];
    columns?: GalleryFile[];
    names?: GalleryFile[];
    small?: GalleryFile[];
    large?: GalleryFile[];
    cover?: PictureFile[];
    samples?: PictureFile[];
    /** Of the samples, as the start page shows them; the same number. */
    sample_thumbs?: PictureFile[];
  };
}

export type NetworkRole = 'quick' | 'thorough' | 'landmarks' | 'embedder';

export interface NetworkEntry {
  role: NetworkRole;
  name: string;
  path: string;
  bytes: number;
  unpacked_bytes: number;
  sha256: string;
  licence: string;
}

export interface NetworkCatalogue { set: string; networks: NetworkEntry[] }

/** All that a worker needs to start; kept as Blobs so that a second worker can start from the same without a request. */
export interface Ingredients {
  module: Promise<WebAssembly.Module>;
  networks: Promise<Blob>[];
  manifest: Blob;
  shards: Promise<Blob>[];
  /** Empty until the visitor wants to choose among whom to look. */
  columns: Blob[];
  embedderSha256: string;
}

/** One result with everything that a card shows. */
export interface Result extends Match { rank: number; id: string; name: string; lang: string; fields: Record<string, unknown>; photos: number }

export type Verdict = 'confirm' | 'reject' | 'unsure';

export interface Decision {
  verdict: Verdict;
  decided: string;
  /** Its title. */
  gallery: string;
  name: string;
  /** Language of the name, where it is known. */
  lang?: string;
  gallery_id?: string;
  person_id?: string;
  /** The number in the gallery, where it has no identifiers: galleries and decisions of before. */
  person?: number;
  similarity: number;
  less_alike: number | null;
  photo_name: string;
  photo_sha256: string | null;
  /** Of the photo's faces: the one that a gallery takes of it. */
  largest_face?: boolean;
  face: Box;
  /** How many photos of the person were averaged, where there were several. */
  averaged?: number;
}

export interface Problem { code: string; sentence: string; actions: ('reload' | 'retry' | 'choose' | 'draw' | 'dismiss' | 'renew')[] }

export interface Progress { loaded: number; total: number }

export interface Work { text: string; progress: Progress | null }

/** Who is most alike to a face that was not chosen. */
export interface Best { name: string; similarity: number; lessAlike: number; chance: number }

/** Among whom is searched: `people` meet all conditions. */
export interface Among { columns: Column[]; conditions: Condition[]; people: number }

/** The photos that stand for the person, and where one was just added with several faces, those to choose from. */
export interface Looks { photos: PersonPhoto[]; strangers: boolean; choices: FaceSeen[]; adding: string }

/**
 * What the engine answers when it has opened a photo: the size of the upright photo; `incomplete`: a part of it is missing,
 * below the upper `wholeRows` if that is not 0;
 * if the browser had to decode it, what it drew, and whether the engine had found the file damaged.
 */
export interface Opened { width: number; height: number; incomplete?: boolean; wholeRows?: number; shown?: HTMLCanvasElement; damaged?: boolean }

/** A photo that the engine has opened, and what the page shows of it. */
export interface Photo { name: string; file: Blob; sha256: string | null; width: number; height: number; picture: HTMLElement }

export type PhotoPhase = 'none' | 'working' | 'choose' | 'noface' | 'drawing' | 'notice' | 'matched' | 'failed';

export interface State {
  engine: 'loading' | 'ready' | 'failed';
  loading: Progress;
  phase: PhotoPhase;
  work: Work | null;
  problem: Problem | null;
  note: string;
  photo: Photo | null;
  faces: Face[];
  /** How many the photo shows; more than there are in `faces` for a crowd. */
  found: number;
  portraits: (Picture | null)[];
  chosen: number;
  bests: (Best | null)[];
  looks: Looks;
  among: Among;
  results: Result[];
  /** Which of the results is on the stage. */
  shown: number;
  /** Of the chosen face. */
  quality: Quality | null;
  hasMore: boolean;
  times: Record<string, number>;
  decisions: number;
}
