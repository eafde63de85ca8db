/**
 * Files from the Debian archive that this machine is configured for, through apt's signed indexes, into a folder of our
 * own: nothing is installed and apt's own state is not touched. No host is written down here.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './progress.mjs';
import { attempt, findProgram, run } from './run.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Whether this machine can ask a Debian archive at all. */
export function hasDebianArchive() {
  return Boolean(findProgram('apt-get')) && existsSync(KEYRING);
}

/**
 * Opens an apt of our own in `folder` for some releases.
 * @param {string} folder an empty one
 * @param {{type: 'deb' | 'deb-src', suite: string}[]} releases
 */
export async function openApt(folder, releases) {
  for (const inside of ['lists/partial', 'archives/partial']) await mkdir(join(folder, inside), { recursive: true });
  const archive = await archiveAddress();
  const lines = releases.map(({ type, suite }) => `${type} [signed-by=${KEYRING}] ${archive} ${suite} main\n`);
  await writeFile(join(folder, 'sources.list'), lines.join(''));
  await writeFile(join(folder, 'status'), '');
  const configuration = join(folder, 'apt.conf');
  await writeFile(
    configuration,
    `Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "${folder}";
Dir::State::lists "${folder}/lists";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}";
APT::Sandbox::User "${userInfo().username}";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
`,
  );
  const env = { ...process.env, APT_CONFIG: configuration };
  await run('apt-get', ['-q', 'update'], { env, why: 'The package lists of the Debian archive cannot be fetched' });

  return {
    /**
     * Fetches binary packages ("clang-19/bookworm") into `target`.
     * @param {string[]} packages @param {string} target @param {(line: string) => void} [onLine]
     */
    async packages(packages, target, onLine) {
      await mkdir(target, { recursive: true });
      await run('apt-get', ['-q', 'download', ...packages], {
        cwd: target,
        env,
        onLine,
        why: 'Packages cannot be fetched from the Debian archive',
      });
    },

    /** Fetches the upstream tarball of a source package into `target`. @param {string} name @param {string} target */
    async tarball(name, target) {
      await mkdir(target, { recursive: true });
      // Without --tar-only apt would also ask for the packaging, which mirrors may lack for these packages.
      await run('apt-get', ['-q', 'source', '--download-only', '--tar-only', name], {
        cwd: target,
        env,
        why: `The source of ${name} cannot be fetched from the Debian archive`,
      });
    },

    close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The address of the archive in this machine's own apt sources. */
async function archiveAddress() {
  if (process.env.DEBIAN_MIRROR) return process.env.DEBIAN_MIRROR;
  const listed = await attempt('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']);
  const archive = [...new Set(listed.output.split('\n'))].filter((line) => line && !line.includes('security')).sort()[0];
  if (!archive) {
    throw new SetupError(
      'apt has no package source that doppel could ask. Add your Debian mirror to /etc/apt/sources.list, or set DEBIAN_MIRROR to its address.',
    );
  }
  return archive;
}

/** The one file in `folder` whose name begins so. @param {string} folder @param {string} prefix */
export function onlyFile(folder, prefix) {
  const found = readdirSync(folder).filter((name) => name.startsWith(prefix));
  if (found.length !== 1) throw new SetupError(`Expected one file ${prefix}… in ${folder}, found ${found.length}.`);
  return join(folder, found[0]);
}

/** @param {string} path */
export function sha256OfFile(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** @param {string} path @param {string} expected @param {string} name for the sentence */
export function checkSha256(path, expected, name) {
  const found = sha256OfFile(path);
  if (found !== expected) {
    throw new SetupError(`${name} is not the file that doppel was tested with: its sha256 is ${found}, expected ${expected}.`);
  }
}
