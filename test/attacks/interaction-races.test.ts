import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type App, asksFor, isConsent, registerApp } from '../flows/protocol/app.ts';
import { makePerson } from '../support/person.ts';
import { type Arena, grounds, openArena, patience, racers } from './arena.ts';
import { atOnce, type RawAnswer } from './barrier.ts';
import { isSignedIn, leadsTo, opening, receive, redeem, rowsOf, sending, toldTo } from './tabs.ts';

/** Each begins with a password, whose check takes a while. */
const rounds = 20;
/** Each has as many passwords to check as there are racers. */
const formRounds = 5;

describe.each(grounds)(`one interaction, ${racers} times at once: %s`, (ground) => {
  let arena: Arena;
  let stranger: App;
  beforeAll(async () => {
    arena = await openArena(ground);
    stranger = await registerApp(arena.server, { client_id: 'stranger' });
  });
  afterAll(() => arena.dispose());

  const signIn = () => {
    const { username, password } = arena.person;
    return { app: arena.album, who: { username, password } };
  };
  const repeated = (request: string) => Array.from({ length: racers }, () => request);
  const isOver = ({ status, body }: RawAnswer) => status === 400 && body.includes('a sign-in that is over');
  const sessionsAndGrants = () => rowsOf(arena, arena.person.sub, ['Session', 'Grant']);

  /** One was sent back with a code, the others are told that it is over, and there is one session more with one grant. */
  async function expectOneWinner(app: App, answers: readonly RawAnswer[]): Promise<RawAnswer> {
    const winners = answers.filter((answer) => toldTo({ app }, answer)?.has('code'));
    expect(winners).toHaveLength(1);
    for (const answer of answers.filter((other) => !winners.includes(other))) {
      expect(answer.location).toBeUndefined();
      expect(answer.setCookies).toEqual([]);
      expect({ status: answer.status, isOver: isOver(answer) }).toEqual({ status: 400, isOver: true });
    }
    const [winner] = winners;
    if (winner === undefined) throw new Error('nobody won');
    return winner;
  }

  it(
    'of those who resume it one gets a code, one session and one grant',
    async () => {
      const { app, who } = signIn();
      for (let round = 0; round < arena.rounds(rounds); round += 1) {
        const person = makePerson(arena.issuer);
        const attempt = app.begin();
        await person.visit(attempt.url);
        const [posted] = await atOnce(arena.ports, [sending(arena, person, who)]);
        if (posted === undefined) throw new Error('no answer');
        const before = await sessionsAndGrants();
        const answers = await atOnce(arena.ports, repeated(opening(arena, person, leadsTo(arena, posted))));
        const winner = await expectOneWinner(app, answers);
        expect(await sessionsAndGrants()).toBe(before === undefined ? undefined : before + 2);
        receive(arena, person, answers);
        expect(await isSignedIn(person, app)).toBe(true);
        const tokens = await redeem({ app, attempt, request: '' }, winner);
        expect(tokens?.status).toBe(200);
      }
    },
    patience,
  );

  it(
    'of those who send its sign-in form, and then go where it leads, one gets a code, one session and one grant',
    async () => {
      const { app, who } = signIn();
      for (let round = 0; round < arena.rounds(formRounds); round += 1) {
        const person = makePerson(arena.issuer);
        const attempt = app.begin();
        await person.visit(attempt.url);
        const posted = await atOnce(arena.ports, repeated(sending(arena, person, who)));
        expect(posted.map(({ status }) => status)).toEqual(posted.map(() => 200));
        const before = await sessionsAndGrants();
        const answers = await atOnce(
          arena.ports,
          posted.map((answer) => opening(arena, person, leadsTo(arena, answer))),
        );
        const winner = await expectOneWinner(app, answers);
        expect(await sessionsAndGrants()).toBe(before === undefined ? undefined : before + 2);
        expect((await redeem({ app, attempt, request: '' }, winner))?.status).toBe(200);
      }
    },
    patience,
  );

  it(
    'a form that comes while others resume opens nothing again',
    async () => {
      const { app, who } = signIn();
      for (let round = 0; round < arena.rounds(formRounds); round += 1) {
        const person = makePerson(arena.issuer);
        await person.visit(app.begin().url);
        const form = sending(arena, person, who);
        const [posted] = await atOnce(arena.ports, [form]);
        if (posted === undefined) throw new Error('no answer');
        const resume = opening(arena, person, leadsTo(arena, posted));
        const answers = await atOnce(
          arena.ports,
          Array.from({ length: racers }, (_, index) => (index % 2 === 0 ? resume : form)),
        );
        expect(answers.filter((answer) => toldTo({ app }, answer)?.has('code'))).toHaveLength(1);
        for (const { status } of answers) expect([200, 303, 400]).toContain(status);
        const late = await atOnce(arena.ports, [form, resume]);
        expect(late.map(isOver)).toEqual([true, true]);
      }
    },
    patience,
  );

  it(
    'of those who send its consent form, and then go where it leads, one gets a code; there is one grant',
    async () => {
      const { album, person: who } = arena;
      const person = makePerson(arena.issuer);
      await album.signIn(person, who);
      for (let round = 0; round < arena.rounds(rounds); round += 1) {
        await arena.database?.rows(`delete from consent`);
        const attempt = stranger.begin({ prompt: 'consent' });
        const seen = await person.visit(attempt.url);
        expect({ isConsent: isConsent(seen), asks: asksFor(seen, 'password') }).toEqual({
          isConsent: true,
          asks: false,
        });
        const posted = await atOnce(arena.ports, repeated(sending(arena, person, { decision: 'allow' })));
        expect(posted.map(({ status }) => status)).toEqual(posted.map(() => 200));
        const answers = await atOnce(
          arena.ports,
          posted.map((answer) => opening(arena, person, leadsTo(arena, answer))),
        );
        const winner = await expectOneWinner(stranger, answers);
        receive(arena, person, answers);
        expect(await isSignedIn(person, stranger)).toBe(true);
        expect((await redeem({ app: stranger, attempt, request: '' }, winner))?.status).toBe(200);
        const grants = await arena.database?.rows(
          `select 1 from oidc_artifact where model = 'Grant' and client_id = 'stranger'`,
        );
        if (grants !== undefined) expect(grants).toHaveLength(1);
      }
    },
    patience,
  );
});
