import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Completion } from './history.ts';
import { createUser } from './operator-calls.ts';
import { openLink, submitPassword } from './password-calls.ts';
import { authorize, exchangeCode, refreshTokens, revoke, type Way } from './people-calls.ts';
import { countLost, countOutcomes, isLong, longest, report } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

const writers = 50;
const rounds = isLong ? 50 : 3;

describe('statements that PostgreSQL gives up', () => {
  let database: TestDatabase;
  let world: World;
  const person = { user: 'person@example.org', name: 'Pat', password: 'correct horse battery staple' };
  let sub: string;
  beforeAll(async () => {
    database = await createDatabase();
    // Every two writers of one row are a serialization failure (40001) for one of them.
    const name = new URL(database.url).pathname.slice(1);
    await query(
      database.superuserUrl,
      `alter database "${name}" set default_transaction_isolation = 'serializable'`,
    );
    world = await startWorld({ database, workers: 1 });
    await world.driver.stop();
    sub = (await createUser(world, 'operator', person)).facts?.sub ?? '';
  });
  afterAll(() => world.dispose());

  const atOnce = (call: (index: number) => Promise<Completion>) =>
    Promise.all(Array.from({ length: writers }, (_, index) => call(index)));

  async function signIn(family: string): Promise<{ way: Way; code: string }> {
    const app = world.apps[0];
    if (app === undefined) throw new Error('there is an app');
    const { user, password } = person;
    const { way, code } = await authorize(world, 'operator', app, { family, user, password });
    return { way, code: code ?? '' };
  }

  it(`F-10 ${writers} writers of one row, ${rounds} rounds: one use of each code and token, no answer but the right one or 503`, async () => {
    const [app] = world.apps;
    if (app === undefined) throw new Error('there is an app');
    for (let round = 0; round < rounds; round += 1) {
      const refreshed = await signIn(`refresh ${round}`);
      const first = await exchangeCode(world, 'operator', app, refreshed.way, refreshed.code);
      const token = first.facts?.refresh ?? '';
      const { family } = refreshed.way;
      await atOnce((index) => refreshTokens(world, `writer ${index}`, app, { family, token }));
      await atOnce((index) => revoke(world, `writer ${index}`, app, { family, token }));
      const redeemed = await signIn(`code ${round}`);
      const answers = await atOnce((index) =>
        exchangeCode(world, `writer ${index}`, app, redeemed.way, redeemed.code),
      );
      expect(answers.filter(({ outcome }) => outcome === 'ok').length).toBeLessThanOrEqual(1);
    }
    const { calls, findings } = await judge();
    report({
      row: 'F-10',
      fault: `${writers} writers of one row under "serializable", ${rounds} rounds of refreshes, revocations and codes, and a deadlock`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: 'what PostgreSQL gave up was done again, also after the deadlock',
    });
    expect(findings).toEqual([]);
  });

  const judge = async () => {
    await meetDeadlock();
    return world.judge();
  };

  /**
   * The server holds the row of the password and waits for the account's; the other one holds that and waits for the password's.
   * PostgreSQL ends the server's transaction, which must then be done again.
   */
  async function meetDeadlock(): Promise<void> {
    const page = await openLink(world, { user: person.user, sub });
    if (page === undefined) throw new Error('there came no link');
    const other = new pg.Client({ connectionString: database.superuserUrl });
    await other.connect();
    await other.query(`set deadlock_timeout = '1h'; begin isolation level read committed`);
    await other.query('select from account where id = $1 for update', [sub]);
    const password = 'another good password of theirs';
    const change = { type: 'set-password', user: person.user, password } as const;
    const changing = submitPassword(world, 'operator', page, change);
    await waitFor('the server waits', async () => {
      const { rows } = await other.query('select 1 from pg_locks where not granted');
      return rows.length > 0;
    });
    await other.query('select from password_credential where account_id = $1 for update', [sub]);
    await other.query('rollback');
    await other.end();
    await expect(changing).resolves.toMatchObject({ outcome: 'ok' });
  }
});
