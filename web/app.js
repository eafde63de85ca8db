// The page's state, what a visitor can do with it, and the order in which things happen. Every view draws from the
// state after each change; nothing else keeps any.
import { Comparison, firstMatches, mostMatches } from './comparison.js';
import { Decisions, decisionOn } from './decisions.js';
import { Engine } from './engine.js';
import { Loader } from './loader.js';
import { whyNot } from './module-file.js';
import { Notice } from './notice.js';
import { loadProblem, photoProblem } from './problems.js';
import { sha256Of } from './photo-file.js';
import { loadImage, pictureOf } from './photo-picture.js';
import { Refining } from './refining.js';
import { Thorough } from './thorough.js';
import { Overtaken, Wishes } from './wishes.js';
import * as words from './words.js';
import { AboutView } from './views/about.js';
import { AlertView } from './views/alert.js';
import { AmongView } from './views/among.js';
import { CameraDialog, hasCamera } from './views/camera.js';
import { CardDialog } from './views/card.js';
import { DecisionList } from './views/decision-list.js';
import { byId } from './views/dom.js';
import { FacesView } from './views/faces.js';
import { HandBoxView } from './views/hand-box.js';
import { LooksView } from './views/looks.js';
import { MeaningView } from './views/meaning.js';
import { PhotoView } from './views/photo.js';
import { ResultsView } from './views/results.js';
import { StageView } from './views/stage.js';
import { StartView } from './views/start.js';
import { WorkView } from './views/work.js';

/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').Problem} Problem */
/** @typedef {import('./types.js').Result} Result */
/** @typedef {import('./types.js').Verdict} Verdict */
/** @typedef {import('./wishes.js').Step} Step */
/** @typedef {import('./gallery.js').Gallery} Gallery */

const moreResults = 20;
const portraitSize = 144;
const stageSize = 576;

/** @type {State} */
const nothing = {
  engine: 'loading',
  loading: { loaded: 0, total: 0 },
  phase: 'none',
  work: null,
  problem: null,
  note: '',
  photo: null,
  faces: [],
  found: 0,
  portraits: [],
  chosen: -1,
  bests: [],
  looks: { photos: [], strangers: false, choices: [], adding: '' },
  among: { columns: [], conditions: [], people: 0 },
  results: [],
  shown: 0,
  quality: null,
  hasMore: false,
  times: {},
  decisions: 0,
};

class App {
  /** @type {State} */
  state = { ...nothing };
  /** @type {Gallery | null} */
  gallery = null;
  /** @type {import('./types.js').NetworkCatalogue | null} */
  catalogue = null;
  /** A photo that came before the engine was ready. @type {{file: File, files: number} | null} */
  waiting = null;
  /** The photo as it was given, to try again. @type {File | null} */
  file = null;
  /** @type {Thorough | null} */
  thorough = null;
  wishes = new Wishes();

  engine = new Engine();
  comparison = new Comparison(this.engine);
  loader = new Loader();
  decisions = new Decisions();
  notice = new Notice();

  start = new StartView({
    photo: (file, files) => this.openPhoto(file, files),
    notAPhoto: (code) => this.fail({ code, sentence: words.problems[code], actions: ['choose', 'dismiss'] }),
    sample: (sample) => this.openSample(sample),
  });
  photoView = new PhotoView();
  faces = new FacesView((face) => this.choose(face));
  handBox = new HandBoxView({ use: (box) => this.useBox(box), leave: () => this.leaveDrawing(), say });
  results = new ResultsView({
    accept: () => this.acceptNotice(),
    more: () => this.showMore(),
    faces: () => this.showFaces(),
    show: (index) => this.show(index),
    verdictOn: (result) => this.verdictOn(result),
  });
  stageView = new StageView({
    show: (index) => this.show(index),
    decide: (result, verdict) => this.decide(result, verdict),
    verdictOn: (result) => this.verdictOn(result),
    keep: () => this.openCard(),
    probe: () => this.probePicture('portrait'),
    portraits: (result) => this.gallery?.portraits(result.photo) ?? [],
  });
  card = new CardDialog();
  refining = new Refining(this);
  among = new AmongView({ open: () => this.refining.loadColumns(), limit: (conditions) => this.refining.limit(conditions) });
  looks = new LooksView({
    add: (file) => this.refining.addPhoto(file),
    use: (choice) => this.refining.choose(choice),
    remove: (index) => this.refining.removePhoto(index),
    notAPhoto: (code) => this.fail({ code, sentence: words.problems[code], actions: ['dismiss'] }),
  });
  meaning = new MeaningView(() => this.probePicture('chip'));
  camera = new CameraDialog((picture) => this.openPhoto(picture, 1));
  decisionList = new DecisionList(this.decisions, () => this.decisionsChanged());
  about = new AboutView();
  workView = new WorkView(() => this.cancel());
  alert = new AlertView((action) => this.act(action));

