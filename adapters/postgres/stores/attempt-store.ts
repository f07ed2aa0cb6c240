import type {
  Admission,
  AttemptRequest,
  AttemptStore,
  AttemptTarget,
  Verdict,
} from '../../../server/authn/lockout/attempt-store.ts';
import type { AttemptLimits } from '../../../server/authn/lockout/delay.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { attemptWrite } from './constraints.ts';
import { forgetDevices, rememberDevice } from './known-devices.ts';
import { type PasswordRow, toPassword } from './password-row.ts';

export function makeAttemptStore(database: Database, limits: AttemptLimits): AttemptStore {
  const admit = async (request: AttemptRequest): Promise<Admission> => {
    const outcome = await attemptWrite(database, ['account_gone'], async () => {
      const [row] = await runSql<AdmissionRow>(
        database,
        admitStatement[request.target.kind],
        bindings(request, limits),
      );
      return { kind: 'asked', row } as const;
    });
    // Deleted between the look and the count: now it is an unknown name.
    if (outcome.kind === 'account_gone') return admit(request);
    if (outcome.row === undefined) throw new Error('an attempt was asked for and nothing was answered');
    return toAdmission(outcome.row, limits);
  };

  return {
    admit,

    async noteFailure({ id, subject, network, now }) {
      await runSql(
        database,
        'insert into failed_sign_in (attempt, at, network, subject) values (?, ?, ?, ?)',
        [id, now, network, subject],
      );
    },

    async succeed({ subject, accountId, now }, device) {
      await runSql(
        database,
        `with used as (
           update password_credential set last_used_at = ?
           where account_id = ? and (last_used_at is null or last_used_at < ?::timestamptz - interval '1 minute')
         )
         delete from sign_in_counter where subject = ?`,
        [now, accountId, now, subject],
      );
      if (device !== undefined) await rememberDevice(database, accountId, device, now);
    },

    async giveBack({ id, subject }) {
      await runSql(
        database,
        `update sign_in_counter set failures = failures - 1,
           open_at = case when attempt = ? then ${longAgo} else open_at end
         where subject = ? and failures > 0`,
        [id, subject],
      );
    },

    async find(accountId) {
      const [row] = await runSql<{ failures: number; refused: string; open_at: Date }>(
        database,
        'select failures, refused, open_at from sign_in_counter where subject = ?',
        [subjectOf(accountId)],
      );
      return row && { failures: row.failures, refused: Number(row.refused), openAt: row.open_at };
    },

    async clear(accountId) {
      const rows = await runSql(
        database,
        'delete from sign_in_counter where account_id = ? returning subject',
        [accountId],
      );
      return rows.length > 0;
    },

    forgetDevices: (accountId) => forgetDevices(database, accountId),

    async raiseAlarm({ subject, id, now, seconds }) {
      const until = new Date(now.getTime() + seconds * 1000);
      const halfWay = new Date(now.getTime() + (seconds * 1000) / 2);
      const rows = await runSql<{ event: string }>(
        database,
        // Written once in a while only, however many ask: an attack must not make us write.
        `insert into sign_in_alarm as present (subject, event, until) values (?, ?, ?)
         on conflict on constraint sign_in_alarm_pkey do update
           set event = case when present.until < ? then excluded.event else present.event end, until = excluded.until
           where present.until < ?
         returning event`,
        [subject, id, until, now, halfWay],
      );
      return rows[0]?.event === id;
    },
  };
}

const subjectOf = (accountId: string): string => `account ${accountId}`;

interface AdmissionRow extends PasswordRow {
  subject: string;
  account_id: string | null;
  status: 'active' | 'disabled' | null;
  sessions_ended_at: string | null;
  must_reset: boolean | null;
  temporary_until: Date | null;
  device_id: string | null;
  token_hash: Buffer | null;
  /** Null when the attempt was not counted. */
  failures: number | null;
  open_at: Date | null;
  admitted: boolean | null;
  near_failures: number;
  near_subjects: number;
  near_since: Date | null;
  all_failures: number;
  all_since: Date | null;
}

const isOpen = 'present.failures < ? and present.open_at <= excluded.last_at';
/** After the failure that is being counted. */
const delay = '(?::float8[])[least(present.failures + 1, ?)]';
/** Without a delay nobody is too early, not even who comes from a process whose clock is behind. */
const longAgo = 'to_timestamp(0)';

/**
 * First what is only looked at: the account, its device, what the network and everybody have failed with. Then the count, of
 * one row, which is also the lock that makes those who come at once wait for each other.
 */
