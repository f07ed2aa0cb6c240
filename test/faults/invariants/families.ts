import type { Call } from '../history.ts';
import { type CallOf, callsOf, type Evidence, type Finding, groupBy, hashOf, place } from './evidence.ts';

/** Something that ends a sign-in: possibly from line `from` on, and for sure from line `by` on (never, when it is open). */
interface End {
  from: number;
  by: number;
  why: string;
}

/** Somebody presents what came of a sign-in, and it is accepted or refused. */
interface Use {
  call: Call;
  accepted: boolean;
}

const never = Number.POSITIVE_INFINITY;
/** Codes live for a minute (LIMITS row 33); one that was presented so late may have run out. */
const codeLife = 50_000;
/** The tests set GATEHOUSE_REFRESH_REPLAY_WINDOW to a minute; a repetition so late may have missed it. */
const replayWindow = 50_000;

/**
 * I3: nothing of a sign-in is accepted once its end was acknowledged. I2: nothing of it is refused before anything could have
 * ended it. And what was seen to be over does not come back.
 */
export function findWrongFates({ calls, dump }: Evidence): Finding[] {
  const endings = callsOf(calls, 'disable-user', 'set-password');
  const byUser = groupBy(endings, ({ operation }) => operation.user);
  const ofFamily = callsOf(
    calls,
    'authorize',
    'exchange',
    'refresh',
    'userinfo',
    'introspect',
    'revoke',
    'sign-out',
  );
  return [...groupBy(ofFamily, ({ operation }) => operation.family)].flatMap(([family, group]) => {
    const [begun] = callsOf(group, 'authorize');
    if (begun === undefined) return [];
    const ends = [
      ...(byUser.get(begun.operation.user) ?? []).flatMap((call) => endByOperator(call, begun)),
      ...group.flatMap(endByCaller),
      ...endsByMisuse(group),
    ];
    return [
      ...judge(family, usesOf(group, begun), ends),
      ...findSurvivors(family, group, ends, dump.artifacts),
    ];
  });
}

function endByOperator(call: CallOf<'disable-user' | 'set-password'>, begun: Call): End[] {
  if (call.outcome === 'fail') return [];
  const isDisabling = call.operation.type === 'disable-user';
  // A new password ends the sign-ins that were there; one that is under way may come before it or after.
  if (!isDisabling && begun.invoked > call.ended) return [];
  const isSure = call.outcome === 'ok' && (isDisabling || begun.ended < call.invoked);
  return [
    {
      from: call.invoked,
      by: isSure ? call.ended : never,
      why: `${call.operation.type} of ${call.operation.user}`,
    },
  ];
}

function endByCaller({ operation, outcome, invoked, ended }: Call): End[] {
  if (outcome === 'fail' || (operation.type !== 'revoke' && operation.type !== 'sign-out')) return [];
  return [{ from: invoked, by: outcome === 'ok' ? ended : never, why: operation.type }];
}

/** A code that was redeemed, or a refresh token that is no repetition any more, presented once more (RFC 9700 4.14.2). */
function endsByMisuse(group: readonly Call[]): End[] {
  const refreshes = callsOf(group, 'refresh');
  const repeated = callsOf(group, 'exchange').filter(({ outcome }, index) => index > 0 && outcome !== 'ok');
  const second = refreshes.filter((call) => isSecondUse(call, refreshes));
  return [...repeated, ...second].map(({ operation, outcome, invoked, ended }) => ({
    from: invoked,
    by: outcome === 'fail' ? ended : never,
    why: `a second ${operation.type}`,
  }));
}

/**
 * Whether what this token brought was used already, or at the same time, or its window may be over. To refuse it is right then,
 * and ends the family.
 */
function isSecondUse(call: CallOf<'refresh'>, refreshes: readonly CallOf<'refresh'>[]): boolean {
  const same = refreshes.filter(
    ({ operation, outcome }) => operation.token === call.operation.token && outcome !== 'fail',
  );
  if (same.some((earlier) => call.at - earlier.at > replayWindow)) return true;
  const successors = same.map(({ facts }) => facts?.refresh);
  return refreshes.some((use) => successors.includes(use.operation.token) && use.invoked < call.ended);
}

function usesOf(group: readonly Call[], begun: Call): Use[] {
  const spent = new Set<string>();
  const uses: Use[] = [];
  const refreshes = callsOf(group, 'refresh');
  for (const call of group) {
    const { operation, outcome, facts } = call;
    if (outcome === 'unknown') continue;
    if (operation.type === 'userinfo') uses.push({ call, accepted: outcome === 'ok' });
    if (operation.type === 'introspect')
      uses.push({ call, accepted: outcome === 'ok' && facts?.active === true });
    if (operation.type === 'exchange' && !spent.has(operation.code)) {
      spent.add(operation.code);
      if (outcome === 'ok' || call.at - begun.at < codeLife) uses.push({ call, accepted: outcome === 'ok' });
    }
  }
  for (const call of refreshes) {
    const { outcome } = call;
    if (outcome !== 'unknown' && !isSecondUse(call, refreshes))
      uses.push({ call, accepted: outcome === 'ok' });
  }
  return uses.sort((one, other) => one.call.invoked - other.call.invoked);
}

function judge(family: string, uses: readonly Use[], ends: readonly End[]): Finding[] {
  let overSince: Call | undefined;
  return uses.flatMap(({ call, accepted }): Finding[] => {
    const what = `${call.operation.type} of ${family} (${place(call)})`;
    if (accepted) {
      const end = ends.find(({ by }) => by < call.invoked);
      if (end !== undefined)
        return [{ invariant: 'I3', what: `${what} was accepted after its end by ${end.why}` }];
      return overSince !== undefined && overSince.ended < call.invoked
        ? [{ invariant: 'I3', what: `${what} was accepted after it was refused (${place(overSince)})` }]
        : [];
    }
    // An introspection of a token that is spent, not of one that is over, says "inactive" as well.
    const possible = ends.some(({ from }) => from < call.ended);
    if (possible) overSince ??= call;
    return possible
      ? []
      : [{ invariant: 'I2', what: `${what} was refused, and nothing had ended it: ${call.why ?? ''}` }];
  });
}

/** Rows of a sign-in that has ended for sure, and that would still be good for something. */
function findSurvivors(
  family: string,
  group: readonly Call[],
  ends: readonly End[],
  artifacts: Evidence['dump']['artifacts'],
): Finding[] {
  if (!ends.some(({ by }) => Number.isFinite(by))) return [];
  const presented = new Set(
    group
      .flatMap(({ facts }) => [facts?.access, facts?.refresh, facts?.code])
      .flatMap((token) => (token === undefined ? [] : [hashOf(token)])),
  );
  const grants = new Set(artifacts.filter(({ model }) => model === 'Grant').map(({ hash }) => hash));
  return artifacts
    .filter(({ hash, grantId }) => presented.has(hash) && grantId !== null && grants.has(hashOf(grantId)))
    .map(({ model, hash }) => ({
      invariant: 'I3',
      what: `${model} ${hash} of ${family} is there with its grant, though the sign-in has ended`,
    }));
}
