import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { unprivilegedUser } from '../support/postgres-cluster.ts';
import { makePostgresServer, type PostgresServer } from '../support/postgres-server.ts';
import { mountSmallDisk, type SmallDisk } from '../support/tmpfs.ts';
import { waitFor } from '../support/wait-for.ts';
import { countLost, countOutcomes, isLong, longest, report } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

const rounds = isLong ? 10 : 2;
/** Calls that the full disk must have failed before there is space again. */
const enoughFailures = 20;

describe('a disk that is full', () => {
  let world: World | undefined;
  let postgres: PostgresServer | undefined;
  let disk: SmallDisk;
  beforeEach(async () => {
    world = undefined;
    postgres = undefined;
    disk = await mountSmallDisk(128);
  });
  afterEach(async () => {
    await world?.dispose();
    await postgres?.dispose();
    disk.remove();
  });

  const failures = (of: World): number => of.history.counts().unknown;

  async function untilFailed(of: World): Promise<void> {
    const enough = failures(of) + enoughFailures;
    await waitFor('calls have failed', () => failures(of) >= enough, { within: 60_000 });
  }

  /**
   * Waits until calls succeed again. Out of space for its log PostgreSQL may end itself; whoever runs it starts it again, and so
   * does this. Returns how often.
   */
  async function goesOn(of: World, server: PostgresServer): Promise<number> {
    const enough = of.history.counts().ok + 100;
    let ended = 0;
    const hasGoneOn = async (): Promise<boolean> => {
      if (!server.alive()) {
        ended += 1;
        await server.start();
      }
      return of.history.counts().ok >= enough;
    };
    await waitFor('100 more calls succeeded', hasGoneOn, { within: 60_000 });
    return ended;
  }

  /** A folder on the small disk that PostgreSQL may write to. */
  function folderForPostgres(): string {
    const folder = join(disk.path, 'postgres');
    mkdirSync(folder, { mode: 0o700 });
    const { uid, gid } = unprivilegedUser();
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
    return folder;
  }

  it(`F-19 under PostgreSQL, ${rounds} times: 503, nothing half written, and it goes on by itself`, async () => {
    postgres = await makePostgresServer({
      directory: folderForPostgres(),
      initdb: ['--wal-segsize=1'],
      settings: { max_wal_size: '8MB', min_wal_size: '2MB', shared_buffers: '16MB' },
    });
    world = await startWorld({ database: postgres.database });
    let ended = 0;
    for (let round = 0; round < rounds; round += 1) {
      await world.moreCalls(50);
      world.history.fault('the disk is full');
      disk.fill();
      await untilFailed(world);
      disk.free();
      world.history.fault('there is space again');
      ended += await goesOn(world, postgres);
    }
    const { calls, findings } = await world.judge();
    report({
      row: 'F-19',
      fault: `${rounds} times a full disk under PostgreSQL`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: `PostgreSQL itself ended ${ended} times, the server never`,
    });
    expect(findings).toEqual([]);
  });

  it('F-19 under the embedded database: nothing that was acknowledged is lost, and it goes on', async () => {
    world = await startWorld({ database: 'embedded', workers: 3, dataDir: join(disk.path, 'data') });
    let ended = 0;
    for (let round = 0; round < rounds; round += 1) {
      await world.moreCalls(60);
      world.history.fault('the disk is full');
      disk.fill();
      await untilFailed(world);
      disk.free();
      world.history.fault('there is space again');
      const [server] = world.servers;
      if (server !== undefined && !(await answers(server.managementUrl))) {
        expect(server.output()).toContain('The embedded database has ended');
        ended += 1;
        world.servers[0] = await server.startAgain();
      }
      await world.moreCalls(60);
    }
    const { calls, findings } = await world.judge();
    report({
      row: 'F-19',
      fault: `${rounds} times a full disk under the embedded database`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: `the server ended ${ended} times and was started again`,
    });
    expect(findings).toEqual([]);
  });

  const answers = (managementUrl: string): Promise<boolean> =>
    fetch(`${managementUrl}/healthz`).then(
      () => true,
      () => false,
    );
});
