/** What `npm run build` puts into dist/: names by content, no file too large for a static host, packed twins where they help. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { assembleDist } from '../../tools/setup/dist.mjs';
import { withGallery } from '../../tools/setup/page-head.mjs';
import { isNotTried } from '../../tools/setup/precompress.mjs';
import { MODULES } from '../golden/engine.mjs';
import { build, lacking, root } from '../places.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'doppel-dist-'));
const to = join(scratch, 'dist');
const demo = join(build, 'gallery');
after(() => rmSync(scratch, { recursive: true }));

const files = () => readdirSync(to, { recursive: true }).map(String).filter((path) => statSync(join(to, path)).isFile());
const sha256 = (/** @type {Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex');

test('npm run build explains its options, and says in a sentence what it does not know', () => {
  const run = (/** @type {string[]} */ ...parameters) => spawnSync(process.execPath, [join(root, 'tools/setup/dist.mjs'), ...parameters], { encoding: 'utf8' });
  const help = run('--help');
  assert.deepEqual([help.status, help.stderr], [0, '']);
  assert.match(help.stdout, /^Usage: npm run build.*--gallery DIR/s);
  const wrong = run('--galery', 'x');
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /Unknown option '--galery'/);
  assert.doesNotMatch(wrong.stderr, /^\s+at /m);
});

