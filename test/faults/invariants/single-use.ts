import { callsOf, type Evidence, type Finding, groupBy, hashOf, place } from './evidence.ts';

/** I1: no code and no refresh token is accepted twice. The same answer once more is the same use (docs/decisions/0009). */
export function findSecondUses({ calls, dump }: Evidence): Finding[] {
  return [
    ...findCodesUsedTwice(calls),
    ...findRefreshesUsedTwice(calls),
    ...findStaleRefreshes(calls),
    ...findForks(dump),
  ];
}

function findCodesUsedTwice(calls: Evidence['calls']): Finding[] {
  const accepted = callsOf(calls, 'exchange').filter(({ outcome }) => outcome === 'ok');
  return [...groupBy(accepted, ({ operation }) => operation.code).values()]
    .filter(({ length }) => length > 1)
    .map((twice) => ({
      invariant: 'I1',
      what: `a code was redeemed ${twice.length} times (${twice.map(place).join(', ')})`,
    }));
}

function findRefreshesUsedTwice(calls: Evidence['calls']): Finding[] {
  const accepted = callsOf(calls, 'refresh').filter(({ outcome }) => outcome === 'ok');
  return [...groupBy(accepted, ({ operation }) => operation.token).values()]
    .filter((same) => new Set(same.map(({ facts }) => facts?.body)).size > 1)
    .map((same) => ({
      invariant: 'I1',
      what: `one refresh token brought different answers (${same.map(place).join(', ')})`,
    }));
}

/** Whoever uses what the answer brought has got it: after that a repetition is a second use. */
function findStaleRefreshes(calls: Evidence['calls']): Finding[] {
  const accepted = callsOf(calls, 'refresh').filter(({ outcome }) => outcome === 'ok');
  const firstUse = new Map<string, number>();
  for (const { operation, ended } of accepted)
    firstUse.set(operation.token, Math.min(firstUse.get(operation.token) ?? Number.POSITIVE_INFINITY, ended));
  return accepted
    .filter(({ facts, invoked }) => (firstUse.get(facts?.refresh ?? '') ?? invoked) < invoked)
    .map((call) => ({
      invariant: 'I1',
      what: `a refresh token was accepted after its successor was used (${place(call)})`,
    }));
}

/** In the database, a sign-in has one refresh token that may be used, not two. */
function findForks({ artifacts }: Evidence['dump']): Finding[] {
  const usable = artifacts.filter(
    ({ model, consumed, grantId }) => model === 'RefreshToken' && !consumed && grantId !== null,
  );
  return [...groupBy(usable, ({ grantId }) => grantId)]
    .filter(([, { length }]) => length > 1)
    .map(([grant, { length }]) => ({
      invariant: 'I1',
      what: `${length} refresh tokens of one sign-in may be used (grant ${grant})`,
    }));
}

/** Codes and refresh tokens that are marked as used although nobody can have used them: no answer was ok or is open. */
export function findUsesByNobody({ calls, dump }: Evidence): Finding[] {
  const used = new Set(
    callsOf(calls, 'exchange', 'refresh')
      .filter(({ outcome }) => outcome !== 'fail')
      .map(({ operation }) => hashOf(operation.type === 'exchange' ? operation.code : operation.token)),
  );
  return dump.artifacts
    .filter(
      ({ model, consumed, hash }) =>
        consumed && ['AuthorizationCode', 'RefreshToken'].includes(model) && !used.has(hash),
    )
    .map(({ model, hash }) => ({
      invariant: 'I6',
      what: `${model} ${hash} is used, and nobody has used it`,
    }));
}