  constructor() {
    byId('not-started', HTMLElement).remove();
    byId('draw', HTMLButtonElement).addEventListener('click', () => this.drawBox());
    byId('forget', HTMLButtonElement).addEventListener('click', () => this.forget());
    byId('camera-open', HTMLButtonElement).addEventListener('click', () => (hasCamera() ? this.camera.open() : this.start.capture()));
    this.decisionList.draw();
  }

  /** @param {Partial<State>} change */
  set(change) {
    this.state = { ...this.state, ...change };
    const { state } = this;
    const root = document.documentElement;
    root.dataset.engine = state.engine;
    root.dataset.photo = state.phase;
    root.dataset.view = state.photo || state.work ? 'table' : 'start';
    byId('workspace', HTMLDivElement).hidden = !state.photo && !state.work;
    this.start.draw(state);
    this.photoView.draw(state);
    this.faces.draw(state);
    this.handBox.draw(state);
    this.results.draw(state, this.gallery);
    this.stageView.draw(state, this.gallery);
    this.among.draw(state, this.gallery);
    this.looks.draw(state);
    this.meaning.draw(state, this.gallery);
    this.workView.draw(state);
    this.alert.draw(state);
  }

  // ---------------------------------------------------------------------------------------------- loading

  async load() {
    const reason = whyNot();
    if (reason) return this.fail({ code: reason, sentence: words.problems[reason], actions: [] }, 'engine');
    this.set({ engine: 'loading', problem: null });
    try {
      const { catalogue, gallery } = await this.loader.load({
        changed: nowAndThen((loading) => this.set({ loading })),
        galleryKnown: (known) => this.galleryKnown(known),
        begin: (ingredients) => this.engine.open(ingredients),
      });
      this.catalogue = catalogue;
      this.gallery = gallery;
      gallery.onTrouble = (error) => this.portraitMissing(error);
      this.thorough = new Thorough(this.engine, this.loader, catalogue);
    } catch (error) {
      return this.fail(loadProblem(error), 'engine');
    }
    this.decisions.carryOver(this.gallery.title);
    this.decisions.join(this.gallery.manifest.id ?? '', this.gallery.manifest.joined_people ?? {});
    this.decisionsChanged();
    this.gallery.ids().then((ids) => this.decisionList.galleryKnown(this.gallery?.manifest.id ?? '', ids), () => {});
    byId('notice-text', HTMLParagraphElement).textContent = this.gallery.manifest.notice ?? '';
    this.about.show(this.catalogue, this.gallery, this.loader.files, this.decisions, () => this.decisionsChanged());
    this.start.offerSamples(this.gallery);
    this.set({ engine: 'ready' });
    this.gallery.fetchPortraits().then(() => void (document.documentElement.dataset.portraits = 'here'), () => {});
    if (this.waiting) await this.openPhoto(this.waiting.file, this.waiting.files);
    else {
      say(words.status.ready);
      this.engine.warmUp();
    }
  }

  /** @param {Gallery} gallery */
  galleryKnown(gallery) {
    this.start.galleryKnown(gallery);
  }

  // ---------------------------------------------------------------------------------------------- a photo

  /** @param {File} file @param {number} files */
  async openPhoto(file, files) {
    this.file = file;
    const note = files > 1 ? words.status.firstOfMany(files) : '';
    this.set({ ...this.fresh(), phase: 'working', note, work: { text: words.stages.waiting, progress: null } });
    if (this.state.engine !== 'ready') {
      this.waiting = { file, files };
      this.engine.expect(file);
      if (this.state.engine === 'failed') this.load();
      return;
    }
    this.waiting = null;
    await this.work(words.stages.decode, async (step) => {
      const hashed = sha256Of(file);
      hashed.catch(() => {}); // a file that cannot be read is said of below
      const image = loadImage(file).catch(() => null);
      const opened = await step(this.engine.openPhoto(file));
      const picture = await step(pictureOf(await step(image), opened, () => this.engine.preview()));
      const sha256 = await step(hashed);
      const { width, height } = opened;
      this.set({ note: note + words.photoNote(opened), photo: { name: file.name || 'photo', file, sha256, width, height, picture } });
      await this.detect(step);
    });
  }

