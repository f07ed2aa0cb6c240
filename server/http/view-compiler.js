// The thread of compile-views.ts: templates as the source of functions. Plain JavaScript, since a thread of its own would have
// to load what strips types as well.
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import pug from 'pug';

const { viewsDir, names, options } = workerData;
parentPort?.postMessage(
  names.map((name) => [name, pug.compileFileClient(join(viewsDir, `${name}.pug`), options)]),
);
