import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type App, addAccount } from '../flows/protocol/app.ts';
import { openNewPassword } from '../support/new-password.ts';
import { makePerson, type Person } from '../support/person.ts';
import { basic, type TokenAnswer } from '../support/relying-party.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Arena, grounds, openArena, patience } from './arena.ts';
import { atOnce, openLine, type RawAnswer, rawPost } from './barrier.ts';
import {
  alive,
  isSignedIn,
  leadsTo,
  nothing,
  opening,
  redeem,
  rowsOf,
  sending,
  silently,
  type Tab,
} from './tabs.ts';

/** Sign-ins that are under way at once count as failures until they succeed; here it is not about those. */
const manyAtOnce = { GATEHOUSE_LOCKOUT_SOFT_AFTER: '50' };
/** Each has some twelve passwords to check. */
const rounds = 20;
/** How many people are at each step of a sign-in when the operator acts. */
const atEachStep = 5;
/** Milliseconds within which everybody acts. */
const span = 60;

describe.each(grounds)('an operator against sign-ins that are under way: %s', (ground) => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await openArena(ground, manyAtOnce);
  });
  afterAll(() => arena.dispose());

  /** A request that lies ready, and what its person does with the answer, up to tokens if it goes well. */
  interface Step {
    app: App;
    request: string;
    goOn(answer: RawAnswer): Promise<TokenAnswer | undefined>;
  }

  /** One request to one of the processes. */
  async function ask(request: string, process: number, after = 0): Promise<RawAnswer> {
    const line = await openLine(arena.ports[process % arena.ports.length] ?? 0);
    line.prepare(request);
    if (after > 0) await pause(after);
    const answer = await line.release();
    line.close();
    return answer;
  }

  const words = ({ username, password }: Account) => ({ username, password });

  async function beforeTheForm(who: Account): Promise<Step> {
    const person = makePerson(arena.issuer);
    const tab = { app: arena.album, attempt: arena.album.begin(), request: '' };
    await person.visit(tab.attempt.url);
    return {
      app: tab.app,
      request: sending(arena, person, words(who)),
      async goOn(answer) {
        if (answer.status !== 200) return undefined;
        return redeem(tab, await ask(opening(arena, person, leadsTo(arena, answer)), randomInt(2)));
      },
    };
  }

  async function beforeTheResumption(who: Account): Promise<Step> {
    const person = makePerson(arena.issuer);
    const tab = { app: arena.album, attempt: arena.album.begin(), request: '' };
    await person.visit(tab.attempt.url);
    const posted = await ask(sending(arena, person, words(who)), randomInt(2));
    return {
      app: tab.app,
      request: opening(arena, person, leadsTo(arena, posted)),
      goOn: (answer) => redeem(tab, answer),
    };
  }

  const silent = (tab: Tab): Step => ({
    app: tab.app,
    request: tab.request,
    goOn: (answer) => redeem(tab, answer),
  });

  function atTokenEndpoint(app: App, form: Record<string, string>): Step {
    const { clientId, clientSecret = '' } = app.registration;
    return {
      app,
      request: rawPost(arena.host, '/oauth2/token', { authorization: basic(clientId, clientSecret) }, form),
      goOn: async ({ status, body }) =>
        status === 200 ? { status, headers: new Headers(), body: JSON.parse(body) } : undefined,
    };
  }

  async function beforeTheExchange(person: Person): Promise<Step> {
    const { app, attempt, request } = silently(arena, person, arena.album);
    const { location = '' } = await ask(request, randomInt(2));
    return atTokenEndpoint(app, {
      grant_type: 'authorization_code',
      code: new URL(location).searchParams.get('code') ?? '',
      redirect_uri: app.registration.redirectUri,
      code_verifier: attempt.verifier,
    });
  }

  async function beforeTheRefresh(person: Person): Promise<[Step, TokenAnswer]> {
    const tokens = await arena.album.signIn(person, { username: '', password: '' });
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.body.refresh_token ?? '' };
    return [atTokenEndpoint(arena.album, refresh), tokens];
  }

  const several = <T>(make: () => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: atEachStep }, make));

  /** Everybody at their step, with `act` somewhere between. @returns all tokens that anybody has got */
  async function race(who: Account, act: () => Promise<void>): Promise<[App, TokenAnswer][]> {
    const person = makePerson(arena.issuer);
    const first = await arena.album.signIn(person, words(who));
    const refreshes = await several(() => beforeTheRefresh(person));
    const steps = [
      ...(await several(() => beforeTheForm(who))),
      ...(await several(() => beforeTheResumption(who))),
      ...(await several(() => beforeTheExchange(person))),
      ...refreshes.map(([step]) => step),
      // To the app that has a grant, and to one that gets one now.
      silent(silently(arena, person, arena.album)),
      silent(silently(arena, person, arena.wiki)),
      silent(silently(arena, person, arena.wiki)),
    ];
    const acting = pause(randomInt(span)).then(act);
    const got = await Promise.all(
      steps.map(async (step, index) => step.goOn(await ask(step.request, index, 1 + randomInt(span)))),
    );
    await acting;
    await expect(isSignedIn(person, arena.album)).resolves.toBe(false);
    return [
      [arena.album, first],
      ...refreshes.map(([, tokens]): [App, TokenAnswer] => [arena.album, tokens]),
      ...got.flatMap((tokens, index): [App, TokenAnswer][] =>
        tokens === undefined ? [] : [[steps[index]?.app ?? arena.album, tokens]],
      ),
    ];
  }

  async function expectNothingLeft(who: Account, tokens: readonly [App, TokenAnswer][]): Promise<void> {
    expect(await alive(tokens)).toEqual([]);
    const rows = await rowsOf(arena, who.sub, ['Session', 'Grant']);
    if (rows !== undefined) expect(rows).toBe(0);
  }

  async function change(who: Account, changes: Record<string, unknown>): Promise<void> {
    const { headers } = await arena.server.admin('GET', `users/${who.sub}`);
    const answer = await arena.server.admin('PATCH', `users/${who.sub}`, changes, {
      'if-match': headers.get('etag') ?? '',
    });
    expect(answer.status).toBe(200);
  }

  async function expectSignIn(who: Account): Promise<void> {
    const answer = await arena.album.signIn(makePerson(arena.issuer), words(who));
    expect(answer.status).toBe(200);
    await expect(arena.album.userinfo(answer.body.access_token ?? '')).resolves.toMatchObject({
      status: 200,
    });
    await change(who, { status: 'disabled' });
    await change(who, { status: 'active' });
  }

  it(
    'a new password ends everything that came of the old one, and works at once',
    async () => {
      let who = await addAccount(arena.server, 'changed@example.org');
      for (let round = 0; round < arena.rounds(rounds); round += 1) {
        const after = { ...who, password: `new and long enough ${round}` };
        const owner = await openNewPassword(arena.server, who);
        const tokens = await race(
          who,
          async () => void (await owner.submit({ new_password: after.password })),
        );
        await expectNothingLeft(who, tokens);
        await expectSignIn(after);
        who = after;
      }
    },
    patience,
  );

  it(
    'an account that is disabled loses everything for good, also when it is enabled again',
    async () => {
      const who = await addAccount(arena.server, 'disabled@example.org');
      for (let round = 0; round < arena.rounds(rounds); round += 1) {
        const tokens = await race(who, () => change(who, { status: 'disabled' }));
        await change(who, { status: 'active' });
        await expectNothingLeft(who, tokens);
        await expectSignIn(who);
      }
    },
    patience,
  );
});

