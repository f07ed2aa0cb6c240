import { parentPort } from 'node:worker_threads';
import { verifyForeignHash } from './registry.ts';

export interface HashTask {
  id: number;
  scheme: string;
  hash: string;
  password: Uint8Array;
}

/** `matches` is undefined when the hash could not be checked at all. */
export interface HashAnswer {
  id: number;
  matches: boolean | undefined;
}

/** Checks hashes one after the other in a thread of its own: some are computed in JavaScript and take long. */
parentPort?.on('message', ({ id, scheme, hash, password }: HashTask) => {
  let matches: boolean | undefined;
  try {
    matches = verifyForeignHash(scheme, hash, Buffer.from(password));
  } catch {
    matches = undefined;
  }
  parentPort?.postMessage({ id, matches } satisfies HashAnswer);
});
