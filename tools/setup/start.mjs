/** `npm start`: sets up what is missing, builds what has changed, and serves the page on this machine. */
import { parseArgs } from 'node:util';
import { serve } from '../serve.mjs';
import { assembleDist } from './dist.mjs';
import { dist, root } from './places.mjs';
import { prepare } from './prepare.mjs';
import { SetupError, exitWith } from './progress.mjs';

try {
  const options = readOptions();
  await prepare();
  assembleDist();
  const address = await serve({ roots: [`${root}/web`, dist], ...options });
  console.log(`\ndoppel is at ${address} (Ctrl+C ends it)`);
} catch (error) {
  exitWith(error);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, host: { type: 'string' } },
    });
    return { host: values.host, port: values.port === undefined ? undefined : Number(values.port) };
  } catch (error) {
    throw new SetupError(`${/** @type {Error} */ (error).message}\nUsage: npm start -- [--port N] [--host NAME]`);
  }
}
