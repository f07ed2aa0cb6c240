import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { type Database, openDatabase } from '../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import { makeVerificationSource } from '../../adapters/postgres/stores/audit-verification.ts';
import { makeVerifyAudit } from '../../server/audit/chain/verify.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

const program = fileURLToPath(new URL('audit-writer.ts', import.meta.url));
const key = randomBytes(32);

describe('four processes that write into the audit log', () => {
  let made: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    made = await createDatabase();
    database = openDatabase({
      where: { kind: 'url', url: made.superuserUrl },
      poolMax: 2,
      acquireTimeout: 20_000,
      connectTimeout: 10_000,
      statementTimeout: 20_000,
    });
    await makeMigrator(database, new URL('../../migrations/', import.meta.url)).up();
  });
  afterAll(async () => {
    await database.close();
    await made.drop();
  });

  const start = (events: number): KeptProcess[] =>
    Array.from({ length: 4 }, () =>
      startKept(process.execPath, [
        program,
        made.superuserUrl,
        key.toString('hex'),
        String(events),
        '6',
        '0.2',
      ]),
    );
  const verify = () =>
    makeVerifyAudit({
      keys: makeAuditKeys([{ id: 'tests', key }]),
      source: makeVerificationSource(database),
    })({ checkpoints: [], onProgress: () => {} });
  const numberOf = async (sql: string): Promise<number> =>
    Number((await database.run<{ n: string }>(sql, []))[0]?.n);
  const untilChained = () =>
    waitFor(
      'everything was chained',
      async () => (await numberOf('select count(*) as n from audit_queue')) === 0,
    );
  /** What they say was kept, and what was of those that were killed while it was told. */
  const kept = (processes: readonly KeptProcess[]): string[] =>
    processes.flatMap(({ stdout }) =>
      stdout()
        .split('\n')
        .filter((line) => line.startsWith('[') && line.endsWith(']')),
    );
  const chained = async (): Promise<string[]> => {
    const rows = await database.run<{ lane: string; number: string }>(
      `select account_id as lane, data ->> 'reason' as number from audit_chain c join audit_event e on e.id = c.event_id order by seq`,
      [],
    );
    return rows.map(({ lane, number }) => JSON.stringify([lane, Number(number)]));
  };
  const ended = async (processes: readonly KeptProcess[]): Promise<void> => {
    for (const one of processes) one.send('SIGTERM');
    await Promise.all(processes.map((one) => one.ended));
  };

  it('have each event in the chain once, in an order in which each could have happened', async () => {
    const processes = start(300);
    await waitFor('all have written', () => processes.every(({ stdout }) => stdout().includes('"written"')));
    await untilChained();
    const [told, found] = [kept(processes), await chained()];
    expect(processes.map(({ stderr }) => stderr())).toEqual(['', '', '', '']);
    expect(found.toSorted()).toEqual(told.toSorted());
    expect(told.length).toBeGreaterThan(700);
    // Of those who wait for each other's end, the later one comes later.
    for (const lane of new Set(told.map((line) => JSON.parse(line)[0]))) {
      const numbers = found.map((line) => JSON.parse(line)).filter(([of]) => of === lane);
      expect(numbers).toEqual(numbers.toSorted((one, other) => one[1] - other[1]));
    }
    await expect(verify()).resolves.toMatchObject({ links: told.length, last: told.length, found: 0 });
    await ended(processes);
  });

  it('go on when the one that chains is killed', async () => {
    const before = await numberOf('select seq as n from audit_head');
    const processes = start(600);
    const leader = await waitFor('one chains', async () => {
      if ((await numberOf('select seq as n from audit_head')) < before + 300) return undefined;
      const rows = await database.run<{ owner: string }>(
        `select owner from lease where name = 'audit_chain'`,
        [],
      );
      return processes.find(({ pid }) => String(pid) === rows[0]?.owner);
    });
    leader.send('SIGKILL');
    const killedAt = await numberOf('select seq as n from audit_head');
    await waitFor(
      'another one chains',
      async () => (await numberOf('select seq as n from audit_head')) > killedAt + 300,
      { within: 5000 },
    );
    const others = processes.filter((one) => one !== leader);
    await waitFor(
      'the others have written',
      () => others.every(({ stdout }) => stdout().includes('"written"')),
      { within: 50_000 },
    );
    await untilChained();
    const found = new Set(await chained());
    expect(kept(processes).filter((line) => !found.has(line))).toEqual([]);
    await expect(verify()).resolves.toMatchObject({ found: 0, waiting: { events: 0 } });
    await ended(others);
  });
});
