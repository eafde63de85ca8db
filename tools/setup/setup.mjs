/** `npm run setup`: everything but the serving. With --browsers, what the bench and the screenshots need as well. */
import { assembleDist } from './dist.mjs';
import { prepare } from './prepare.mjs';
import { exitWith, say } from './progress.mjs';
import { systemPackages } from './system-packages.mjs';

try {
  await prepare();
  assembleDist();
  if (process.argv.includes('--browsers')) await systemPackages(['browsers']);
  say('Everything is in place.');
} catch (error) {
  exitWith(error);
}
