import type { Call, Operation } from '../history.ts';
import { callsOf, type Evidence, type Finding, groupBy, place } from './evidence.ts';

/** The rows that an acknowledged call leaves, beside those that only say who was refused. */
const rowsOf: Partial<Record<Operation['type'], readonly string[]>> = {
  'create-user': ['user.created'],
  'rename-user': ['user.updated'],
  'set-password': ['password.changed'],
  'disable-user': ['user.updated'],
  'create-client': ['client.created'],
  'rename-client': ['client.updated'],
  exchange: [],
  refresh: [],
  userinfo: [],
  introspect: [],
  'service-token': [],
  'introspect-service': [],
  'read-user': [],
  'read-client': [],
};

const changes = new Set(Object.values(rowsOf).flat());

/** I5: every acknowledged change has exactly its rows in the audit log, and what was refused has none of a change. */
export function findWrongAudit({ calls, dump }: Evidence): Finding[] {
  const byRequest = groupBy(dump.audit, ({ requestId }) => requestId);
  return [
    ...calls.flatMap((call) => judgeCall(call, byRequest.get(call.requestId ?? '') ?? [])),
    ...judgeSignIns({ calls, dump }),
    ...judgeHistories(dump),
  ];
}

function judgeCall(call: Call, rows: readonly { type: string }[]): Finding[] {
  const { operation, outcome, requestId, status } = call;
  if (requestId === undefined) return [];
  const found = rows.map(({ type }) => type).sort();
  const what = `${operation.type} (${place(call)}, ${status ?? 'no status'}) has the rows ${JSON.stringify(found)}`;
  if (outcome === 'fail' && found.some((type) => changes.has(type)))
    return [{ invariant: 'I5', what: `${what}, although it was refused` }];
  const expected = rowsOf[operation.type];
  if (outcome !== 'ok' || expected === undefined) return [];
  return JSON.stringify(found) === JSON.stringify([...expected].sort())
    ? []
    : [{ invariant: 'I5', what: `${what}, and not ${JSON.stringify(expected)}` }];
}

/** A sign-in is several requests; its row is one, and its person's rows are as many as their sign-ins. */
function judgeSignIns({ calls, dump }: Evidence): Finding[] {
  const emails = new Map(dump.accounts.map(({ id, email }) => [id, email]));
  const rows = groupBy(
    dump.audit.filter(({ type }) => type === 'signin.succeeded'),
    ({ accountId }) => emails.get(accountId ?? ''),
  );
  const attempts = groupBy(callsOf(calls, 'authorize'), ({ operation }) => operation.user);
  return [...attempts].flatMap(([user, all]) => {
    const written = rows.get(user)?.length ?? 0;
    const succeeded = all.filter(({ outcome }) => outcome === 'ok').length;
    const open = all.filter(({ outcome }) => outcome === 'unknown').length;
    return written >= succeeded && written <= succeeded + open
      ? []
      : [
          {
            invariant: 'I5' as const,
            what: `${user} has ${written} rows signin.succeeded for ${succeeded} sign-ins and ${open} of unknown outcome`,
          },
        ];
  });
}

/**
 * I5 and I6 from the side of the database, also for calls without an answer: every object has one row that tells of its making,
 * and as many requests have changed it as its version says.
 */
function judgeHistories({ accounts, clients, audit }: Evidence['dump']): Finding[] {
  const ofAccount = groupBy(audit, ({ accountId }) => accountId);
  const ofClient = groupBy(audit, ({ clientId }) => clientId);
  return [
    ...accounts.flatMap(({ id, email, version }) =>
      judgeObject(`user ${email}`, version, ofAccount.get(id) ?? [], 'user.created', ['user.updated']),
    ),
    ...clients.flatMap(({ id, version }) =>
      judgeObject(`client ${id}`, version, ofClient.get(id) ?? [], 'client.created', ['client.updated']),
    ),
  ];
}

function judgeObject(
  what: string,
  version: number,
  rows: readonly { type: string; requestId: string | null }[],
  making: string,
  changing: readonly string[],
): Finding[] {
  const made = rows.filter(({ type }) => type === making);
  const findings: Finding[] = [];
  if (made.length !== 1)
    findings.push({ invariant: 'I5', what: `${what} has ${made.length} rows ${making}` });
  const changed = rows.filter(
    ({ type, requestId }) => changing.includes(type) && requestId !== made[0]?.requestId,
  );
  const requests = new Set(changed.map(({ requestId }) => requestId)).size;
  if (requests !== version - 1)
    findings.push({
      invariant: 'I5',
      what: `${what} is at version ${version}, and ${requests} requests have changed it by its rows`,
    });
  const doubled = [...groupBy(changed, ({ type, requestId }) => `${type} of ${requestId}`)].filter(
    ([, { length }]) => length > 1,
  );
  return [
    ...findings,
    ...doubled.map(([row]) => ({ invariant: 'I5' as const, what: `${what} has the row ${row} twice` })),
  ];
}