  /** @param {{file: () => Promise<File>}} sample */
  async openSample(sample) {
    /** @type {File | null} */
    let file = null;
    const missing = (/** @type {unknown} */ error) => {
      this.fail({ ...photoProblem(error), actions: ['choose', 'dismiss'] });
      return null;
    };
    await this.work(words.stages.sample, async (step) => void (file = await step(sample.file().catch(missing))));
    if (file) await this.openPhoto(file, 1);
  }

  /** @param {Step} step */
  async detect(step) {
    this.stage(words.stages.detect);
    let found = await step(this.engine.detect());
    if (found.wantsThorough && this.thorough?.exists) {
      const added = this.addThorough();
      if (found.faces.length > 1 && (await step(takesLong(added)))) {
        await this.facesFound(found, step);
        this.set({ work: { text: words.stages.thorough, progress: null } });
      }
      if (await step(added)) {
        this.set({ phase: 'working', faces: [], portraits: [] });
        this.stage(words.stages.thoroughDetect);
        found = await step(this.engine.detect());
      } else {
        this.set({ note: `${this.state.note}${words.status.noThorough}` });
        if (this.state.phase === 'choose') return;
      }
    }
    await this.facesFound(found, step);
  }

  /** False where it cannot be had. @returns {Promise<boolean>} */
  addThorough() {
    const isNewest = this.wishes.current();
    this.stage(words.stages.thorough);
    const coming = this.thorough?.add((progress) => isNewest() && this.set({ work: { text: words.stages.thorough, progress } }));
    return coming ?? Promise.resolve(false);
  }

  /** @param {{faces: import('./types.js').Face[], found: number, cut: number}} detected @param {Step} step */
  async facesFound({ faces, found, cut }, step) {
    if (!faces.length) {
      this.set({ faces: [], found: 0, phase: 'noface' });
      const code = cut ? 'FACE_CUT' : 'NO_FACE';
      return this.fail({ code, sentence: words.problems[code], actions: cut ? ['choose', 'draw'] : ['draw', 'choose'] }, 'noface');
    }
    this.stage(words.stages.crop);
    await this.cutPortraits(faces, step);
    this.set({ found });
    if (faces.length === 1) return this.compareFace(0, step);
    this.set({ phase: 'choose' });
    say(this.state.note + words.status.faces(faces.length, found));
    this.faces.focus();
  }

  /** @param {import('./types.js').Face[]} faces @param {Step} step */
  async cutPortraits(faces, step) {
    const portraits = [];
    for (let i = 0; i < faces.length; i++) portraits.push(await step(this.engine.portrait(i, portraitSize)));
    this.set({ faces, portraits });
  }

  // ---------------------------------------------------------------------------------------------- a face

  /** @param {number} face */
  choose(face) {
    return this.match(face, firstMatches);
  }

  /** @param {number} face @param {number} capacity */
  match(face, capacity) {
    return this.work(words.stages.match, (step) => this.compareFace(face, step, capacity));
  }

  async showMore() {
    const shown = this.state.results.length;
    await this.match(this.state.chosen, shown + moreResults);
    if (this.state.results.length > shown) this.show(shown);
    this.results.focusCard(shown);
  }

  /** @param {number} face @param {Step} step @param {number} [capacity] */
  async compareFace(face, step, capacity = firstMatches) {
    if (this.gallery?.manifest.notice && !this.notice.isRead(this.gallery.manifest)) {
      this.set({ chosen: face, results: [], phase: 'notice' });
      return;
    }
    this.stage(words.stages.match);
    const before = this.state.chosen;
    this.set({ chosen: face });
    try {
      await this.search(face, capacity, face === before ? this.state.results : [], step);
    } catch (error) {
      if (!(error instanceof Overtaken) && face !== before) this.set({ results: [], phase: 'choose' });
      throw error;
    }
  }

