import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type App, registerApp } from '../flows/protocol/app.ts';
import { makePerson, type Person } from '../support/person.ts';
import type { TokenAnswer } from '../support/relying-party.ts';
import { type Arena, grounds, openArena, patience } from './arena.ts';
import { atOnce, type RawAnswer } from './barrier.ts';
import {
  alive,
  isSignedIn,
  leadsTo,
  nothing,
  opening,
  receive,
  redeem,
  rowsOf,
  sending,
  silently,
  type Tab,
  toldTo,
} from './tabs.ts';

/** Each begins with a password, whose check takes a while. */
const rounds = 20;

describe.each(grounds)('tabs of one browser at the same moment: %s', (ground) => {
  let arena: Arena;
  let apps: App[];
  beforeAll(async () => {
    arena = await openArena(ground);
    const more = ['three', 'four', 'five'].map((id) =>
      registerApp(arena.server, {
        client_id: id,
        skip_consent: true,
        redirect_uris: [`https://${id}.example/`],
      }),
    );
    apps = [arena.album, arena.wiki, ...(await Promise.all(more))];
  });
  afterAll(() => arena.dispose());

  const whoever = () => ({ username: arena.person.username, password: arena.person.password });
  const race = (tabs: readonly { request: string }[]) =>
    atOnce(
      arena.ports,
      tabs.map(({ request }) => request),
    );
  const liveRows = () => rowsOf(arena, arena.person.sub, ['Session', 'Grant']);

  async function signedIn(): Promise<{ person: Person; tokens: TokenAnswer }> {
    const person = makePerson(arena.issuer);
    const tokens = await arena.album.signIn(person, whoever());
    expect(tokens.status).toBe(200);
    return { person, tokens };
  }

  /** Follows where the server leads to itself, as a browser does, in each tab. */
  async function arrive(
    person: Person,
    tabs: readonly Tab[],
    answers: RawAnswer[],
  ): Promise<(TokenAnswer | undefined)[]> {
    receive(arena, person, answers);
    return Promise.all(
      tabs.map(async (tab, index) => {
        const answer = answers[index];
        if (answer === undefined) return undefined;
        if (answer.location?.startsWith('/') !== true) return redeem(tab, answer);
        const [next] = await atOnce(arena.ports, [
          opening(arena, person, new URL(answer.location, arena.issuer)),
        ]);
        if (next !== undefined) receive(arena, person, [next]);
        return next === undefined ? undefined : redeem(tab, next);
      }),
    );
  }

  async function signOut(person: Person): Promise<void> {
    await person.visit('/oauth2/logout');
    await person.submit({}, { button: 'yes' });
    expect(person.page().text).toContain('signed out');
  }

  it(
    'twenty that sign in silently to five apps all get tokens, the browser stays signed in, and its sign-out ends all of them',
    async () => {
      for (let round = 0; round < arena.rounds(rounds); round += 1) {
        const { person, tokens: first } = await signedIn();
        const tabs = Array.from({ length: 20 }, (_, index) =>
          silently(arena, person, apps[index % apps.length] ?? arena.wiki),
        );
        const answers = await race(tabs);
        const got = await arrive(person, tabs, answers);
        expect(got.map((tokens) => tokens?.status)).toEqual(tabs.map(() => 200));
        const all = tabs.map(({ app }, index): [App, TokenAnswer] => [app, got[index] ?? first]);
        for (const [app, { body }] of all)
          await expect(app.userinfo(body.access_token ?? '')).resolves.toMatchObject({ status: 200 });
        expect(await isSignedIn(person, arena.album)).toBe(true);
        // One session, and one grant for each app.
        const rows = await liveRows();
        if (rows !== undefined) expect(rows).toBe(1 + apps.length);
        await signOut(person);
        expect(await alive([[arena.album, first], ...all])).toEqual([]);
        if (rows !== undefined) expect(await liveRows()).toBe(0);
      }
    },
    patience,
  );

  it(
    'a sign-out ends what thirty others get meanwhile, and the session',
    async () => {
      for (let round = 0; round < arena.rounds(rounds); round += 1) {
        const { person, tokens } = await signedIn();
        const tabs = Array.from({ length: 30 }, (_, index) =>
          silently(arena, person, apps[index % apps.length] ?? arena.wiki),
        );
        const old = person.jar.all();
        await person.visit('/oauth2/logout');
        const leave = { request: sending(arena, person, { logout: 'yes' }) };
        const middle = (round * 7) % tabs.length;
        const [left, ...answers] = await race([leave, ...tabs.slice(middle), ...tabs.slice(0, middle)]);
        expect(left?.status).toBe(200);
        const ordered = [...tabs.slice(middle), ...tabs.slice(0, middle)];
        const got = await Promise.all(
          ordered.map(async (tab, index): Promise<[App, TokenAnswer] | undefined> => {
            const answer = answers[index];
            const redeemed = answer && (await redeem(tab, answer));
            return redeemed && [tab.app, redeemed];
          }),
        );
        const answered = got.filter((each) => each !== undefined);
        expect(await alive([[arena.album, tokens], ...answered])).toEqual([]);
        for (const cookie of old) person.jar.put(cookie);
        expect(await isSignedIn(person, arena.album)).toBe(false);
        const rows = await liveRows();
        if (rows !== undefined) expect(rows).toBe(0);
      }
    },
    patience,
  );

  it(
    'a sign-out page that was opened beside others that sign in silently still signs out',
    async () => {
      for (let round = 0; round < arena.rounds(rounds); round += 1) {
        const { person, tokens } = await signedIn();
        const tabs = Array.from({ length: 10 }, (_, index) =>
          silently(arena, person, apps[index % apps.length] ?? arena.wiki),
        );
        const page = opening(arena, person, new URL('/oauth2/logout', arena.issuer));
        const [shown, ...answers] = await race([{ request: page }, ...tabs]);
        const got = await arrive(person, tabs, answers);
        expect(got.map((each) => each?.status)).toEqual(tabs.map(() => 200));
        const secret = /name="xsrf" value="([^"]+)"/.exec(shown?.body ?? '')?.[1] ?? '';
        const cookie = person.jar.header(new URL('/oauth2/logout/confirm', arena.issuer)) ?? '';
        const left = await fetch(`${arena.issuer}/oauth2/logout/confirm`, {
          method: 'POST',
          headers: { cookie, origin: arena.issuer, 'sec-fetch-site': 'same-origin' },
          body: new URLSearchParams({ xsrf: secret, logout: 'yes' }),
        });
        expect(left.status).toBe(200);
        expect(await isSignedIn(person, arena.album)).toBe(false);
        expect(await alive([[arena.album, tokens]])).toEqual([]);
      }
    },
    patience,
  );

  it(
    'two that make the person prove themselves again, beside silent ones, leave the browser signed in, and its sign-out ends all',
    async () => {
      for (let round = 0; round < arena.rounds(rounds / 2); round += 1) {
        const { person, tokens: first } = await signedIn();
        // Of the same app, and of one to which the person has not signed in before.
        const steps = [arena.wiki, round % 2 === 0 ? arena.wiki : arena.album].map((app) => ({
          app,
          attempt: app.begin({ prompt: 'login' }),
        }));
        const resumes: URL[] = [];
        for (const { attempt } of steps) {
          await person.visit(attempt.url);
          const [posted] = await atOnce(arena.ports, [sending(arena, person, whoever())]);
          if (posted === undefined) throw new Error('no answer');
          resumes.push(leadsTo(arena, posted));
        }
        const stepTabs = steps.map((step, index) => ({
          ...step,
          request: opening(arena, person, resumes[index] ?? new URL(arena.issuer)),
        }));
        const quiet = Array.from({ length: 10 }, (_, index) =>
          silently(arena, person, apps[index % apps.length] ?? arena.wiki),
        );
        const tabs = [...stepTabs, ...quiet];
        const answers = await race(tabs);
        const got = await arrive(person, tabs, answers);
        // Whoever has sent the cookie that another tab has just exchanged may have to ask once more.
        const late = tabs.filter(
          (tab, index) => toldTo(tab, answers[index] ?? nothing)?.get('error') === 'login_required',
        );
        const over = stepTabs.filter((_, index) => answers[index]?.status === 400);
        expect(over.length).toBeLessThan(2);
        const redeemed = got.flatMap((tokens, index): [App, TokenAnswer][] =>
          tokens === undefined ? [] : [[tabs[index]?.app ?? arena.wiki, tokens]],
        );
        expect(redeemed.length + late.length + over.length).toBe(tabs.length);
        expect(redeemed.map(([, { status }]) => status)).toEqual(redeemed.map(() => 200));
        expect(await isSignedIn(person, arena.album)).toBe(true);
        await signOut(person);
        expect(await alive([[arena.album, first], ...redeemed])).toEqual([]);
        const rows = await liveRows();
        if (rows !== undefined) expect(rows).toBe(0);
      }
    },
    patience,
  );

  it(
    'what two get that prove who they are is no cookie that another one has ended',
    async () => {
      for (let round = 0; round < arena.rounds(rounds / 2); round += 1) {
        const { person } = await signedIn();
        const quiet = Array.from({ length: 10 }, (_, index) =>
          silently(arena, person, apps[index % apps.length] ?? arena.wiki),
        );
        const attempt = arena.wiki.begin({ prompt: 'login' });
        await person.visit(attempt.url);
        const [posted] = await atOnce(arena.ports, [sending(arena, person, whoever())]);
        if (posted === undefined) throw new Error('no answer');
        const resume = { request: opening(arena, person, leadsTo(arena, posted)) };
        const answers = await race([...quiet.slice(5), resume, ...quiet.slice(0, 5)]);
        // Answers may overtake each other on their way: whichever comes last must leave the browser signed in.
        for (const answer of answers) {
          const other = makePerson(arena.issuer);
          for (const cookie of person.jar.all()) other.jar.put(cookie);
          receive(arena, other, answers);
          other.jar.store(new URL(arena.issuer), answer.setCookies);
          expect(await isSignedIn(other, arena.album)).toBe(true);
        }
      }
    },
    patience,
  );
});
