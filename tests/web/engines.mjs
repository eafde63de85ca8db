/**
 * Three browsers behind one set of verbs, so that a statement about the page is written once: Debian's Chromium
 * (playwright-core), Firefox (puppeteer-core, WebDriver BiDi) and WebKitGTK's MiniBrowser (WebKitWebDriver under Xvfb,
 * selenium-webdriver).
 *
 * @typedef {object} Page
 * @property {string} engine
 * @property {(url: string) => Promise<void>} goto
 * @property {(expression: string) => Promise<any>} evaluate  awaits promises; the value travels as JSON
 * @property {(selector: string, ...files: string[]) => Promise<void>} choose  puts files into a file input
 * @property {(selector: string) => Promise<void>} click
 * @property {(...keys: string[]) => Promise<void>} press  'Tab', 'Enter', 'ArrowDown', ' ', 'Control+v'
 * @property {(width: number, height: number) => Promise<void>} size
 * @property {(file: string, options?: {whole?: boolean}) => Promise<void>} screenshot
 * @property {() => Promise<void>} close  ends the browser
 * @property {() => string[]} [requests]  addresses that the browser asked for, also those that never left it
 * @property {any} native  the driver's own page
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { writeFile } from 'node:fs/promises';

const isRoot = process.getuid?.() === 0;

/** @typedef {{camera?: string, dark?: boolean, width?: number, height?: number, scale?: number, preferences?: Record<string, any>}} Options scale: device pixels per CSS pixel, in Chromium; preferences: Firefox's own */

/** @type {Record<string, {program: string, start: (program: string, options: Options) => Promise<Page>}>} */
const ENGINES = {
  chromium: { program: '/usr/bin/chromium', start: startChromium },
  firefox: { program: '/usr/bin/firefox-esr', start: startFirefox },
  webkit: { program: '/usr/bin/WebKitWebDriver', start: startWebKit },
};

/** Names of the engines asked for (DOPPEL_ENGINES=chromium,webkit) or all three. */
export const engines = (process.env.DOPPEL_ENGINES ?? 'chromium,firefox,webkit').split(',').filter((e) => ENGINES[e]);

/** Why an engine cannot be driven here, or nothing. */
export function missing(/** @type {string} */ engine) {
  const { program } = ENGINES[engine];
  if (!existsSync(program)) return `${program} is not installed`;
  if (engine === 'webkit' && !existsSync('/usr/bin/xvfb-run')) return 'xvfb-run is not installed';
  return '';
}

/** @returns {Promise<Page>} */
export async function open(/** @type {string} */ engine, /** @type {Options} */ options = {}) {
  const { program, start } = ENGINES[engine];
  return start(program, { width: 1280, height: 900, ...options });
}

/** Runs a function of this file inside the page; its arguments and its value travel as JSON. */
export function run(/** @type {Page} */ page, /** @type {Function} */ f, /** @type {any[]} */ ...args) {
  return page.evaluate(callOf(f, args));
}

const callOf = (/** @type {Function} */ f, /** @type {any[]} */ args) => `(${f})(...${JSON.stringify(args)})`;

/** Waits until a function that runs in the page returns something true, and gives that back. A page that is only coming has nothing yet. */
export async function until(
  /** @type {Page} */ page,
  /** @type {string} */ what,
  /** @type {Function} */ f,
  /** @type {any[]} */ ...args
) {
  const end = Date.now() + 120_000;
  for (;;) {
    const value = await page.evaluate(`document.documentElement && ${callOf(f, args)}`).catch(notWhileItLoads);
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain (${page.engine}) for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** A page that is loaded again in the middle of a question has not answered it yet. @param {unknown} error */
function notWhileItLoads(error) {
  if (!/context was destroyed|Cannot find context|because of a navigation/.test(String(error))) throw error;
}

/** @returns {Promise<Page>} */
async function startChromium(/** @type {string} */ program, /** @type {Options} */ options) {
  const { chromium } = await import('playwright-core');
  const args = ['--disable-background-networking', '--disable-component-update'];
  if (isRoot) args.push('--no-sandbox');
  if (options.camera) {
    args.push('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
    args.push(`--use-file-for-fake-video-capture=${options.camera}`);
  }
  const browser = await chromium.launch({ executablePath: program, args });
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    deviceScaleFactor: options.scale ?? 1,
    colorScheme: options.dark ? 'dark' : 'light',
    permissions: options.camera ? ['camera'] : [],
  });
  const native = await context.newPage();
  /** @type {string[]} */
  const asked = [];
  context.on('request', (request) => asked.push(request.url()));
  native.on('websocket', (socket) => asked.push(socket.url()));
  return {
    engine: 'chromium',
    native,
    requests: () => asked,
    goto: async (url) => void (await native.goto(url)),
    evaluate: (expression) => native.evaluate(expression),
    choose: (selector, ...files) => native.setInputFiles(selector, files),
    click: (selector) => native.click(selector),
    press: async (...keys) => {
      for (const key of keys) await native.keyboard.press(key === ' ' ? 'Space' : key);
    },
    size: (width, height) => native.setViewportSize({ width, height }),
    screenshot: async (file, { whole = false } = {}) => void (await native.screenshot({ path: file, fullPage: whole })),
    close: () => browser.close(),
  };
}

/** @returns {Promise<Page>} */
async function startFirefox(/** @type {string} */ program, /** @type {Options} */ options) {
  const { default: puppeteer } = await import('puppeteer-core');
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: program,
    headless: true,
    extraPrefsFirefox: {
      'layout.css.prefers-color-scheme.content-override': options.dark ? 0 : 1,
      'security.fileuri.strict_origin_policy': true, // as everybody has it; puppeteer switches it off
      ...options.preferences,
    },
  });
  const native = await browser.newPage();
  await native.setViewport({ width: options.width ?? 1280, height: options.height ?? 900 });
  /** @type {string[]} */
  const asked = [];
  native.on('request', (request) => asked.push(request.url()));
  const element = async (/** @type {string} */ selector) => {
    const handle = await native.$(selector);
    if (!handle) throw new Error(`the page has no ${selector}`);
    return handle;
  };
  return {
    engine: 'firefox',
    native,
    requests: () => asked,
    goto: async (url) => void (await native.goto(url)),
    evaluate: (expression) => native.evaluate(expression),
    choose: async (selector, ...files) =>
      /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (await element(selector)).uploadFile(
        ...files,
      ),
    click: async (selector) => {
      const handle = await element(selector);
      await handle.scrollIntoView();
      await handle.click();
    },
    press: async (...keys) => {
      for (const key of keys) {
        const names = /** @type {import('puppeteer-core').KeyInput[]} */ (key.split('+'));
        for (const name of names) await native.keyboard.down(name);
        for (const name of names.reverse()) await native.keyboard.up(name);
      }
    },
    size: (width, height) => native.setViewport({ width, height }),
    screenshot: async (file, { whole = false } = {}) => {
      await writeFile(file, await native.screenshot({ fullPage: whole }));
    },
    close: () => browser.close(),
  };
}

