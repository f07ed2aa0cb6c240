import { callsOf, type Evidence, type Finding, place } from './evidence.ts';

/** I6: no user without a way to sign in, no client without its secret. */
export function findHalfStates({ calls, dump }: Evidence): Finding[] {
  const users = new Set(callsOf(calls, 'create-user').map(({ operation }) => operation.user));
  const clients = new Set(callsOf(calls, 'create-client').map(({ operation }) => operation.client));
  return [
    ...dump.accounts
      .filter(({ email, hasPassword }) => users.has(email ?? '') && !hasPassword)
      .map(({ email }) => ({ invariant: 'I6' as const, what: `user ${email} has no password` })),
    ...dump.clients
      .filter(({ id, secrets }) => clients.has(id) && secrets !== 1)
      .map(({ id, secrets }) => ({ invariant: 'I6' as const, what: `client ${id} has ${secrets} secrets` })),
  ];
}

/** I7: every ID token is signed by a key that was published before it and after it. */
export function findUnknownSigners({ calls }: Evidence): Finding[] {
  const published = callsOf(calls, 'jwks').filter(({ outcome }) => outcome === 'ok');
  const signed = callsOf(calls, 'exchange', 'refresh').filter(({ outcome }) => outcome === 'ok');
  return signed.flatMap((call) => {
    const { kid } = call.facts ?? {};
    if (kid === undefined)
      return [{ invariant: 'I7', what: `an ID token has no good signature (${place(call)})` }];
    const before = published.findLast(({ ended }) => ended < call.invoked);
    const after = published.find(({ invoked }) => invoked > call.ended);
    return [before, after].every((keys) => keys === undefined || keys.facts?.kids?.includes(kid) === true)
      ? []
      : [
          {
            invariant: 'I7',
            what: `an ID token is signed by ${kid}, which is not published (${place(call)})`,
          },
        ];
  });
}

export interface AnswerLimits {
  /** Milliseconds that any single answer may take; left out where the fault takes the server away. */
  longest?: number;
}

/** I8: what cannot be done is answered with 503 and when to come again, and what is answered with 2xx is right. */
export function findWrongAnswers({ calls, dump }: Evidence, { longest }: AnswerLimits): Finding[] {
  const subs = new Map(dump.accounts.map(({ email, id }) => [email, id]));
  const userOf = new Map(
    callsOf(calls, 'authorize').map(({ operation }) => [operation.family, operation.user]),
  );
  return calls.flatMap((call): Finding[] => {
    const { operation, status, retryAfter, facts, ms, why } = call;
    const what = `${operation.type} (${place(call)})`;
    if (status !== undefined && status >= 500 && (status !== 503 || retryAfter === undefined))
      return [
        {
          invariant: 'I8',
          what: `${what} was answered ${status}${retryAfter === undefined ? ' without Retry-After' : ''}: ${why ?? ''}`,
        },
      ];
    if (operation.type === 'userinfo' && facts?.sub !== undefined) {
      // An account that is not there any more is lost; that is told elsewhere.
      const sub = subs.get(userOf.get(operation.family) ?? '') ?? facts.sub;
      if (facts.sub !== sub) return [{ invariant: 'I8', what: `${what} tells of somebody else` }];
    }
    if (operation.type === 'introspect-service' && facts?.active === false)
      return [{ invariant: 'I2', what: `${what} calls a good token inactive` }];
    // A sign-in is several answers, and a hash among them.
    const isOne = operation.type !== 'authorize' && operation.type !== 'sign-out';
    if (longest !== undefined && isOne && ms > longest)
      return [{ invariant: 'I8', what: `${what} took ${ms} ms` }];
    return [];
  });
}
