import { describe, expect, it } from '@jest/globals';
import { checkInvariants } from './check.ts';
import type { Artifact, Dump } from './dump.ts';
import type { Call, Completion, Facts, Operation, Outcome } from './history.ts';
import { hashOf } from './invariants/evidence.ts';

/** A history line by line: `call` is one that nothing overlaps, `begin` one that is ended later. */
function aHistory() {
  const calls: Call[] = [];
  let line = 0;
  const begin = (operation: Operation) => {
    const call: Call = {
      worker: 'w',
      operation,
      outcome: 'unknown',
      invoked: line++,
      ended: Number.POSITIVE_INFINITY,
      at: line * 10,
      ms: 5,
    };
    calls.push(call);
    return {
      end: (outcome: Outcome, facts: Facts = {}, more: Partial<Completion> = {}): void => {
        Object.assign(call, { outcome, facts, ended: line++, ...more });
      },
    };
  };
  return {
    calls,
    begin,
    call: (operation: Operation, outcome: Outcome, facts?: Facts, more?: Partial<Completion>): void =>
      begin(operation).end(outcome, facts, more),
  };
}

const user = 'pat@example.org';
const family = 'f';
const authorize = { type: 'authorize', family, user, password: 'right' } as const;
const exchange = { type: 'exchange', family, code: 'code' } as const;
const refresh = (token: string) => ({ type: 'refresh', family, token }) as const;
const userinfo = (token: string) => ({ type: 'userinfo', family, token }) as const;
const introspect = (token: string) => ({ type: 'introspect', family, token }) as const;
const tokens = (n: number): Facts => ({ access: `a${n}`, refresh: `r${n}`, body: `b${n}`, kid: 'k' });
const createUser = { type: 'create-user', user, name: 'Pat', password: 'right' } as const;
const disable = { type: 'disable-user', user } as const;
const rename = (name: string) => ({ type: 'rename-user', user, name }) as const;

/** Somebody who was made and has signed in, with what the database knows of it. */
function aSignIn() {
  const history = aHistory();
  history.call(createUser, 'ok', {}, { requestId: 'made', status: 201 });
  history.call(authorize, 'ok', { code: 'code' });
  history.call(exchange, 'ok', tokens(0));
  return { history, dump: aDump() };
}

function aDump(changes: Partial<Dump> = {}): Dump {
  return {
    accounts: [{ id: 's', email: user, name: 'Pat', status: 'active', version: 1, hasPassword: true }],
    clients: [],
    artifacts: [],
    audit: [
      { type: 'user.created', requestId: 'made', accountId: 's', clientId: null },
      { type: 'signin.succeeded', requestId: 'in', accountId: 's', clientId: null },
    ],
    ...changes,
  };
}

const artifact = (model: string, presented: string, changes: Partial<Artifact> = {}): Artifact => ({
  model,
  hash: hashOf(presented),
  grantId: 'g',
  accountId: 's',
  consumed: false,
  successor: null,
  replayAnswer: null,
  ...changes,
});

const invariantsOf = (calls: Call[], dump: Dump): string[] => [
  ...new Set(checkInvariants({ calls, dump }, { longest: 5000 }).map(({ invariant }) => invariant)),
];

const row = (type: string, requestId: string) => ({ type, requestId, accountId: 's', clientId: null });
const account = aDump().accounts[0] ?? {
  id: '',
  email: '',
  name: '',
  status: '',
  version: 1,
  hasPassword: true,
};

describe('a run in which nothing is wrong', () => {
  it.each<[string, (history: ReturnType<typeof aHistory>, dump: Dump) => void]>([
    ['nothing else happens', () => {}],
    [
      'the answer to a refresh is lost and given once more',
      ({ call }) => {
        call(refresh('r0'), 'unknown');
        call(refresh('r0'), 'ok', tokens(1));
        call(refresh('r0'), 'ok', tokens(1));
        call(userinfo('a1'), 'ok', { sub: 's' });
      },
    ],
    [
      'a change without an answer has happened',
      ({ call }, dump) => {
        call(rename('Sam'), 'unknown');
        dump.accounts = [{ ...account, name: 'Sam', version: 2 }];
        dump.audit.push(row('user.updated', 'renamed'));
      },
    ],
    ['a change without an answer has not happened', ({ call }) => call(rename('Sam'), 'unknown')],
    [
      'somebody is disabled while they refresh, and it comes before or after',
      ({ begin, call }, dump) => {
        const disabling = begin(disable);
        call(refresh('r0'), 'ok', tokens(1));
        disabling.end('ok', {}, { requestId: 'off', status: 200 });
        call(userinfo('a1'), 'fail');
        dump.accounts = [{ ...account, status: 'disabled', version: 2 }];
        dump.audit.push(row('user.updated', 'off'));
      },
    ],
  ])('is let pass when %s', (_what, happen) => {
    const { history, dump } = aSignIn();
    happen(history, dump);
    expect(checkInvariants({ calls: history.calls, dump }, { longest: 5000 })).toEqual([]);
  });
});

