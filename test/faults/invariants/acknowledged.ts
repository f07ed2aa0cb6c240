import type { Call } from '../history.ts';
import { callsOf, type Evidence, type Finding, groupBy, place } from './evidence.ts';
import { makeRegister, type Register } from './register.ts';

/** How a register says that there is no such object. */
const absent = 'nothing';

/** I2: no acknowledged change of a user or client is lost, and none that was refused has happened. */
export function findLostChanges({ calls, dump }: Evidence): Finding[] {
  const users = callsOf(calls, 'create-user', 'rename-user', 'read-user');
  const clients = callsOf(calls, 'create-client', 'rename-client', 'read-client');
  const states = callsOf(calls, 'create-user', 'disable-user', 'read-user');
  const accounts = new Map(dump.accounts.map((account) => [account.email ?? '', account]));
  const rows = new Map(dump.clients.map((client) => [client.id, client]));
  return [
    ...[...groupBy(users, ({ operation }) => operation.user)].flatMap(([user, group]) =>
      follow(`the name of ${user}`, group, nameWrite, nameRead, accounts.get(user)?.name ?? absent),
    ),
    ...[...groupBy(states, ({ operation }) => operation.user)].flatMap(([user, group]) =>
      follow(`the status of ${user}`, group, statusWrite, statusRead, accounts.get(user)?.status ?? absent),
    ),
    ...[...groupBy(clients, ({ operation }) => operation.client)].flatMap(([client, group]) =>
      follow(`the name of client ${client}`, group, nameWrite, nameRead, rows.get(client)?.name ?? absent),
    ),
  ];
}

/** Goes through the calls on one value in their order; one worker makes them, one after the other. */
function follow(
  what: string,
  calls: readonly Call[],
  written: (call: Call) => string | undefined,
  read: (call: Call) => string | undefined,
  atLast: string,
): Finding[] {
  const register = makeRegister(absent);
  const findings: Finding[] = [];
  const lost = (seen: string, where: string): void => {
    const expected = register.possible().join('" or "');
    findings.push({ invariant: 'I2', what: `${what} is "${seen}" (${where}), and should be "${expected}"` });
  };
  for (const call of calls) {
    const value = written(call);
    if (value !== undefined) register.write(value, call.outcome);
    const seen = call.outcome === 'ok' ? read(call) : undefined;
    if (seen !== undefined && !register.see(seen)) lost(seen, place(call));
  }
  if (!register.see(atLast)) lost(atLast, 'in the database at the end');
  return findings;
}

function nameWrite({ operation }: Call): string | undefined {
  switch (operation.type) {
    case 'create-user':
    case 'rename-user':
    case 'create-client':
    case 'rename-client':
      return operation.name;
    default:
      return undefined;
  }
}

function nameRead({ operation, facts }: Call): string | undefined {
  const reads = operation.type === 'read-user' || operation.type === 'read-client';
  return reads ? (facts?.name ?? absent) : undefined;
}

function statusWrite({ operation }: Call): string | undefined {
  if (operation.type === 'create-user') return 'active';
  return operation.type === 'disable-user' ? 'disabled' : undefined;
}

function statusRead({ operation, facts }: Call): string | undefined {
  return operation.type === 'read-user' ? (facts?.status ?? absent) : undefined;
}

/** I2 and I3: a sign-in succeeds with the password that was acknowledged last, and with no other; never for the disabled. */
export function findWrongSignIns({ calls }: Evidence): Finding[] {
  const concerned = callsOf(calls, 'create-user', 'set-password', 'disable-user', 'authorize');
  return [...groupBy(concerned, ({ operation }) => operation.user)].flatMap(([user, group]) => {
    const password = makeRegister(absent);
    const disabling = callsOf(group, 'disable-user').filter(({ outcome }) => outcome !== 'fail');
    return group.flatMap((call): Finding[] => {
      const { operation } = call;
      if (operation.type === 'disable-user') return [];
      if (operation.type !== 'authorize') {
        password.write(operation.password, call.outcome);
        return [];
      }
      return judgeSignIn(user, call, operation.password, password, disabling);
    });
  });
}

function judgeSignIn(
  user: string,
  call: Call,
  presented: string,
  password: Register,
  disabling: readonly Call[],
): Finding[] {
  const where = `${user}, ${place(call)}`;
  if (call.outcome === 'ok') {
    if (disabling.some(({ outcome, ended }) => outcome === 'ok' && ended < call.invoked))
      return [{ invariant: 'I3', what: `a disabled person has signed in (${where})` }];
    return password.see(presented)
      ? []
      : [{ invariant: 'I2', what: `a password that is not theirs has signed somebody in (${where})` }];
  }
  if (call.outcome === 'unknown' || disabling.some(({ invoked }) => invoked < call.ended)) return [];
  return password.rule(presented)
    ? []
    : [{ invariant: 'I2', what: `the right password was refused (${where}): ${call.why ?? ''}` }];
}