describe('a new password that is being written, on two processes', () => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await openArena('two processes on PostgreSQL');
  });
  afterAll(() => arena.dispose());

  it('leaves no session to whoever is signing in with the old one, which is still what others see', async () => {
    const { database, album: app } = arena;
    if (database === undefined) throw new Error('this needs a database that can be looked into');
    const who = await addAccount(arena.server, 'slow@example.org');
    const person = makePerson(arena.issuer);
    await person.visit(app.begin().url);
    const form = sending(arena, person, { username: who.username, password: who.password });
    const waiting = (requests: number) =>
      waitFor(`${requests} requests wait`, async () => {
        const [row] = await database.rows('select count(*)::int as waiting from pg_locks where not granted');
        return row?.waiting === requests;
      });

    const owner = await openNewPassword(arena.server, who);
    // Both write an audit event last: nobody gets further until the table is free again.
    await database.rows('begin');
    await database.rows('lock table audit_event in share mode');
    const change = { password: 'new and long enough' };
    const changed = owner.submit({ new_password: change.password });
    await waiting(1);
    const posted = atOnce(arena.ports.slice(1), [form]);
    await waiting(2);
    await database.rows('commit');

    expect(await changed).toMatchObject({ status: 200 });
    const [answer = nothing] = await posted;
    const [resumed = nothing] = await atOnce(arena.ports, [opening(arena, person, leadsTo(arena, answer))]);
    expect(resumed).toMatchObject({ status: 400, location: undefined, setCookies: [] });
    expect(await rowsOf(arena, who.sub, ['Session', 'Grant'])).toBe(0);
    await expect(isSignedIn(person, app)).resolves.toBe(false);
    const after = await app.signIn(makePerson(arena.issuer), { username: who.username, ...change });
    expect(after.status).toBe(200);
  });
});