  /** @param {number} face @param {number} capacity @param {Result[]} again results that are on the page already @param {Step} step */
  async search(face, capacity, again, step) {
    const gallery = this.gallery;
    if (!gallery) return;
    const matches = await step(this.comparison.matches(face, capacity));
    const quality = await step(this.qualityOf(face));
    if (this.comparison.isFirstShown(face)) gallery.matched(matches.map(({ photo }) => photo));
    const people = await step(Promise.all(matches.map(({ person }) => gallery.person(person))));
    const results = matches.map((match, i) =>
      again[i]?.photo === match.photo && again[i].similarity === match.similarity && again[i].chance === match.chance
        ? again[i]
        : { ...match, rank: i + 1, id: people[i].id, name: people[i].name, lang: people[i].lang, fields: people[i].fields, photos: people[i].photoCount },
    );
    const { openPhoto, preview, detect, portrait, embed, search } = this.engine.times;
    const times = { decode: openPhoto, preview, detect, portraits: portrait, embed, search, heap: this.engine.heap };
    const among = { ...this.state.among, people: this.comparison.people };
    const looks = { ...nothing.looks, photos: this.comparison.photosOf(face), strangers: this.comparison.strangers(face) };
    const hasMore = matches.length === capacity && matches.length < Math.min(among.people, mostMatches);
    const before = this.state.shown;
    const shown = results[before] && results[before] === again[before] ? before : 0;
    this.set({ results, quality, shown, times, hasMore, among, looks, phase: 'matched' });
    const oneFace = this.state.faces.length === 1 ? `${words.status.oneFace} ` : '';
    say([this.state.note + oneFace, words.quality(quality), words.resultsSaid(results, gallery, among)].join(' ').trim());
    this.lookForOthers(gallery);
  }

  /** Of several photos the first is not the only one that counts, so nothing is said of it. @param {number} face */
  async qualityOf(face) {
    return this.comparison.photosOf(face).length > 1 ? null : this.engine.measure(face);
  }

  /** The other faces of a group follow by themselves, behind whatever the visitor asks for. @param {Gallery} gallery */
  async lookForOthers(gallery) {
    const goOn = this.wishes.current();
    const { faces } = this.state;
    if (faces.length < 2) return;
    try {
      await this.comparison.lookForOthers(faces.length, goOn);
      const bests = await Promise.all(faces.map(async (_, face) => {
        const best = this.comparison.best(face);
        return best && { ...best, name: (await gallery.person(best.person)).name };
      }));
      if (goOn()) this.set({ bests });
    } catch {
      return; // these faces stay without; what is wrong is said when one of them is chosen
    }
  }

  acceptNotice() {
    if (this.gallery) this.notice.read(this.gallery.manifest);
    this.match(this.state.chosen, firstMatches).then(() => byId('results-title', HTMLHeadingElement).focus());
  }

  // ---------------------------------------------------------------------------------------------- a box by hand

  drawBox() {
    this.wishes.make();
    this.set({ phase: 'drawing', problem: null });
  }

  leaveDrawing() {
    const { faces, results, chosen, among } = this.state;
    this.set({ phase: results.length || (chosen >= 0 && among.conditions.length) ? 'matched' : faces.length ? 'choose' : 'noface' });
    byId('draw', HTMLButtonElement).focus();
  }

  /** @param {import('./types.js').Box} box */
  useBox(box) {
    const byHand = this.state.faces.map((face) => face.byHand);
    return this.work(words.stages.box, async (step) => {
      const faces = (await step(this.engine.faceInBox(box))).map((face, i) => ({ ...face, byHand: byHand[i] ?? true }));
      this.comparison.forgetFace(faces.length - 1);
      await this.cutPortraits(faces, step);
      await this.compareFace(faces.length - 1, step);
      if (this.state.phase === 'matched') byId('results-title', HTMLHeadingElement).focus(); // the button that was pressed is gone
    });
  }

  // ---------------------------------------------------------------------------------------------- results

  /** @param {number} index of the result that goes on the stage */
  show(index) {
    this.set({ shown: index });
    const { results, among } = this.state;
    if (this.gallery) say(words.stage.said(results[index], results.length, among, this.gallery));
  }

  /** The visitor asks for the faces of all results, knowing what the host can infer from it. */
  showFaces() {
    const { results, shown } = this.state;
    this.gallery?.showFaces(results.map(({ photo }) => photo));
    this.set({});
    this.results.focusCard(shown); // the button that was pressed is gone
  }

  /** What the stage and the fold show of the chosen face. @param {'portrait' | 'chip'} kind @returns {Promise<import('./types.js').Picture>} */
  probePicture(kind) {
    const { chosen } = this.state;
    const [{ seen }] = this.comparison.photosOf(chosen);
    if (seen) return Promise.resolve(seen[kind]);
    return kind === 'chip' ? this.engine.chip(chosen) : this.engine.portrait(chosen, stageSize);
  }