/** @returns {Promise<Page>} */
async function startWebKit(/** @type {string} */ program, /** @type {Options} */ options) {
  const { Builder, By, Capabilities, Key } = await import('selenium-webdriver');
  const port = await freePort();
  // Its own process group, so that Xvfb and the browser end with it.
  const server = spawn('xvfb-run', ['-a', '-s', '-screen 0 1600x1400x24', program, `--port=${port}`], {
    detached: true,
    stdio: 'ignore',
  });
  server.unref();
  const end = () => {
    try {
      process.kill(-(/** @type {number} */ (server.pid)));
    } catch {
      // it has ended by itself
    }
  };
  try {
    await answering(`http://127.0.0.1:${port}/status`);
    const capabilities = new Capabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation'] },
    });
    const native = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
    await native.manage().setTimeouts({ script: 120_000, pageLoad: 30_000 }); // now and then it stops in the middle of loading a page
    const size = async (/** @type {number} */ width, /** @type {number} */ height) => {
      // The window has a frame and a smallest width; what counts is the room inside.
      await native.manage().window().setRect({ width, height });
      const [w, h] = await native.executeScript('return [innerWidth, innerHeight]');
      await native.manage().window().setRect({ width: 2 * width - w, height: 2 * height - h });
    };
    await size(options.width ?? 1280, options.height ?? 900);
    /** @type {Record<string, string>} */
    const keys = {
      Tab: Key.TAB,
      Enter: Key.ENTER,
      Escape: Key.ESCAPE,
      Control: Key.CONTROL,
      Shift: Key.SHIFT,
      ArrowUp: Key.ARROW_UP,
      ArrowDown: Key.ARROW_DOWN,
      ArrowLeft: Key.ARROW_LEFT,
      ArrowRight: Key.ARROW_RIGHT,
    };
    return {
      engine: 'webkit',
      native,
      goto: (url) => native.get(url),
      evaluate: async (expression) => {
        const script = `const done = arguments[0];
          Promise.resolve((async () => ${expression})()).then((value) => done({ value }), (e) => done({ error: String(e) }))`;
        const { value, error } = await native.executeAsyncScript(script);
        if (error) throw new Error(error);
        return value;
      },
      choose: async (selector, ...files) => native.findElement(By.css(selector)).sendKeys(files.join('\n')),
      click: async (selector) => {
        for (let tries = 1; ; tries++) {
          const element = native.findElement(By.css(selector));
          // The driver itself does not wait for a page that scrolls smoothly, and where that moves on it clicks beside the element.
          await native.executeScript(watchingForClick, element);
          await element.click();
          const arrived = await native.executeScript('return window.clickArrived !== false').catch(() => true); // another page is coming
          if (arrived || tries === 3) return;
        }
      },
      press: async (...names) => {
        for (const name of names) {
          const chord = name.split('+').map((key) => keys[key] ?? key);
          const actions = native.actions();
          for (const key of chord) actions.keyDown(key);
          for (const key of chord.reverse()) actions.keyUp(key);
          await actions.perform();
        }
      },
      size,
      screenshot: async (file) => writeFile(file, await native.takeScreenshot(), 'base64'),
      close: async () => {
        await native.quit().catch(() => {});
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** @see click of WebKit's */
const watchingForClick = `
  arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });
  window.clickArrived = false;
  arguments[0].addEventListener('click', () => (window.clickArrived = true), { once: true, capture: true });`;

function miniBrowser() {
  for (const folder of readdirSync('/usr/lib')) {
    const program = `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`;
    if (existsSync(program)) return program;
  }
  throw new Error('MiniBrowser of webkit2gtk-4.1 is not installed (package webkit2gtk-driver)');
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((done) => server.close(done));
  return port;
}

async function answering(/** @type {string} */ url) {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).catch(() => null)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${url} does not answer`);
}
