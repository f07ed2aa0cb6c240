import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { residentOf } from '../bench/measure.ts';
import { addAccount } from '../flows/protocol/app.ts';
import type { HttpResponse } from '../support/http.ts';
import { patience } from './arena.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { beginGuessing, deviceIn, type Guess, type Guesser } from './guesses.ts';

const limits = { accounts: 30, everywhere: 120 };
const window = 600;

describe('many names, on two processes behind a proxy', () => {
  let attacked: Attacked;
  let guesser: Guesser;
  beforeAll(async () => {
    attacked = await startAttacked({
      both: {
        GATEHOUSE_TRUST_PROXY: '1',
        GATEHOUSE_LOCKOUT_NETWORK_ACCOUNTS: String(limits.accounts),
        GATEHOUSE_LOCKOUT_GLOBAL_FAILURES: String(limits.everywhere),
      },
    });
    guesser = await guessing();
  });
  afterAll(() => attacked.dispose());

  const guessing = () =>
    beginGuessing(
      attacked.servers[0],
      attacked.servers.map(({ port }) => port),
      attacked.apps.c1,
    );
  const statusOf = async (guess: Guess, process = 0): Promise<number> =>
    (await guesser.guess(guess, process)).status;
  const sprayEvents = () =>
    attacked.database.rows(`select data, ip from audit_event where type = 'login.spray' order by id`);

  function expectLimited({ status, headers, text }: HttpResponse): void {
    expect(status).toBe(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(window);
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toContain('Too many failed sign-ins');
    expect(text).toContain('use a device that you have signed in with before');
  }

  it(
    'D10: one password for many names from one address is stopped, with one event for operators, but for known devices',
    async () => {
      const owner = await addAccount(attacked.servers[0], 'owner@example.org');
      const from = '203.0.113.7';
      const device = deviceIn(await (await guessing()).guess({ ...owner, forwardedFor: from }));
      const statuses: number[] = [];
      for (let name = 0; name < 60; name += 1)
        statuses.push(
          await statusOf(
            { username: `sprayed-${name}@example.org`, password: 'Summer2031!', forwardedFor: from },
            name,
          ),
        );
      expect(statuses).toEqual(statuses.map((_, index) => (index < limits.accounts ? 422 : 429)));
      expectLimited(await guesser.guess({ ...owner, forwardedFor: from }));
      const known = await (await guessing()).guess({ ...owner, device, forwardedFor: from });
      expect(known.status).toBe(200);
      const elsewhere = await (await guessing()).guess({ ...owner, forwardedFor: '203.0.113.8' });
      expect(elsewhere.status).toBe(200);
      await expect(sprayEvents()).resolves.toEqual([{ data: { scope: 'network' }, ip: from }]);
    },
    patience,
  );

  it(
    'D10: an IPv6 address counts with its whole /64',
    async () => {
      const from = (host: number) => `2001:db8:7:7::${host.toString(16)}`;
      const statuses: number[] = [];
      for (let name = 0; name < 40; name += 1)
        statuses.push(
          await statusOf({
            username: `six-${name}@example.org`,
            password: 'Summer2031!',
            forwardedFor: from(name + 1),
          }),
        );
      expect(statuses.slice(0, limits.accounts)).toEqual(Array.from({ length: limits.accounts }, () => 422));
      expect(statuses.slice(limits.accounts)).toEqual(Array.from({ length: 10 }, () => 429));
    },
    patience,
  );

  it(
    'D10: stuffing from a thousand addresses is stopped as well, and a known device still gets in',
    async () => {
      const owner = await addAccount(attacked.servers[0], 'far@example.org');
      const first = await (await guessing()).guess({ ...owner, forwardedFor: '203.0.113.99' });
      const before = await sprayEvents();
      const answers: HttpResponse[] = [];
      for (let pair = 0; pair < 1000; pair += 1)
        answers.push(
          await guesser.guess(
            {
              username: `stuffed-${pair}@example.org`,
              password: `pair ${pair}`,
              forwardedFor: `198.51.${pair >> 8}.${pair & 255}`,
            },
            pair,
          ),
        );
      const statuses = answers.map(({ status }) => status);
      const begun = statuses.indexOf(429);
      expect(begun).toBeLessThanOrEqual(limits.everywhere);
      expect(statuses.slice(begun)).toEqual(statuses.slice(begun).map(() => 429));
      for (const answer of answers.slice(-3)) expectLimited(answer);
      const known = await (await guessing()).guess({
        ...owner,
        device: deviceIn(first),
        forwardedFor: '203.0.113.100',
      });
      expect(known.status).toBe(200);
      expect((await sprayEvents()).slice(before.length)).toEqual([
        { data: { scope: 'everywhere' }, ip: expect.any(String) },
      ]);
    },
    patience,
  );
});

describe('a flood of sign-ins, on two processes', () => {
  let attacked: Attacked;
  beforeAll(async () => {
    attacked = await startAttacked({
      both: { GATEHOUSE_HASH_QUEUE: '20', GATEHOUSE_LOCKOUT_NETWORK_FAILURES: '100000' },
    });
  });
  afterAll(() => attacked.dispose());

  it(
    'D11: more than may wait is turned away at once with a time to come back, and costs no memory',
    async () => {
      const { servers, people } = attacked;
      const ports = servers.map(({ port }) => port);
      const guesser = await beginGuessing(servers[0], ports, attacked.apps.c1);
      const flood = () =>
        guesser.guessAtOnce(
          Array.from({ length: 500 }, (_, index) => ({
            username: people.user.username,
            password: `wrong ${index}`,
          })),
        );
      await flood();
      const resident = () => servers.reduce((sum, { pid }) => sum + residentOf(pid), 0);
      const before = resident();
      for (let round = 0; round < 3; round += 1) {
        const answers = await flood();
        const of = (status: number) => answers.filter((answer) => answer.status === status);
        expect(of(422).length + of(503).length).toBe(500);
        expect(of(503).length).toBeGreaterThan(250);
        // Whoever is turned away has not waited for those who are not.
        const median = (times: number[]) =>
          times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
        expect(median(of(503).map(({ at }) => at))).toBeLessThan(median(of(422).map(({ at }) => at)));
      }
      expect(resident() - before).toBeLessThan(60);
      const page = await attacked.send('/oauth2/jwks');
      expect(page.status).toBe(200);
    },
    patience,
  );

  it('D11: the page that turns away says when to come back', async () => {
    const guesser = await beginGuessing(
      attacked.servers[0],
      attacked.servers.slice(0, 1).map(({ port }) => port),
      attacked.apps.c1,
    );
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        guesser.guess({ username: 'nobody', password: `x ${index}` }),
      ),
    );
    const turnedAway = answers.filter(({ status }) => status === 503);
    expect(turnedAway.length).toBeGreaterThan(20);
    for (const { headers, text } of turnedAway) {
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(5);
      expect(text).toContain('too busy');
    }
  });
});
