import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ChangeFeed } from '../../server/changes/feed.ts';
import { believable } from '../../server/changes/follow-marks.ts';
import { waitFor } from '../support/wait-for.ts';
import { aClient, aWord, someTime } from './builders.ts';
import type { WatchedDatabase } from './watched-database.ts';

export interface ChangeFeedUnderTest {
  /** A feed that has been started. */
  feed: ChangeFeed;
  /** Of another process. */
  world: WatchedDatabase;
}

/** The promises of the port ChangeFeed. */
export function describeChangeFeed(name: string, open: () => ChangeFeedUnderTest): void {
  describe(`${name}: change feed`, () => {
    let feed: ChangeFeed;
    let world: WatchedDatabase;
    let told = 0;
    beforeAll(() => {
      ({ feed, world } = open());
      feed.watch('client', () => {
        told += 1;
      });
    });

    const run = async (sql: string, values: readonly string[] = []): Promise<void> => {
      await world.database.current().raw(sql, [...values]);
    };
    const aStoredClient = async () => {
      const client = aClient();
      await world.clients.insert(client);
      await world.clients.insertSecret({
        id: aWord(),
        clientId: client.id,
        hash: aWord(),
        createdAt: someTime,
        expiresAt: null,
        lastUsedAt: null,
        description: null,
      });
      await quiet();
      return client;
    };
    /** Until the feed knows of everything that was committed before the call. */
    const caughtUp = (): Promise<true> => {
      const from = performance.now();
      return waitFor('the feed has caught up', () => feed.knownUntil() > from, { every: 2 });
    };
    const quiet = async (): Promise<void> => {
      await caughtUp();
      told = 0;
    };

    const changes: [what: string, change: (id: string) => Promise<unknown>][] = [
      ['an update', (id) => world.clients.update({ ...aClient(), id, version: 2 }, 1)],
      ['a deletion', (id) => world.clients.delete(id)],
      ['the end of its secrets', (id) => world.clients.deleteSecrets(id)],
      [
        'a new secret',
        (id) =>
          world.clients.insertSecret({
            id: aWord(),
            clientId: id,
            hash: aWord(),
            createdAt: someTime,
            expiresAt: null,
            lastUsedAt: null,
            description: null,
          }),
      ],
      [
        'an earlier end of a secret, at the prompt of the database',
        (id) => run('update client_secret set expires_at = now() where client_id = ?', [id]),
      ],
    ];
    it.each(changes)('tells of %s', async (_what, change) => {
      const { id } = await aStoredClient();
      await change(id);
      await waitFor('the change was told', () => told > 0, { every: 2 });
    });

    it('never claims to know of a time at which something was changed that it has not told', async () => {
      const { id } = await aStoredClient();
      for (let round = 1; round <= 25; round += 1) {
        told = 0;
        await world.clients.update({ ...aClient(), id, version: round + 1 }, round);
        const committed = performance.now();
        await waitFor('the feed has caught up', () => feed.knownUntil() >= committed, { every: 1 });
        expect(told).toBeGreaterThan(0);
      }
    });

    it('tells of changes of one transaction after its end only, and of none that was undone', async () => {
      const { id } = await aStoredClient();
      const inTransaction = world.database.inTransaction(async () => {
        await world.clients.update({ ...aClient(), id, version: 2 }, 1);
        // The embedded database lets nobody look while a transaction is open.
        if (world.postgres !== undefined) await caughtUp();
        expect(told).toBe(0);
        throw new Error('changed my mind');
      });
      await expect(inTransaction).rejects.toThrow('changed my mind');
      await caughtUp();
      expect(told).toBe(0);
    });

    it('says nothing of what nobody keeps: new clients, and when a secret was used', async () => {
      const { id } = await aStoredClient();
      await world.clients.insert(aClient());
      await run('update client_secret set last_used_at = now() where client_id = ?', [id]);
      await caughtUp();
      expect(told).toBe(0);
    });

    it('goes on knowing while nothing happens, recently enough for caches', async () => {
      const from = performance.now();
      let [seen, recent] = [0, 0];
      await waitFor('two seconds have gone', () => {
        const now = performance.now();
        seen += 1;
        if (now - feed.knownUntil() < believable) recent += 1;
        return now - from > 2000;
      });
      // Not all, for the machine may be busy with other tests.
      expect(recent / seen).toBeGreaterThan(0.8);
    });
  });
}
