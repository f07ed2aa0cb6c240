import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { makePostgresServer, type PostgresServer } from '../support/postgres-server.ts';
import { countLost, countOutcomes, isLong, longest, report } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

const restarts = isLong ? 30 : 4;

describe('PostgreSQL that dies under load', () => {
  let postgres: PostgresServer;
  let world: World;
  afterEach(async () => {
    await world.dispose();
    await postgres.dispose();
  });

  it(`F-04 loses nothing that was acknowledged in ${restarts} restarts without a checkpoint, although it is set to acknowledge early`, async () => {
    // The server must insist on its commits itself: with this setting a restart takes back what came last.
    postgres = await makePostgresServer({ settings: { synchronous_commit: 'off', wal_writer_delay: '10s' } });
    world = await startWorld({ database: postgres.database });
    for (let restart = 0; restart < restarts; restart += 1) {
      await world.moreCalls(isLong ? 500 : 150);
      world.history.fault('PostgreSQL is stopped at once');
      await postgres.stop('immediate');
      await postgres.start();
      world.history.fault('PostgreSQL is back');
    }
    await world.moreCalls(150);
    const { calls, findings } = await world.judge();
    report({
      row: 'F-04',
      fault: `${restarts} restarts of PostgreSQL by "stop -m immediate"`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
    });
    expect(findings).toEqual([]);
  });
});
