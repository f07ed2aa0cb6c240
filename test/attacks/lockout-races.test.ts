import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addAccount } from '../flows/protocol/app.ts';
import { type Arena, grounds, openArena, patience } from './arena.ts';
import { beginGuessing } from './guesses.ts';

/** Everybody in these races comes from one address: it must not be what stops them. */
const apart = {
  GATEHOUSE_LOCKOUT_SOFT_AFTER: '5',
  GATEHOUSE_LOCKOUT_NETWORK_FAILURES: '100000',
  GATEHOUSE_LOCKOUT_GLOBAL_FAILURES: '1000000',
};
const limit = 5;
const crowd = 200;

/** Checks that the rule allows in so many seconds: five, then one each after 1, 2, 4 and so on. */
const mostIn = (seconds: number): number => limit + Math.floor(Math.log2(seconds + 1));

describe.each(grounds)('guesses that come at once: %s', (ground) => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await openArena(ground, apart);
  });
  afterAll(() => arena.dispose());

  const lockOf = async (sub: string): Promise<{ failures: number; refused: number }> => {
    const { body } = await arena.server.admin('GET', `users/${sub}/lock`);
    return { failures: Number(body.failures), refused: Number(body.refused) };
  };

  it(
    'D04: of 200 wrong ones as many are checked as the rule allows, and every answer was counted before',
    async () => {
      const guesser = await beginGuessing(arena.server, arena.ports, arena.album);
      for (let round = 0; round < arena.rounds(5); round += 1) {
        const { sub, username } = await addAccount(arena.server, `crowd-${round}@example.org`);
        const began = performance.now();
        const answers = await guesser.guessAtOnce(
          Array.from({ length: crowd }, (_, index) => ({ username, password: `wrong ${index}` })),
        );
        const seconds = (performance.now() - began) / 1000;
        const answered = answers.filter(({ status }) => status === 422).length;
        const turnedAway = answers.filter(({ status }) => status === 503).length;
        expect(answered + turnedAway).toBe(crowd);
        const { failures, refused } = await lockOf(sub);
        expect(failures).toBeGreaterThanOrEqual(limit);
        expect(failures).toBeLessThanOrEqual(mostIn(seconds));
        expect(failures + refused).toBe(answered);
      }
    },
    patience,
  );
});

describe('guesses that come at once while an account is locked, on two processes', () => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await openArena('two processes on PostgreSQL', apart);
  });
  afterAll(() => arena.dispose());

  it(
    'D04: of 200 wrong ones one is checked, time and again, and then the right password, the 201st, is refused as well',
    async () => {
      const { database, server } = arena;
      if (database === undefined) throw new Error('this needs a database that can be looked into');
      const guesser = await beginGuessing(server, arena.ports, arena.wiki);
      const { sub, username, password } = await addAccount(server, 'guessed@example.org');
      for (let round = 0; round < 5; round += 1) {
        // Fourteen failures before, and the wait after them is over: the next one makes it more than ten minutes.
        await database.rows(`delete from sign_in_counter where account_id = '${sub}'`);
        await database.rows(
          `insert into sign_in_counter (subject, account_id, failures, refused, open_at, last_at, attempt)
           values ('account ${sub}', '${sub}', 14, 0, now() - interval '1 minute', now(), 'before')`,
        );
        const answers = await guesser.guessAtOnce(
          Array.from({ length: crowd }, (_, index) => ({ username, password: `wrong ${index}` })),
        );
        const answered = answers.filter(({ status }) => status === 422).length;
        const turnedAway = answers.filter(({ status }) => status === 503).length;
        expect(answered + turnedAway).toBe(crowd);
        const late = await guesser.guess({ username, password }, round);
        expect(late).toMatchObject({
          status: 422,
          text: expect.stringContaining('Wrong user name or password.'),
        });
        const [counter] = await database.rows(
          `select failures, refused::int from sign_in_counter where account_id = '${sub}'`,
        );
        expect(counter).toMatchObject({ failures: 15 });
        // All but the one that was checked, and the right one; who is turned away may have been counted before.
        expect(Number(counter?.refused)).toBeGreaterThanOrEqual(answered);
        expect(Number(counter?.refused)).toBeLessThanOrEqual(crowd);
      }
    },
    patience,
  );
});
