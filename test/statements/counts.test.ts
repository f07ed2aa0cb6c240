import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Statement } from '../support/frontend-messages.ts';
import type { Step } from './recorder.ts';
import { type Tour, takeTour } from './tour.ts';

/** Of what is kept in memory; read again after a change of it, and when the marks are late. */
const isKept = ({ text }: Statement): boolean =>
  text.includes('left join "client_secret"') || text.includes('from user_attribute');

/** BEGIN and COMMIT counted. */
const bars: Record<string, number> = {
  'client credentials': 0,
  'code exchange': 4,
  refresh: 4,
  userinfo: 2,
  'introspection of an opaque token': 1,
  'sign-in: POST /interaction/:uid/login': 8,
};

/** What else people and clients wait for; as measured, so that nobody adds a statement without noticing. */
const measured: Record<string, number> = {
  'code exchange': 2,
  refresh: 2,
  userinfo: 1,
  'client credentials, opaque': 1,
  'client credentials of a client with a key': 2,
  'pushed request': 1,
  'refresh, asked again': 3,
  'introspection of garbage': 1,
  'introspection of the JWT of a person': 1,
  'introspection of the JWT of a service': 1,
  'revocation of an opaque token': 6,
  'sign-in: GET /oauth2/authorize': 1,
  'sign-in: GET /interaction/:uid': 3,
  'wrong password: POST /interaction/:uid/login': 4,
  'sign-in without consent: GET /oauth2/authorize/:uid': 3,
  'sign-in: POST /interaction/:uid/consent': 9,
  'signed in already: GET /oauth2/authorize': 5,
  'signed in already, silently: GET /oauth2/authorize': 4,
  'sign-up: POST /interaction/:uid/sign-up': 5,
  'sign-up with the address of an account: POST /interaction/:uid/sign-up': 5,
  'sign-up: POST /verify-email': 12,
  'sign-out: GET /oauth2/logout': 2,
  'sign-out: POST /oauth2/logout/confirm': 6,
  'admin: create a client': 10,
};

describe('the statements of one request', () => {
  let tour: Tour;
  beforeAll(async () => {
    tour = await takeTour();
  }, 240_000);
  afterAll(() => tour.database.drop());

  const worst = (name: string): string[] => {
    const found = tour.steps.filter((step) => step.name === name);
    if (found.length === 0) throw new Error(`There was no step ${name}.`);
    return found.map(textsOf).toSorted((one, other) => other.length - one.length)[0] ?? [];
  };
  // What there is too much of is told by its texts, so that a failure says which statement is new.
  it.each(Object.entries({ ...bars, ...measured }))('%s: at most %i', (name, most) => {
    expect(worst(name).slice(most)).toEqual([]);
  });

  /** Up to where the outbox is worked on, which nobody waits for. */
  const untilDelivery = (name: string): string[] => {
    const texts = worst(name);
    const taken = texts.findIndex((text) => text.startsWith('update outbox_message set attempts'));
    return taken === -1 ? texts : texts.slice(0, taken);
  };
  it.each([
    ['forgotten: POST /forgot-password', 4],
    ['reset: POST /reset-password', 14],
    ['change: POST /account/security', 16],
  ])('%s: at most %i', (name, most) => {
    expect(untilDelivery(name).slice(most)).toEqual([]);
  });

  it('are the same whether or not somebody has the name whose password is forgotten (ATTACKS D01)', () => {
    const known = untilDelivery('forgotten: POST /forgot-password');
    expect(known.length).toBeGreaterThan(2);
    expect(untilDelivery('forgotten by nobody: POST /forgot-password')).toEqual(known);
  });

  it.each([
    ['client credentials', 0],
    ['client credentials for an API', 0],
    ['refresh for an API', 2],
  ])('of %s are %i, once client and resource server are in memory', (flow, least) => {
    const counts = tour.steps.filter(({ name }) => name === flow).map(({ statements }) => statements.length);
    expect(counts.length).toBeGreaterThan(4);
    expect(Math.min(...counts)).toBe(least);
  });
});

/** What is in the outbox is delivered by the way, once the request has put it there. */
function beforeDelivery(statements: readonly Statement[]): readonly Statement[] {
  const begin = statements.findIndex(({ text }) => text.includes('outbox_message set attempts'));
  return begin === -1 ? statements : statements.slice(0, begin);
}

const textsOf = ({ statements }: Step): string[] =>
  beforeDelivery(statements)
    .filter((statement) => !isKept(statement))
    .map(({ text }) => text.replaceAll(/\s+/g, ' '));
