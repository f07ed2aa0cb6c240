import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FollowedMarks } from '../../../server/changes/follow-marks.ts';
import { aClient } from '../../contracts/builders.ts';
import { describeChangeFeed } from '../../contracts/change-feed.ts';
import { openWatched, silent, type WatchedDatabase } from '../../contracts/watched-database.ts';
import { query } from '../../support/postgres-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

describe.each([
  { name: 'PostgreSQL that is listened to', place: 'PostgreSQL', listen: true },
  { name: 'PostgreSQL behind a pooler', place: 'PostgreSQL', listen: false },
  { name: 'the embedded database', place: 'embedded database', listen: false },
] as const)('on $name', ({ name, place, listen }) => {
  let world: WatchedDatabase;
  let feed: FollowedMarks;
  beforeAll(async () => {
    world = await openWatched(place);
    feed = world.makeFeed({ listen });
    await feed.start();
  });
  afterAll(() => world.close());

  describeChangeFeed(name, () => ({ feed, world }));
});

describe('the session by which PostgreSQL is looked at', () => {
  let world: WatchedDatabase;
  let feed: FollowedMarks;
  let told = 0;
  let said: string[];
  beforeAll(async () => {
    world = await openWatched('PostgreSQL');
    await world.clients.insert(aClient({ id: 'changed' }));
  });
  beforeEach(async () => {
    said = [];
    const note = (message: string) => void said.push(message);
    feed = world.makeFeed({ log: { ...silent, warn: note, info: note } });
    await feed.start();
    told = 0;
    feed.watch('client', () => {
      told += 1;
    });
  });
  afterEach(() => feed.stop());
  afterAll(() => world.close());

  const change = () =>
    world.database.current().raw("update client set updated_at = now() where id = 'changed'");
  const asSuperuser = (statement: string) => query(world.postgres?.superuserUrl ?? '', statement);
  /** The looks, among all that is connected. */
  const lookers = "query like '%change_mark%' and query not like '%pg_stat_activity%'";

  it('makes a change known in far less than the time between two looks', async () => {
    const times: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      told = 0;
      await change();
      const committed = performance.now();
      await waitFor('the change was told', () => told > 0, { every: 1 });
      times.push(performance.now() - committed);
    }
    expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(100);
  });

  it('is opened anew when it was ended, and what was changed meanwhile is told', async () => {
    await asSuperuser(`select pg_terminate_backend(pid) from pg_stat_activity where ${lookers}`);
    await change();
    await waitFor('the change was told', () => told > 0, { every: 2, within: 5000 });
    await waitFor('it is live', () => feed.isLive());
  });

  it('claims nothing while it cannot look, tells so once, and catches up by itself', async () => {
    await asSuperuser('alter table change_mark rename to change_mark_away');
    await waitFor('it no longer relies on what it knew', () => !feed.isLive());
    const stuckAt = feed.knownUntil();
    await waitFor('it has looked several times more', () => performance.now() - stuckAt > 3000);
    expect(feed.knownUntil()).toBe(stuckAt);
    expect(said).toEqual(['changes made by others cannot be looked up; until then more is read anew']);
    await asSuperuser('alter table change_mark_away rename to change_mark');
    await waitFor('it looks again', () => feed.isLive());
    expect(said).toHaveLength(2);
  });

  it('does not keep commits of changes waiting: the mark is left with the commit', async () => {
    await world.clients.insert(aClient({ id: 'other' }));
    await world.database.inTransaction(async () => {
      await change();
      // On another connection, while the transaction above is open.
      await asSuperuser(
        "set statement_timeout = 1000; update client set updated_at = now() where id = 'other'",
      );
    });
  });
});
