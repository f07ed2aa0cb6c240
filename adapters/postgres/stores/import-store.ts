import { foldLoginName } from '../../../server/accounts/account.ts';
import type { ImportState, ImportStore, NewAccount } from '../../../server/accounts/import/import-store.ts';
import { skeletonOf } from '../../../server/accounts/names/skeleton.ts';
import type { AuditKeys } from '../../../server/audit/chain/keys.ts';
import type { Clock } from '../../../server/clock.ts';
import { AppError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type SealedRow, toSealedRow } from './audit-log.ts';

interface StateRow {
  position: string;
  imported: string;
  skipped: string;
  refused: string;
  must_reset: string;
  report_bytes: string;
  finished_at: Date | null;
}

export function makeImportStore(database: Database, clock: Clock, keys: AuditKeys): ImportStore {
  return {
    async begin(id, format) {
      const now = clock.now();
      await runSql(
        database,
        `insert into user_import (id, format, position, imported, skipped, refused, must_reset, report_bytes, began_at, updated_at)
         values (?, ?, 0, 0, 0, 0, 0, 0, ?, ?) on conflict (id) do nothing`,
        [id, format, now, now],
      );
      const [row] = await runSql<StateRow>(
        database,
        `select position, imported, skipped, refused, must_reset, report_bytes, finished_at from user_import where id = ?`,
        [id],
      );
      if (row === undefined) throw new Error('the import was forgotten meanwhile');
      return toState(row);
    },

    async advance(id, from, state) {
      const rows = await runSql(
        database,
        `update user_import set position = ?, imported = ?, skipped = ?, refused = ?, must_reset = ?, report_bytes = ?,
           finished_at = ?, updated_at = ?
         where id = ? and position = ? and finished_at is null returning id`,
        [...valuesOf(state), clock.now(), id, from],
      );
      return rows.length === 1;
    },

    async forget(id) {
      await runSql(database, 'delete from user_import where id = ?', [id]);
    },

    async add(accounts, by) {
      if (accounts.length === 0) return [];
      try {
        const now = clock.now();
        const { kind, id, clientId } = by;
        const events = accounts.map(({ event }) => toSealedRow(keys, event, { kind, id, clientId }, now));
        const rows = await runSql<{ n: number }>(database, addStatement, [
          ...columnsOf(accounts),
          ...eventsOf(events),
          ...rolesOf(accounts),
          now,
        ]);
        return rows.map(({ n }) => n);
      } catch (error) {
        throw isTaken(error) ? new AppError('login_name_taken', { cause: error }) : error;
      }
    },

    async findTaken(accounts) {
      const rows = await runSql<{ n: number }>(database, takenStatement, [
        accounts.map((_, index) => index),
        accounts.map(({ account }) => account.id),
        accounts.map(({ account }) => folded(account.email)),
        accounts.map(({ account }) => folded(account.username)),
        accounts.map(({ account }) => shapeOf(account.username)),
      ]);
      return rows.map(({ n }) => n);
    },
  };
}

const takenNames = `
name_given as (
  select n, id, kind, name
  from given cross join lateral (values ('email', email_name), ('username', user_name)) as names (kind, name)
  where name is not null
), taken as (
  select n from name_given join login_name using (name)
  union
  select n from given join account using (id)
  union
  select n from given join username_skeleton using (skeleton)
)`;

const takenStatement = `
with given as (
  select * from unnest(?::int[], ?::text[], ?::text[], ?::text[], ?::text[])
    as given (n, id, email_name, user_name, skeleton)
), ${takenNames}
select n from taken`;

/**
 * One statement for a thousand accounts. A mark is left where the dearest hash has become dearer, or where there was none:
 * until then processes need not know.
 */
