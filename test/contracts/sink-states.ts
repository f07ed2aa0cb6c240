import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeSinkStates } from '../../adapters/postgres/stores/sink-states.ts';
import type { SinkStates } from '../../server/audit/shipping/sink.ts';
import { someTime as at } from './builders.ts';

/** The promises of the port SinkStates. */
export function describeSinkStates(name: string, open: () => { database: Database }): void {
  describe(`${name}: how far sinks have come`, () => {
    let states: SinkStates;
    beforeAll(() => {
      states = makeSinkStates(open().database);
    });
    beforeEach(async () => {
      await open().database.run('delete from audit_sink', []);
    });

    it('begins where the log ends when a sink is set up, and is kept from then on', async () => {
      const end = await states.end();
      const opened = { name: 'syslog', position: end, since: end, failures: 0, shippedAt: null };
      await expect(states.open('syslog')).resolves.toMatchObject(opened);
      await states.advance('syslog', { position: end + 5, fence: 1, at });
      await expect(states.open('syslog')).resolves.toMatchObject({
        ...opened,
        position: end + 5,
        shippedAt: at,
      });
    });

    it('goes on only, and only for whoever has had the lease last', async () => {
      const { position } = await states.open('syslog');
      const move = (by: number, fence: number) =>
        states.advance('syslog', { position: position + by, fence, at });
      await expect(move(5, 2)).resolves.toBe(true);
      await expect(move(5, 2)).resolves.toBe(false);
      await expect(move(4, 2)).resolves.toBe(false);
      await expect(move(9, 1)).resolves.toBe(false);
      await expect(move(9, 3)).resolves.toBe(true);
      await states.fail('syslog', { fence: 2, at, error: 'of one who was overtaken' });
      await expect(states.all()).resolves.toMatchObject([{ position: position + 9, failures: 0 }]);
    });

    it('tells failures in a row, until something gets through', async () => {
      const { position } = await states.open('webhook');
      await states.fail('webhook', { fence: 1, at, error: 'refused' });
      await states.fail('webhook', { fence: 1, at, error: 'refused again' });
      await expect(states.all()).resolves.toMatchObject([
        { name: 'webhook', failures: 2, failedAt: at, lastError: 'refused again' },
      ]);
      await states.advance('webhook', { position: position + 1, fence: 1, at });
      await expect(states.all()).resolves.toMatchObject([{ failures: 0, lastError: 'refused again' }]);
    });

    it('is set up once by several processes that start at the same time', async () => {
      await Promise.all(Array.from({ length: 5 }, () => states.open('syslog')));
      await expect(states.all()).resolves.toHaveLength(1);
    });
  });
}
