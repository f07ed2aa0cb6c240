import cluster, { type Worker } from 'node:cluster';
import type { Log } from '../log.ts';

/** What the primary says to a worker. A signal would count as the second one where all have got the first. */
export const stopMessage = 'stop';
const servingMessage = 'serving';

/** A worker that dies is replaced, but not faster than this, or a broken one would only burn the processor. */
const restartDelay = 1000;

/** Said by a worker when it takes connections. */
export function tellServing(): void {
  process.send?.(servingMessage);
}

/** The worker processes, seen from the primary. */
export function makeWorkers(count: number, log: Log) {
  const serving = new Set<Worker>();
  let stopping = false;

  /** Resolves when the new worker serves. */
  const start = (): Promise<void> =>
    new Promise((resolve) => {
      const worker = cluster.fork();
      worker.on('message', (message) => {
        if (message !== servingMessage) return;
        serving.add(worker);
        resolve();
      });
      worker.on('exit', (code, signal) => {
        const served = serving.delete(worker);
        if (stopping) return;
        // One that never served tells of a fault that the next one has as well; it has printed why.
        if (!served && serving.size === 0) process.exit(code || 1);
        log.error('a worker has ended and is replaced', { pid: worker.process.pid, code, signal });
        setTimeout(() => {
          if (!stopping) void start().then(resolve);
        }, restartDelay);
      });
    });

  return {
    /** Resolves when all serve. The first goes ahead, so that what is wrong with all of them is told once. */
    async start(): Promise<void> {
      await start();
      await Promise.all(Array.from({ length: count - 1 }, start));
    },
    get serving(): number {
      return serving.size;
    },
    /** Lets all of them end in order; kills those that have not after `seconds`. */
    async stop(seconds: number): Promise<void> {
      stopping = true;
      const running = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
      await Promise.all(running.map((worker) => end(worker, seconds)));
    },
  };
}

async function end(worker: Worker, seconds: number): Promise<void> {
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const late = setTimeout(() => worker.process.kill('SIGKILL'), seconds * 1000);
  if (worker.isConnected()) worker.send(stopMessage);
  await ended;
  clearTimeout(late);
}
