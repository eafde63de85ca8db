/**
 * `npm run setup`: everything but the serving. With --browsers, what the screenshots need as well; with --bench, what
 * `npm run bench` needs: browsers, peers, both sets of networks, and programs of its own.
 */
import { assembleDist, assembleOthers } from './dist.mjs';
import { benchPeers } from './npm.mjs';
import { prepare } from './prepare.mjs';
import { exitWith, say } from './progress.mjs';
import { systemPackages } from './system-packages.mjs';

try {
  const bench = process.argv.includes('--bench');
  const { inUse, made } = await prepare({ bench });
  assembleDist();
  if (bench) assembleOthers(made, inUse);
  if (bench || process.argv.includes('--browsers')) await systemPackages(bench ? ['browsers', 'bench'] : ['browsers']);
  // A peer that cannot be had is named in the bench's own output.
  if (bench) await benchPeers().catch((error) => say(error.message));
  say('Everything is in place.');
} catch (error) {
  exitWith(error);
}