test('the hosted page has the title of its gallery, whose it is, and the cover as its picture, before any script runs', () => {
  const html = readFileSync(join(root, 'web/index.html'), 'utf8');
  const about = { people: 963, photos: 1549, publisher: 'A & B' };
  const manifest = { ...about, title: 'Cops & "robbers" $& <b>', files: { cover: [{ path: 'cover-0000.1.jpg', width: 1440, height: 576, columns: 10 }] } };
  const page = withGallery(html, manifest, 'https://example.org/faces');
  assert.match(page, /<title>Cops &#38; &#34;robbers&#34; \$&#38; &#60;b&#62;<\/title>/);
  assert.match(page, /<meta property="og:image" content="https:\/\/example.org\/faces\/gallery\/cover-0000.1.jpg">/);
  const title = 'Cops &#38; &#34;robbers&#34; $&#38; &#60;b&#62;';
  for (const [id, text] of Object.entries({
    lead: `Compare your photo with 1,549 portraits in <cite>${title}</cite>. It stays on your device.`,
    'gallery-title': title, 'edge-title': title, 'edge-publisher': 'The collection of A &#38; B', 'edge-count': '1,549 portraits of 963 people',
  })) assert.ok(page.includes(` id="${id}"`) && page.split(` id="${id}"`)[1].replace(/^[^>]*>/, '').startsWith(`${text}</p>`), id);
  assert.match(page, /<div class="cover" id="cover" data-columns="10"><img src="gallery\/cover-0000.1.jpg" alt="[^"]+" width="1440" height="576" fetchpriority="high"><\/div>/);
  assert.equal(withGallery(html, { ...about, files: {} }), html);
  assert.doesNotMatch(withGallery(html, { ...about, title: 'x', files: {} }), /og:image|<img src="gallery/);
});

describe('npm run build', { skip: lacking(join(demo, 'gallery.json'), join(build, 'wasm/doppel.wasm')) }, () => {
  it('brings the licence of doppel and of every library in the module', () => {
    assembleDist({ to });
    const text = readFileSync(join(to, 'LICENCES.txt'), 'utf8');
    for (const library of readdirSync(join(root, '.toolchain/sources'))) assert.match(text, new RegExp(`^${library}\n=+\n\n\\S`, 'm'));
    assert.match(text, /^doppel\n=+\n\nMIT License/);
    assert.match(text, /Copyright.*Sean Barrett/);
  });

  it('names files by their content, all small enough for a static host', () => {
    assembleDist({ to });
    const { files: listed } = JSON.parse(readFileSync(join(to, 'gallery/gallery.json'), 'utf8'));
    for (const { path, sha256: hash, bytes } of Object.values(listed).flat()) {
      const file = readFileSync(join(to, 'gallery', path));
      assert.deepEqual([sha256(file), file.length], [hash, bytes]);
      assert.ok(path.includes(`.${hash.slice(0, 8)}.`), path);
    }
    const { networks } = JSON.parse(readFileSync(join(to, 'models/models.json'), 'utf8'));
    for (const { path, sha256: hash } of networks) {
      assert.equal(sha256(gunzipSync(readFileSync(join(to, 'models', path)))), hash);
      assert.ok(path.includes(`.${hash.slice(0, 8)}.`), path);
    }
    for (const path of files()) assert.ok(statSync(join(to, path)).size <= 24 * 1024 * 1024, path);
  });

  it('has the page as two scripts that can be read, and the worker as one classic script', () => {
    assembleDist({ to });
    const scripts = files().filter((path) => /\.m?js$/.test(path)).sort();
    assert.deepEqual(scripts, ['ahead.js', 'app.js', 'engine-worker.js', 'sw.js']);
    const page = readFileSync(join(to, 'app.js'), 'utf8');
    assert.deepEqual([...new Set(page.match(/^import .*/gm)?.map((line) => line.split(' from ')[1]))], ['"./ahead.js";']);
    assert.doesNotMatch(readFileSync(join(to, 'ahead.js'), 'utf8'), /^import\b/m);
    assert.match(page, /^ {2}async openPhoto\(file\d*, files\) \{$/m);
    const worker = readFileSync(join(to, 'engine-worker.js'), 'utf8');
    assert.doesNotMatch(worker, /^(import|export)\b|import\.meta/m);
    assert.ok(worker.indexOf('takeAway(self, taken)') < worker.indexOf('Session = class'), 'guard.js runs first');
  });

  it('names the sha256 of every script, of the style and of the modules in index.html', () => {
    assembleDist({ to });
    const page = readFileSync(join(to, 'index.html'), 'utf8');
    const named = [...page.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"(?: integrity="([^"]*)")?/g)].map(([, file, integrity]) => [file, integrity]);
    const asked = Object.entries(JSON.parse(page.match(/name="doppel-integrity" content='([^']*)'/)?.[1] ?? '{}'));
    const all = Object.fromEntries([...named, ...asked]);
    assert.deepEqual(Object.keys(all).sort(), ['ahead.js', 'app.js', 'doppel.wasm', 'engine-worker.js', 'relaxed/doppel.wasm', 'style.css']);
    for (const [file, integrity] of Object.entries(all))
      assert.equal(integrity, `sha256-${Buffer.from(sha256(readFileSync(join(to, file))), 'hex').toString('base64')}`, file);
  });

  it('has the hashes of all files, and headers with the policy of the page for hosts that send some', () => {
    assembleDist({ to });
    const sums = readFileSync(join(to, 'SHA256SUMS'), 'utf8').trim().split('\n').map((line) => line.split('  '));
    assert.deepEqual(sums.map(([, path]) => path).sort(), files().filter((path) => path !== 'SHA256SUMS').sort());
    for (const [sum, path] of sums) assert.equal(sum, sha256(readFileSync(join(to, path))), path);
    const policy = readFileSync(join(to, 'index.html'), 'utf8').match(/Content-Security-Policy" content="([^"]*)"/)?.[1];
    for (const file of ['_headers', 'headers.txt']) assert.ok(readFileSync(join(to, file), 'utf8').includes(`${policy}; frame-ancestors 'none'`), file);
  });

  it('refuses a gallery whose folder holds a report or what was computed, and names it', () => {
    for (const name of ['report.html', 'report.json', 'report.txt', 'old.report', 'gallery.work']) {
      const gallery = join(scratch, `gallery-${name}`);
      cpSync(demo, gallery, { recursive: true, dereference: true });
      writeFileSync(join(gallery, name), '');
      const published = join(scratch, `dist-${name}`);
      assert.throws(() => assembleDist({ gallery, to: published }), (/** @type {Error} */ error) => error.message.includes(`holds ${name}, which is for you`));
      assert.ok(!existsSync(published));
    }
    assert.match(readFileSync(join(root, '.gitignore'), 'utf8'), /^\*\.report\/$/m);
  });

  it('has a list of what is inside beside it, with licences and hashes, the same each time', () => {
    assembleDist({ to });
    const first = readFileSync(`${to}.cdx.json`, 'utf8');
    assembleDist({ to });
    assert.equal(readFileSync(`${to}.cdx.json`, 'utf8'), first);
    const { bomFormat, components } = JSON.parse(first);
    assert.equal(bomFormat, 'CycloneDX');
    for (const { type, name, version, hashes, licenses } of components) {
      assert.match(hashes[0].content, /^[0-9a-f]{64}$/, name);
      assert.ok(licenses[0].expression || licenses[0].license.name, name);
      if (type === 'library') assert.ok(version, name);
    }
    for (const name of ['xnnpack', 'pthreadpool', 'cjson', 'stb', 'libjpeg-turbo'])
      assert.ok(components.some((/** @type {{name: string}} */ component) => component.name === name), name);
  });

  it('puts packed twins beside what loses a tenth by them, and nothing else', () => {
    assembleDist({ to, twins: true });
    const all = files();
    const twins = all.filter((path) => /\.(gz|br)$/.test(path) && !path.endsWith('.safetensors.gz'));
    for (const path of twins) {
      const plain = readFileSync(join(to, path.slice(0, -3)));
      const packed = readFileSync(join(to, path));
      assert.ok((path.endsWith('.br') ? brotliDecompressSync : gunzipSync)(packed).equals(plain), path);
      assert.ok(packed.length <= 0.9 * plain.length, path);
    }
    for (const name of ['index.html', 'app.js', 'style.css', 'engine-worker.js', 'gallery/gallery.json', ...MODULES])
      assert.ok(twins.includes(`${name}.br`) && twins.includes(`${name}.gz`), name);
    assert.ok(twins.some((path) => /^gallery\/people-.*\.json\.br$/.test(path)));
    for (const path of all.filter((each) => isNotTried(each) && !twins.includes(each)))
      assert.ok(!existsSync(join(to, `${path}.br`)) && !existsSync(join(to, `${path}.gz`)), path);
  });

  it('stops with a sentence where a file is too large, and leaves what was there', () => {
    assembleDist({ to });
    const before = files();
    const gallery = join(scratch, 'gallery');
    cpSync(demo, gallery, { recursive: true, dereference: true });
    const { files: listed } = JSON.parse(readFileSync(join(gallery, 'gallery.json'), 'utf8'));
    writeFileSync(join(gallery, listed.people[0].path), Buffer.alloc(24 * 1024 * 1024 + 1));
    assert.throws(() => assembleDist({ gallery, to }), /^Error: gallery\/people-\S+ has 25\.2 MB; static hosts refuse more than 24 MiB\. Make the gallery anew/);
    assert.deepEqual(files(), before);
  });
});
