import { expect } from '@jest/globals';
import type { RunningGatehouse } from '../support/gatehouse.ts';
import { waitFor } from '../support/wait-for.ts';
import { askForToken, makeService } from './changes.ts';

export interface Load {
  /** Until so many more calls have been answered. */
  more(calls: number): Promise<unknown>;
  /** Ends it: every call was answered as it should be, and in time. */
  expectUnharmed(): Promise<void>;
}

/** Milliseconds that a call may take at most, on a machine that is busy with other tests, too. */
const longest = 5000;

/** A program that goes on making a client, using it, deleting it, and being refused, from several connections at once. */
export async function startLoad(server: RunningGatehouse): Promise<Load> {
  const wrong: string[] = [];
  let [calls, slowest, stopped] = [0, 0, false];
  const call = async (what: string, expected: number, make: () => Promise<number>): Promise<void> => {
    const began = performance.now();
    const status = await make();
    slowest = Math.max(slowest, performance.now() - began);
    calls += 1;
    if (status !== expected) wrong.push(`${what}: ${status}`);
  };
  const work = async (): Promise<void> => {
    while (!stopped) {
      const service = await makeService(server);
      for (let use = 0; use < 3; use += 1) await call('a token', 200, () => askForToken(server, service));
      const path = `clients/${service.id}`;
      await call(
        'a change',
        200,
        async () => (await server.admin('PATCH', path, { client_name: 'New' })).status,
      );
      await call('a deletion', 204, async () => (await server.admin('DELETE', path)).status);
    }
  };
  const running = Promise.all([work(), work(), work()]);
  // Met by expectUnharmed.
  running.catch(() => {});
  return {
    more(count) {
      const from = calls;
      return waitFor(`${count} more calls were answered`, () => calls >= from + count);
    },
    async expectUnharmed() {
      stopped = true;
      await running;
      expect(wrong).toEqual([]);
      expect(calls).toBeGreaterThan(50);
      expect(slowest).toBeLessThan(longest);
    },
  };
}
