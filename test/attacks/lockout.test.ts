import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, addAccount } from '../flows/protocol/app.ts';
import type { HttpResponse } from '../support/http.ts';
import { setNewPassword } from '../support/new-password.ts';
import { patience } from './arena.ts';
import { type Attacked, startAttacked } from './fixture.ts';
import { beginGuessing, deviceIn, type Guess, type Guesser } from './guesses.ts';

const limit = 5;
const wrong = 'not the password at all';

describe('guessing a password, on two processes behind a proxy', () => {
  let attacked: Attacked;
  let guesser: Guesser;
  let addresses = 0;
  beforeAll(async () => {
    attacked = await startAttacked({
      both: { GATEHOUSE_TRUST_PROXY: '1', GATEHOUSE_LOCKOUT_NETWORK_FAILURES: '60' },
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
  const person = (name: string, changes: Record<string, unknown> = {}) =>
    addAccount(attacked.servers[0], `${name}@example.org`, changes);
  const anAddress = (): string => {
    addresses += 1;
    return `198.51.${addresses >> 8}.${addresses & 255}`;
  };
  /** From an address of its own. */
  const guess = (one: Guess, process = 0): Promise<HttpResponse> =>
    guesser.guess({ forwardedFor: anAddress(), ...one }, process);
  /** On a page of its own, since the right password ends one. */
  const signIn = async (one: Guess, process = 0): Promise<HttpResponse> =>
    (await guessing()).guess({ forwardedFor: anAddress(), ...one }, process);
  async function guessMany(username: string, times: number, from = anAddress()): Promise<HttpResponse[]> {
    const answers: HttpResponse[] = [];
    for (let count = 0; count < times; count += 1)
      answers.push(await guess({ username, password: wrong, forwardedFor: from }, count));
    return answers;
  }
  const lockOf = async ({ sub }: Account): Promise<Record<string, unknown>> =>
    (await attacked.servers[1].admin('GET', `users/${sub}/lock`)).body;

  /** An hour more, so that the machine may take its time. */
  const prolong = ({ sub }: Account) =>
    attacked.database.rows(
      `update sign_in_counter set open_at = now() + interval '1 hour' where account_id = '${sub}'`,
    );

  /** What a stranger sees: all but what is another one in every answer. */
  const looks = ({ status, headers, text }: HttpResponse, username: string) => ({
    status,
    headers: Object.entries(headers)
      .filter(([name]) => !['date', 'x-request-id', 'set-cookie'].includes(name))
      .map(([name, value]) => `${name}: ${String(value)}`),
    text: text.replaceAll(username, 'NAME'),
  });

  it('D02: whatever is wrong, the answer is the same in status, headers, words and length', async () => {
    const [known, locked, bare] = [
      await person('known-'),
      await person('locked'),
      await person('nopass', { password: undefined }),
    ];
    await guessMany(locked.username, limit + 3);
    await prolong(locked);
    const names = [known.username, 'nobody@example.org', locked.username, bare.username];
    const answers = [
      ...(await Promise.all(
        names.map(async (username) => looks(await guess({ username, password: wrong }), username)),
      )),
      looks(await guess({ username: known.username, password: '' }), known.username),
      // The right one, for an account that is locked.
      looks(await guess({ username: locked.username, password: locked.password }), locked.username),
    ].map(({ headers, ...rest }) => ({
      ...rest,
      headers: headers.filter((line) => !line.startsWith('content-length')),
    }));
    expect(answers[0]).toMatchObject({
      status: 422,
      text: expect.stringContaining('Wrong user name or password.'),
    });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('D03: a name that no account has is locked in the same way and says the same', async () => {
    const { username } = await person('real-one');
    const absent = 'fake-one@example.org';
    const seen = [];
    for (const name of [username, absent]) {
      const answers = await guessMany(name, 20);
      seen.push(answers.map((answer) => looks(answer, name)));
    }
    expect(seen[0]).toEqual(seen[1]);
    const counters = await attacked.database.rows(
      `select failures, refused::int from sign_in_counter where account_id is null or account_id in
         (select id from account where email = '${username}') order by refused desc limit 2`,
    );
    expect(counters).toHaveLength(2);
    for (const { failures, refused } of counters) {
      expect(Number(failures)).toBeGreaterThanOrEqual(limit);
      expect(Number(failures) + Number(refused)).toBe(20);
    }
  });

  it('D05: thirty spellings of one name share one limit', async () => {
    const who = await person('spelled.Name', { preferred_username: 'Spëlled' });
    const cases = (text: string) =>
      Array.from({ length: 8 }, (_, index) =>
        Array.from(text, (letter, at) =>
          ((index + 1) >> (at % 4)) % 2 === 1 ? letter.toUpperCase() : letter,
        ).join(''),
      );
    const wide = who.username.replaceAll(/[a-z]/gi, (letter) =>
      String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0),
    );
    const spellings = [
      ...cases(who.username),
      ...cases('spëlled'),
      ...[' ', '  ', '\t', '\u00a0', '\u3000', '\n'].flatMap((space) => [
        space + who.username,
        who.username + space,
      ]),
      ...[wide, 'spëlled'.normalize('NFD')],
    ];
    expect(new Set(spellings).size).toBe(30);
    expect(spellings).toHaveLength(30);
    for (const [index, username] of spellings.entries()) await guess({ username, password: wrong }, index);
    const { failures, refused } = await lockOf(who);
    expect(Number(failures) + Number(refused)).toBe(30);
    expect(Number(refused)).toBeGreaterThan(15);
    await prolong(who);
    await expect(guess(who)).resolves.toMatchObject({ status: 422 });
  });

  it('D07: every failure is counted by the time that it is answered, whatever the engine makes of it', async () => {
    const who = await person('counted');
    for (let count = 1; count <= 12; count += 1) {
      const { status } = await guess({ username: who.username, password: wrong }, count);
      expect(status).toBe(422);
      const { failures, refused } = await lockOf(who);
      expect(Number(failures) + Number(refused)).toBe(count);
    }
  });

  it(
    'D08: only the hop that is trusted says where somebody comes from',
    async () => {
      const real = anAddress();
      const padding = (hops: number) => Array.from({ length: hops }, anAddress).join(', ');
      const forms = [
        `${anAddress()}, ${real}`,
        `${padding(50)}, ${real}`,
        `${padding(200)}, ${real}`,
        real,
        `::ffff:${real}`,
      ];
      for (let count = 0; count < 60; count += 1)
        await guess(
          {
            username: `nobody-${count % 20}@example.org`,
            password: wrong,
            forwardedFor: forms[count % forms.length],
          },
          count,
        );
      for (const forwardedFor of forms)
        await expect(
          guess({ username: 'nobody@example.org', password: wrong, forwardedFor }),
        ).resolves.toMatchObject({ status: 429 });
      await expect(guess({ username: 'nobody@example.org', password: wrong })).resolves.toMatchObject({
        status: 422,
      });
    },
    patience,
  );

  it(
    'D08: an address that nobody can read is that of the proxy, and counts all the same',
    async () => {
      const unreadable = [
        'a',
        '',
        'unknown',
        '1.2.3.4.5',
        '198.51.100.1:80',
        `${anAddress()}, a`,
        '"<script>"',
      ];
      for (let count = 0; count < 62; count += 1)
        await guess(
          {
            username: `no-one-${count % 20}@example.org`,
            password: wrong,
            forwardedFor: unreadable[count % unreadable.length],
          },
          count,
        );
      for (const forwardedFor of unreadable)
        await expect(
          guess({ username: 'nobody@example.org', password: wrong, forwardedFor }),
        ).resolves.toMatchObject({ status: 429 });
    },
    patience,
  );

  describe('D09: a victim whom a stranger locks out', () => {
    it('still gets in by a device that has signed in before; the stranger does not, not even with the password', async () => {
      const victim = await person('victim');
      const device = deviceIn(await signIn(victim));
      expect(device).toMatch(/^[\w-]{43}$/);
      await guessMany(victim.username, limit + 5);
      await prolong(victim);
      await expect(guess(victim)).resolves.toMatchObject({ status: 422 });
      await expect(guess({ ...victim, device: 'x'.repeat(43) })).resolves.toMatchObject({ status: 422 });
      const other = deviceIn(await signIn(await person('other')));
      await expect(guess({ ...victim, device: other })).resolves.toMatchObject({ status: 422 });
      const answer = await signIn({ ...victim, device }, 1);
      expect(answer.status).toBe(200);
      expect(deviceIn(answer)).not.toBe(device);
    });

    it('waits on that device only for its own mistakes, and is told how long', async () => {
      const victim = await person('mistaken');
      const device = deviceIn(await signIn(victim));
      for (let count = 0; count < limit; count += 1)
        await guess({ username: victim.username, password: wrong, device }, count);
      const setWait = (seconds: number) =>
        attacked.database.rows(
          `update sign_in_counter set open_at = now() + interval '${seconds} seconds' where account_id = '${victim.sub}'`,
        );
      await setWait(90);
      const told = await guess({ ...victim, device });
      expect(told).toMatchObject({
        status: 429,
        text: expect.stringContaining('Too many wrong passwords from this device.'),
      });
      expect(Number(told.headers['retry-after'])).toBeGreaterThan(60);
      expect(Number(told.headers['retry-after'])).toBeLessThanOrEqual(90);
      await setWait(0);
      await expect(signIn({ ...victim, device })).resolves.toMatchObject({ status: 200 });
      await expect(lockOf(victim)).resolves.toMatchObject({ failures: 0 });
    });

    it('is told by mail, once, and the operators by one event', async () => {
      const victim = await person('told');
      await guessMany(victim.username, limit + 15);
      const mails = await attacked.database.rows(
        `select id from outbox_message where account_id = '${victim.sub}'`,
      );
      expect(mails).toHaveLength(1);
      const events = await attacked.database.rows(
        `select data from audit_event where account_id = '${victim.sub}' and type = 'signin.locked'`,
      );
      expect(events).toEqual([{ data: { failures: limit, isClosed: false, isKnownDevice: false } }]);
    });

    it('waits for a time that grows, and never for ever below a hundred', async () => {
      const victim = await person('patient');
      await attacked.database.rows(
        `insert into sign_in_counter (subject, account_id, failures, refused, open_at, last_at, attempt)
         values ('account ${victim.sub}', '${victim.sub}', 98, 0, now(), now(), 'before')`,
      );
      await guess({ username: victim.username, password: wrong });
      const { failures, locked_until: until, closed } = await lockOf(victim);
      expect({ failures, closed }).toEqual({ failures: 99, closed: false });
      expect(Number(until) - Date.now() / 1000).toBeGreaterThan(890);
      expect(Number(until) - Date.now() / 1000).toBeLessThanOrEqual(901);
    });

    it('has a password that is closed to strangers at a hundred in a row, until there is a new one', async () => {
      const victim = await person('closed');
      const device = deviceIn(await signIn(victim));
      await attacked.database.rows(
        `insert into sign_in_counter (subject, account_id, failures, refused, open_at, last_at, attempt)
         values ('account ${victim.sub}', '${victim.sub}', 99, 0, now(), now(), 'before')`,
      );
      await guess({ username: victim.username, password: wrong });
      await attacked.database.rows(
        `update sign_in_counter set open_at = now() where account_id = '${victim.sub}'`,
      );
      await expect(lockOf(victim)).resolves.toMatchObject({ failures: 100, closed: true });
      await expect(guess(victim)).resolves.toMatchObject({ status: 422 });
      await expect(signIn({ ...victim, device })).resolves.toMatchObject({ status: 200 });
      const password = 'seven otters paint blue doors';
      await setNewPassword(attacked.servers[0], victim, password);
      await expect(signIn({ ...victim, password })).resolves.toMatchObject({ status: 200 });
    });
  });
});
