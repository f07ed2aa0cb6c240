import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { exchange } from '../support/http.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Completion } from './history.ts';
import { changeUser, createUser, readUser } from './operator-calls.ts';
import { countLost, countOutcomes, longest, report } from './report.ts';
import { startWorld, type World } from './world.ts';

jest.setTimeout(longest);

interface Known {
  user: string;
  sub: string;
}

const poolMax = 5;
const callers = 500;

describe('a server whose connections are all in use', () => {
  let database: TestDatabase;
  let world: World;
  let holder: pg.Client;
  beforeAll(async () => {
    database = await createDatabase();
    const env = { GATEHOUSE_DATABASE_POOL_MAX: String(poolMax) };
    // No workers: all callers are these tests' own.
    world = await startWorld({ database, processes: 1, workers: 0, env });
    holder = new pg.Client({ connectionString: database.superuserUrl });
    await holder.connect();
  });
  afterAll(async () => {
    await holder.end();
    await world.dispose();
  });

  /** One in ten changes a person of its own; the others read somebody whom nobody changes. */
  const call = (people: readonly Known[], index: number, round: number): Promise<Completion> => {
    const { user, sub } = people[index % 10 === 0 ? 1 + index / 10 : 0] ?? { user: '', sub: '' };
    return index % 10 === 0
      ? changeUser(world, `caller ${index}`, sub, { type: 'rename-user', user, name: `${user} in ${round}` })
      : readUser(world, `caller ${index}`, user);
  };

  it(`F-09 turns away ${callers} callers at once in time, stays alive, and has no caller that waits for itself`, async () => {
    const people: Known[] = [];
    for (let index = 0; index <= callers / 10; index += 1) {
      const user = `person-${index}@example.org`;
      const { facts } = await createUser(world, 'operator', {
        user,
        name: user,
        password: 'a good password',
      });
      people.push({ user, sub: facts?.sub ?? '' });
    }
    const ask = (count: number, round: number) =>
      Promise.all(Array.from({ length: count }, (_, index) => call(people, index, round)));

    // One statement that takes its time, and all connections wait behind it.
    await holder.query('begin; lock table account in access exclusive mode');
    const turnedAway = ask(callers, 1);
    await waitFor('the connections wait', async () => {
      const { rows } = await holder.query('select 1 from pg_locks where not granted');
      return rows.length === poolMax;
    });
    const began = performance.now();
    const [server] = world.servers;
    await expect(exchange(`${server?.issuer}/healthz`)).resolves.toMatchObject({ status: 200 });
    const health = Math.round(performance.now() - began);
    const answers = await turnedAway;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    await holder.query('rollback');

    // With the connections free again, twenty times as many as there are all get what they ask for.
    const served = await ask(20 * poolMax, 2);
    expect(new Set(served.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));

    const { calls, findings } = await world.judge({ longest: 5000 });
    const times = calls
      .filter(({ status }) => status === 503)
      .map(({ ms }) => ms)
      .sort((a, b) => a - b);
    report({
      row: 'F-09',
      fault: `${callers} callers at once, ${poolMax} connections, all behind one slow statement`,
      calls: countOutcomes(calls),
      lost: countLost(findings),
      measured: `503 after ${times[0]} ms (first), ${times[times.length / 2]} ms (half), ${times.at(-1)} ms (last); health in ${health} ms`,
    });
    expect(findings).toEqual([]);
    expect(health).toBeLessThan(1000);
    // Those beyond the queue do not wait for a connection that will not come.
    expect(times[times.length / 2]).toBeLessThan(3000);
  });
});