  openCard() {
    const { results, shown, among } = this.state;
    if (this.gallery && results[shown]) this.card.open({ result: results[shown], among, gallery: this.gallery, ...this.stageView.pictures });
  }

  /** @param {Result} result */
  verdictOn(result) {
    return this.decisions.verdictOn(decisionOn(this.state, this.gallery, result, 'unsure'));
  }

  /** @param {Result} result @param {Verdict} verdict */
  decide(result, verdict) {
    const made = this.decisions.put(decisionOn(this.state, this.gallery, result, verdict));
    say(made ? words.status.decided(result.name, words.verdictSaid[verdict]) : words.status.undecided(result.name));
    this.decisionsChanged();
  }

  decisionsChanged() {
    this.decisionList.draw();
    this.about.keptChanged();
    this.set({ decisions: this.decisions.all.length });
  }

  // ---------------------------------------------------------------------------------------------- work and failing

  /**
   * Runs work for the visitor's newest wish, and turns what goes wrong into a problem to show.
   * @param {string} text @param {(step: Step) => Promise<unknown>} run
   */
  async work(text, run) {
    const isNewest = this.wishes.make();
    this.set({ problem: null, work: { text, progress: null } });
    try {
      await this.wishes.grant(run);
    } catch (error) {
      if (!isNewest()) return;
      this.fail(photoProblem(error), this.state.photo && this.state.faces.length ? 'keep' : 'failed');
    }
    if (isNewest()) this.set({ work: null });
  }

  /** @param {string} text */
  stage(text) {
    this.set({ work: { text, progress: null } });
    say(text);
  }

  /** While a group already waits for a choice, only the search for more faces ends. */
  cancel() {
    this.wishes.make();
    if (this.state.phase === 'choose') return this.set({ work: null });
    this.waiting = null;
    this.engine.cancel();
    this.set({ ...this.fresh(), phase: 'none' });
    say(words.status.cancelled);
    byId('choose', HTMLButtonElement).focus();
  }

  forget() {
    this.wishes.make();
    this.file = null;
    this.engine.forgetPhoto().catch(() => {});
    this.set(this.fresh());
    window.scrollTo({ top: 0, behavior: 'instant' });
    byId('choose', HTMLButtonElement).focus({ preventScroll: true });
  }

  /** The state without photo, keeping what is loaded and among whom to look. @returns {State} */
  fresh() {
    const { engine, loading, decisions, among } = this.state;
    this.comparison.forget();
    return { ...nothing, engine, loading, decisions, among };
  }

  /** @param {Problem} problem @param {'engine' | 'failed' | 'noface' | 'keep'} [where] */
  fail(problem, where = 'keep') {
    if (where === 'engine') this.set({ ...this.fresh(), engine: 'failed', problem });
    else if (where === 'failed') this.set({ phase: this.state.photo ? 'failed' : 'none', problem, work: null });
    else this.set({ problem });
    if (where === 'noface') this.set({ phase: 'noface' });
  }

  /** The results stay; many portraits may fail for one reason. @param {unknown} error */
  portraitMissing(error) {
    const problem = photoProblem(error);
    if (problem.code !== this.state.problem?.code) this.fail(problem);
  }

  /** What the buttons beside a problem do. @param {string | null} action */
  act(action) {
    if (action === 'reload') this.load();
    else if (action === 'retry' && this.file) this.openPhoto(this.file, 1);
    else if (action === 'choose') this.start.choose();
    else if (action === 'draw') this.drawBox();
    else if (action === 'renew') location.reload();
    else if (action === 'dismiss') this.set({ problem: null });
  }
}

const moment = 60;

/** Acts on the newest value, a moment after the first of several. @template T @param {(value: T) => void} act @returns {(value: T) => void} */
function nowAndThen(act) {
  /** @type {T} */
  let newest;
  let timer = 0;
  return (value) => {
    newest = value;
    timer ||= window.setTimeout(() => {
      timer = 0;
      act(newest);
    }, moment);
  };
}

const patience = 1200;

/** @param {Promise<unknown>} promise */
const takesLong = (promise) =>
  Promise.race([promise.then(() => false), new Promise((resolve) => setTimeout(resolve, patience, true))]);

/** For screen readers. @param {string} text */
function say(text) {
  byId('status', HTMLParagraphElement).textContent = text;
}

const app = new App();
app.start.begin();
app.load();