const addStatement = `
with given as (
  select * from unnest(?::int[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::text[], ?::text[],
    ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[], ?::text[], ?::int[], ?::boolean[], ?::text[],
    ?::text[], ?::text[], ?::text[], ?::bytea[], ?::bytea[], ?::text[], ?::bytea[])
  as given (n, id, email_name, user_name, skeleton, email, email_verified, username, profile, search_name, status, created_at,
    updated_at, hash, scheme, work, must_reset, data, actor_kind, actor_id, actor_client_id, salt, personal_hash, seal_key, seal)
), role_given as (
  select * from unnest(?::int[], ?::text[]) as role_given (n, role_name)
), source as (
  select ?::timestamptz as now
), ${takenNames}, free as (
  select * from given where n not in (select n from taken)
), written as (
  insert into account (id, email, email_verified, username, profile, search_name, status, created_at, updated_at)
  select id, email, email_verified, username, profile::jsonb, search_name, status, created_at, updated_at from free
), named as (
  insert into login_name (name, account_id, kind)
  select name, id, kind from name_given where n not in (select n from taken)
), shaped as (
  insert into username_skeleton (account_id, skeleton) select id, skeleton from free where skeleton is not null
), granted as (
  insert into account_role (account_id, role_name, granted_at)
  select distinct free.id, role_name, source.now from free join role_given using (n) cross join source
), secured as (
  insert into password_credential (account_id, hash, scheme, work, must_reset, changed_at)
  select free.id, hash, scheme, work, must_reset, source.now from free cross join source where hash is not null
), noted as (
  insert into audit_event (occurred_at, type, actor_kind, actor_id, actor_client_id, account_id, data, salt, personal_hash, seal_key, seal)
  select source.now, 'user.created', actor_kind, actor_id, actor_client_id, free.id, data::jsonb, salt, personal_hash, seal_key, seal
  from free cross join source order by n returning id, recorded_at
), queued as (
  insert into audit_queue (event_id, recorded_at) select id, recorded_at from noted
), marked as (
  update change_mark set mark = gen_random_uuid()
  where topic = 'foreign_password' and (select max(work) from free)
    > coalesce((select max(work) from password_credential where scheme is not null), 0)
)
select n from taken`;

function columnsOf(rows: readonly NewAccount[]) {
  const of = <Value>(read: (row: NewAccount) => Value): Value[] => rows.map(read);
  return [
    rows.map((_, index) => index),
    of(({ account }) => account.id),
    of(({ account }) => folded(account.email)),
    of(({ account }) => folded(account.username)),
    of(({ account }) => shapeOf(account.username)),
    of(({ account }) => account.email),
    of(({ account }) => account.emailVerified),
    of(({ account }) => account.username),
    of(({ account }) => JSON.stringify(account.profile)),
    of(({ account }) => foldLoginName(account.profile.name ?? '')),
    of(({ account }) => account.status),
    of(({ account }) => account.createdAt),
    of(({ account }) => account.updatedAt),
    of(({ password }) => password?.hash ?? null),
    of(({ password }) => password?.scheme ?? null),
    of(({ password }) => password?.work ?? null),
    of(({ mustReset }) => mustReset),
  ];
}

function rolesOf(rows: readonly NewAccount[]): [number[], string[]] {
  const granted = rows.flatMap(({ account }, index) => account.roles.map((role) => ({ index, role })));
  return [granted.map(({ index }) => index), granted.map(({ role }) => role)];
}

/** The columns of the audit log that only who caused it decides are null for imports; the rest is here. */
function eventsOf(rows: readonly SealedRow[]) {
  const of = <Value>(read: (row: SealedRow) => Value): Value[] => rows.map(read);
  return [
    of(({ row }) => JSON.stringify(row.data)),
    of(({ row }) => row.actor_kind),
    of(({ row }) => row.actor_id),
    of(({ row }) => row.actor_client_id),
    of(({ seal }) => seal.salt),
    of(({ seal }) => seal.personalHash),
    of(({ seal }) => seal.keyId),
    of(({ seal }) => seal.seal),
  ];
}

/** Somebody else has taken a name or an id between the statement's look and its write. */
function isTaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    'constraint' in error &&
    ['login_name_pkey', 'account_pkey', 'username_skeleton_pkey'].includes(String(error.constraint))
  );
}

const shapeOf = (username: string | null): string | null => (username === null ? null : skeletonOf(username));
const folded = (name: string | null): string | null => (name === null ? null : foldLoginName(name));

function valuesOf(state: ImportState) {
  const { position, imported, skipped, refused, mustReset, reportBytes, finishedAt } = state;
  return [position, imported, skipped, refused, mustReset, reportBytes, finishedAt];
}

function toState(row: StateRow): ImportState {
  return {
    position: Number(row.position),
    imported: Number(row.imported),
    skipped: Number(row.skipped),
    refused: Number(row.refused),
    mustReset: Number(row.must_reset),
    reportBytes: Number(row.report_bytes),
    finishedAt: row.finished_at,
  };
}
