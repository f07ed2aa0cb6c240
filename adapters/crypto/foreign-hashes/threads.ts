import { Worker } from 'node:worker_threads';
import type { ForeignPassword } from '../../../server/authn/foreign-password.ts';
import type { HashAnswer, HashTask } from './thread.ts';

/** Milliseconds: more than ten times what readForeignHash lets in, so only what it has misjudged is given up. */
const patience = 15_000;
/** Milliseconds without work after which the thread's memory is given back. */
const idleTime = 60_000;

type Settle = (matches: boolean | undefined) => void;

/** Checks foreign hashes in a thread that is started when there is one to check. */
export function makeForeignHashThread() {
  const waiting = new Map<number, Settle>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;

  /** Whoever still waits gets no verdict. */
  const end = (ended: Worker): void => {
    if (worker !== ended) return;
    worker = undefined;
    for (const settle of waiting.values()) settle(undefined);
    waiting.clear();
    void ended.terminate();
  };

  const start = (): Worker => {
    const started = new Worker(new URL('./thread.ts', import.meta.url));
    started.on('message', ({ id, matches }: HashAnswer) => waiting.get(id)?.(matches));
    started.on('error', () => end(started));
    started.on('exit', () => end(started));
    worker = started;
    return started;
  };

  return {
    /** Undefined when it cannot be checked: unknown, broken, or not done in time. */
    verify({ scheme, hash }: ForeignPassword, password: Buffer): Promise<boolean | undefined> {
      const current = worker ?? start();
      clearTimeout(idle);
      current.ref();
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        const late = setTimeout(() => end(current), patience);
        waiting.set(id, (matches) => {
          clearTimeout(late);
          waiting.delete(id);
          if (waiting.size === 0) {
            current.unref();
            idle = setTimeout(() => end(current), idleTime).unref();
          }
          resolve(matches);
        });
        current.postMessage({ id, scheme, hash, password } satisfies HashTask);
      });
    },
  };
}

export type ForeignHashThread = ReturnType<typeof makeForeignHashThread>;