const statementFor = (found: string): string => `
with asked as materialized (
  select a.id as account_id, a.status, a.sessions_ended_at::text as sessions_ended_at, p.hash, p.key_id, p.scheme,
    p.work, p.must_reset, p.temporary_until,
    d.id as device_id, d.token_hash
  from ${found}
  left join password_credential p on p.account_id = a.id
  left join known_device d on d.account_id = a.id and d.token_hash = any (?::bytea[])
  limit 1
), target as materialized (
  select coalesce('device ' || asked.device_id, 'account ' || asked.account_id, ?) as subject, asked.*
  from (select) one left join asked on true
), near as materialized (
  select count(*)::int as failures, count(distinct subject)::int as subjects, min(at) as since
  from (select subject, at from failed_sign_in where network = ? and at > ? order by at desc limit ?) latest
), everybody as materialized (
  select count(*)::int as failures, min(at) as since
  from (select at from failed_sign_in where at > ? order by at desc limit ?) latest
), allowed as materialized (
  select target.subject, target.account_id, target.device_id from target, near, everybody
  where target.device_id is not null or (near.failures < ? and near.subjects < ? and everybody.failures < ?)
), counted as (
  insert into sign_in_counter as present (subject, account_id, failures, refused, open_at, last_at, attempt)
  select subject, account_id, 1, 0, ${longAgo}, ?, ? from allowed
  on conflict on constraint sign_in_counter_pkey do update set
    failures = present.failures + case when ${isOpen} then 1 else 0 end,
    refused = present.refused + case when ${isOpen} then 0 else 1 end,
    open_at = case when not (${isOpen}) then present.open_at
      when ${delay} = 0 then ${longAgo}
      else excluded.last_at + make_interval(secs => ${delay}) end,
    attempt = case when ${isOpen} then excluded.attempt else present.attempt end,
    last_at = excluded.last_at
  returning failures, open_at, attempt = ? as admitted
)
select target.*, counted.failures, counted.open_at, counted.admitted, near.failures as near_failures,
  near.subjects as near_subjects, near.since as near_since, everybody.failures as all_failures,
  everybody.since as all_since
from target cross join near cross join everybody left join counted on true`;

const admitStatement: Record<AttemptTarget['kind'], string> = {
  login_name: statementFor(
    '(select account_id from login_name where name = ?) named join account a on a.id = named.account_id',
  ),
  account: statementFor('(select * from account where id = ?) a'),
};

function bindings({ id, target, devices, network, now }: AttemptRequest, limits: AttemptLimits) {
  const { delays, hardAfter, perNetwork, accountsPerNetwork, everywhere } = limits;
  const since = new Date(now.getTime() - limits.window * 1000);
  const isLoginName = target.kind === 'login_name';
  return [
    isLoginName ? (target.name ?? null) : target.accountId,
    [...devices],
    isLoginName ? `unknown ${target.unknown}` : 'unknown account',
    ...[network, since, perNetwork],
    ...[since, everywhere],
    ...[perNetwork, accountsPerNetwork, everywhere],
    ...[now, id],
    ...[hardAfter, hardAfter, hardAfter],
    ...[[...delays], delays.length, [...delays], delays.length],
    hardAfter,
    id,
  ];
}

function toAdmission(row: AdmissionRow, limits: AttemptLimits): Admission {
  const { account_id: accountId, status, device_id: deviceId } = row;
  return {
    subject: row.subject,
    candidate:
      accountId === null || status === null
        ? undefined
        : {
            accountId,
            status,
            password: toPassword(row),
            mustReset: row.must_reset === true,
            temporaryUntil: row.temporary_until,
            sessionsEndedAt: row.sessions_ended_at,
          },
    device:
      deviceId === null || row.token_hash === null ? undefined : { id: deviceId, tokenHash: row.token_hash },
    verdict: verdictOf(row, limits),
  };
}

function verdictOf(row: AdmissionRow, limits: AttemptLimits): Verdict {
  const { failures, open_at: openAt } = row;
  if (failures === null || openAt === null) return limitedBy(row, limits);
  if (row.admitted) return { kind: 'admitted', failures };
  return { kind: 'locked', until: failures >= limits.hardAfter ? null : openAt };
}

/** Until the oldest of those that count is too old to count. */
function limitedBy(row: AdmissionRow, { window, perNetwork, accountsPerNetwork }: AttemptLimits): Verdict {
  const isNetwork = row.near_failures >= perNetwork || row.near_subjects >= accountsPerNetwork;
  const since = isNetwork ? row.near_since : row.all_since;
  const until = new Date((since?.getTime() ?? 0) + window * 1000);
  return { kind: 'limited', by: isNetwork ? 'network' : 'everywhere', until };
}