describe('a run in which something is wrong', () => {
  it.each<[string, string, (history: ReturnType<typeof aHistory>, dump: Dump) => void]>([
    ['I1', 'a code brings tokens twice', ({ call }) => call(exchange, 'ok', tokens(7))],
    [
      'I1',
      'one refresh token brings different answers',
      ({ call }) => {
        call(refresh('r0'), 'ok', tokens(1));
        call(refresh('r0'), 'ok', tokens(2));
      },
    ],
    [
      'I1',
      'a refresh token is accepted after its successor was used',
      ({ call }) => {
        call(refresh('r0'), 'ok', tokens(1));
        call(refresh('r1'), 'ok', tokens(2));
        call(refresh('r0'), 'ok', tokens(1));
      },
    ],
    [
      'I1',
      'the database has two refresh tokens of one sign-in that may be used',
      (_, dump) => dump.artifacts.push(artifact('RefreshToken', 'r0'), artifact('RefreshToken', 'r1')),
    ],
    ['I2', 'an acknowledged change is not there', ({ call }) => call(rename('Sam'), 'ok')],
    ['I2', 'an acknowledged user is not there', (_, dump) => dump.accounts.pop()],
    ['I2', 'a token is refused though nothing has ended it', ({ call }) => call(userinfo('a0'), 'fail')],
    [
      'I2',
      'a token is called inactive though nothing has ended it',
      ({ call }) => call(introspect('r0'), 'ok', { active: false }),
    ],
    ['I2', 'the right password is refused', ({ call }) => call(authorize, 'fail')],
    [
      'I2',
      'the old password is accepted',
      ({ call }, dump) => {
        const change = { type: 'set-password', user, password: 'new' } as const;
        call(change, 'ok', {}, { requestId: 'set', status: 200 });
        call({ ...authorize, family: 'later' }, 'ok', { code: 'another' });
        dump.accounts = [{ ...account, version: 2 }];
        dump.audit.push(row('user.updated', 'set'), row('signin.succeeded', 'in again'));
      },
    ],
    [
      'I2',
      'what was seen is undone',
      ({ call }) => {
        call(rename('Sam'), 'unknown');
        call({ type: 'read-user', user }, 'ok', { name: 'Sam', status: 'active' });
      },
    ],
    [
      'I3',
      'a token is accepted after its revocation',
      ({ call }) => {
        call({ type: 'revoke', family, token: 'r0' }, 'ok');
        call(userinfo('a0'), 'ok', { sub: 's' });
      },
    ],
    [
      'I3',
      'a token is accepted after its revocation, that of which nobody knows, was seen',
      ({ call }) => {
        call({ type: 'revoke', family, token: 'r0' }, 'unknown');
        call(userinfo('a0'), 'fail');
        call(userinfo('a0'), 'ok', { sub: 's' });
      },
    ],
    [
      'I3',
      'what was revoked is still in the database with its grant',
      ({ call }, dump) => {
        call({ type: 'revoke', family, token: 'r0' }, 'ok');
        dump.artifacts.push(artifact('RefreshToken', 'r0'), artifact('Grant', 'g', { grantId: null }));
      },
    ],
    [
      'I3',
      'a disabled person signs in',
      ({ call }, dump) => {
        call(disable, 'ok', {}, { requestId: 'off', status: 200 });
        call({ ...authorize, family: 'later' }, 'ok', { code: 'another' });
        dump.accounts = [{ ...account, status: 'disabled', version: 2 }];
        dump.audit.push(row('user.updated', 'off'), row('signin.succeeded', 'in again'));
      },
    ],
    ['I5', 'an acknowledged change has no row', (_, dump) => dump.audit.shift()],
    [
      'I5',
      'an acknowledged change has its row twice',
      (_, dump) => dump.audit.push(row('user.created', 'made')),
    ],
    ['I5', 'a sign-in has no row', (_, dump) => dump.audit.pop()],
    [
      'I5',
      'what was refused has a row of a change',
      ({ call }, dump) => {
        call(rename('Sam'), 'fail', {}, { requestId: 'refused', status: 412 });
        dump.audit.push(row('user.updated', 'refused'));
      },
    ],
    [
      'I6',
      'a user has no password',
      (_, dump) => dump.accounts.splice(0, 1, { ...account, hasPassword: false }),
    ],
    [
      'I6',
      'a refresh token is used that nobody has used',
      (_, dump) => dump.artifacts.push(artifact('RefreshToken', 'r0', { consumed: true })),
    ],
    ['I7', 'an ID token has no good signature', ({ call }) => call(refresh('r0'), 'ok', { refresh: 'r1' })],
    [
      'I7',
      'an ID token is signed by a key that is not published',
      ({ call }) => {
        call(refresh('r0'), 'ok', tokens(1));
        call({ type: 'jwks' }, 'ok', { kids: ['another'] });
      },
    ],
    ['I8', 'a failure is 500', ({ call }) => call(refresh('r0'), 'unknown', {}, { status: 500 })],
    [
      'I8',
      'a 503 does not say when to come again',
      ({ call }) => call(refresh('r0'), 'unknown', {}, { status: 503 }),
    ],
    ['I8', 'userinfo tells of somebody else', ({ call }) => call(userinfo('a0'), 'ok', { sub: 'other' })],
    [
      'I8',
      'an answer takes too long',
      ({ calls, call }) => {
        call(userinfo('a0'), 'ok', { sub: 's' });
        Object.assign(calls.at(-1) ?? {}, { ms: 5001 });
      },
    ],
  ])('breaks %s when %s', (invariant, _what, happen) => {
    const { history, dump } = aSignIn();
    happen(history, dump);
    expect(invariantsOf(history.calls, dump)).toContain(invariant);
  });
});
