import type { OneTimeLink, OneTimeLinkStore } from '../../../server/accounts/one-time-link.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

interface LinkRow {
  token_hash: Buffer;
  purpose: OneTimeLink['purpose'];
  subject_id: string;
  address: string;
  data: Record<string, unknown>;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
  ended_at: Date | null;
}

const columns = 'token_hash, purpose, subject_id, address, data, created_at, expires_at, used_at, ended_at';

export function makeOneTimeLinkStore(database: Database) {
  return {
    async issue(link) {
      const { tokenHash, purpose, subjectId, address, data, createdAt, expiresAt } = link;
      await runSql(
        database,
        `with earlier as (
           update one_time_link set ended_at = ?
           where subject_id = ? and purpose = ? and used_at is null and ended_at is null
         )
         insert into one_time_link (token_hash, purpose, subject_id, address, data, created_at, expires_at)
         values (?, ?, ?, ?, ?, ?, ?)`,
        [
          ...[createdAt, subjectId, purpose],
          ...[tokenHash, purpose, subjectId, address, JSON.stringify(data), createdAt, expiresAt],
        ],
      );
    },

    async find(tokenHash) {
      const rows = await runSql<LinkRow>(
        database,
        `select ${columns} from one_time_link where token_hash = ?`,
        [tokenHash],
      );
      return rows[0] && toLink(rows[0]);
    },

    async consume(tokenHash, purpose, now) {
      const rows = await runSql<LinkRow>(
        database,
        `update one_time_link set used_at = ?
         where token_hash = ? and purpose = ? and used_at is null and ended_at is null and expires_at > ?
         returning ${columns}`,
        [now, tokenHash, purpose, now],
      );
      return rows[0] && toLink(rows[0]);
    },

    async endAll(subjectId, now, purposes) {
      await runSql(
        database,
        `update one_time_link set ended_at = ?
         where subject_id = ? and used_at is null and ended_at is null and (?::text[] is null or purpose = any (?::text[]))`,
        [now, subjectId, purposes ?? null, purposes ?? null],
      );
    },

    async endBelow(subjectId, since, now) {
      await runSql(
        database,
        `update one_time_link set ended_at = ?
         where subject_id > ? and subject_id < ? and created_at >= ? and used_at is null and ended_at is null`,
        // What follows the slash in ASCII is the zero.
        [now, `${subjectId}/`, `${subjectId}0`, since],
      );
    },

    /** Removes links a week after they expired: until then they can say what became of them. Returns how many. */
    async forgetOld(now: Date, most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from one_time_link where token_hash = any (array(
           select token_hash from one_time_link where expires_at < ?::timestamptz - interval '7 days'
           order by expires_at limit ? for update skip locked
         )) returning 1`,
        [now, most],
      );
      return rows.length;
    },
  } satisfies OneTimeLinkStore & Record<string, unknown>;
}

function toLink(row: LinkRow): OneTimeLink {
  return {
    tokenHash: row.token_hash,
    purpose: row.purpose,
    subjectId: row.subject_id,
    address: row.address,
    data: row.data,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    endedAt: row.ended_at,
  };
}
