import { AsyncLocalStorage } from 'node:async_hooks';
import type { InTransaction } from '../transaction.ts';

/** Requests that are one transaction from their first read to their answer, whatever use cases they go through. */
export interface WholeRequests {
  /** Keeps everything that `work` does, or nothing if it throws. `work` may be run again, as in InTransaction. */
  keep<T>(work: () => Promise<T>): Promise<T>;
  /** Does `work` and undoes it: nothing of it is kept and nothing of it is announced, but what it returned is known. */
  rehearse<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Slow work that needs no database. In a whole request it is done before the transaction, which is begun anew for that: none
   * stays open meanwhile.
   *
   * @param name what the work is, in this request; done once for each name
   */
  aside<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export interface WholeRequestsDeps {
  inTransaction: InTransaction;
  /** The same, but of changes in it nobody is told. */
  inSilence: InTransaction;
}

/** Thrown through the transaction: this work comes first. */
class ComesFirst extends Error {
  readonly aside: string;
  readonly work: () => Promise<unknown>;

  constructor(aside: string, work: () => Promise<unknown>) {
    super('a transaction must not wait for it');
    this.aside = aside;
    this.work = work;
  }
}

/** Thrown through the transaction, so that it is undone. */
class Rehearsed<T> extends Error {
  readonly result: T;

  constructor(result: T) {
    super('undone on purpose');
    this.result = result;
  }
}

export function makeWholeRequests({ inTransaction, inSilence }: WholeRequestsDeps): WholeRequests {
  const done = new AsyncLocalStorage<Map<string, unknown>>();

  async function withAsides<T>(attempt: () => Promise<T>): Promise<T> {
    if (done.getStore() !== undefined) return attempt();
    const results = new Map<string, unknown>();
    for (;;) {
      try {
        return await done.run(results, attempt);
      } catch (thrown) {
        if (!(thrown instanceof ComesFirst)) throw thrown;
        results.set(thrown.aside, await thrown.work());
      }
    }
  }

  return {
    keep: (work) => withAsides(() => inTransaction(work)),

    rehearse: (work) =>
      withAsides(async () => {
        let rehearsed: Rehearsed<Awaited<ReturnType<typeof work>>> | undefined;
        try {
          await inSilence(async () => {
            rehearsed = new Rehearsed(await work());
            throw rehearsed;
          });
        } catch (thrown) {
          if (rehearsed === undefined || thrown !== rehearsed) throw thrown;
        }
        if (rehearsed === undefined) throw new Error('the work of a rehearsal has not ended');
        return rehearsed.result;
      }),

    async aside<T>(name: string, work: () => Promise<T>): Promise<T> {
      const results = done.getStore();
      if (results === undefined) return work();
      if (!results.has(name)) throw new ComesFirst(name, work);
      return results.get(name) as T;
    },
  };
}
