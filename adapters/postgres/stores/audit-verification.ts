import type {
  FoundEvent,
  FoundLink,
  VerificationSource,
} from '../../../server/audit/chain/verification-source.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type HeadRow, headColumns, toHead } from './audit-chain.ts';
import { micros, moment, rowOf, type SaidRow, saidColumns } from './audit-rows.ts';

type EventRow = SaidRow & {
  id: string;
  recorded_at: string;
  salt: Buffer | null;
  personal_hash: Buffer | null;
  seal_key: string | null;
  seal: Buffer | null;
  is_erased: boolean | null;
};

type LinkRow = Omit<EventRow, 'id'> & {
  id: string | null;
  seq: string;
  chained_at: string;
  event_id: string;
  linked_at: string;
  linked_seal: Buffer | null;
  key_id: string;
  mac: Buffer;
  is_late: boolean | null;
};

/** Copies of what came within seconds are found by who reads all links; for these it is looked whether there is an earlier one. */
const isLate = `c.chained_at > e.occurred_at + interval '20 seconds' as is_late`;

/** Of a row of audit_event that is called `e`. Only of rows without their salt it matters whether the person is gone. */
const eventColumns = `e.id, ${micros('e.recorded_at')} as recorded_at, ${saidColumns}, e.salt, e.personal_hash, e.seal_key, e.seal,
  case when e.salt is null then exists (
    select from audit_event d where d.account_id = e.account_id and d.type = 'user.deleted'
  ) or (e.actor_kind = 'account' and exists (
    select from audit_event d where d.account_id = e.actor_id and d.type = 'user.deleted'
  )) end as is_erased`;

function toEvent(row: EventRow): FoundEvent {
  return {
    eventId: row.id,
    recordedAt: row.recorded_at,
    columns: row,
    salt: row.salt,
    personalHash: row.personal_hash,
    keyId: row.seal_key,
    seal: row.seal,
    isErased: row.is_erased === true,
  };
}

function toLink(row: LinkRow, copyOf: number | undefined): FoundLink {
  const { id } = row;
  return {
    sequence: Number(row.seq),
    eventId: row.event_id,
    recordedAt: row.linked_at,
    chainedAt: row.chained_at,
    seal: row.linked_seal,
    keyId: row.key_id,
    mac: row.mac,
    copyOf,
    event: id === null ? undefined : toEvent({ ...row, id }),
  };
}

/** Likewise, of a row of audit_event that is called `p`. */
const placeIn = (table: string): string =>
  `lateral (select event_id from ${table} t where t.event_id = p.id and t.recorded_at = p.recorded_at limit 1)`;

/** Reads page by page, so that nobody has to wait for it, on the embedded database either. */
export function makeVerificationSource(database: Database): VerificationSource {
  /** By the seals of these rows, the first place at which one of that seal and time stands. Copies have both. */
  async function firstPlaces(rows: readonly LinkRow[]): Promise<Map<string, number>> {
    const times = [...new Set(rows.map((row) => row.occurred_at))];
    if (times.length === 0) return new Map();
    const found = await runSql<{ seal: string; seq: string }>(
      database,
      `select encode(d.seal, 'hex') as seal, min(o.seq) as seq
       from audit_event d join audit_chain o on o.event_id = d.id
       where d.occurred_at = any (array(select ${moment('time')} from unnest(?::bigint[]) time)) and d.seal = any (?::bytea[])
       group by d.seal`,
      [times, rows.map(({ seal }) => seal)],
    );
    return new Map(found.map(({ seal, seq }) => [seal, Number(seq)]));
  }

  return {
    async state() {
      const [head] = await runSql<HeadRow>(database, `select ${headColumns} from audit_head h`, []);
      if (head === undefined) throw new Error('the audit log has no head');
      const checkpoints = await runSql<{ seq: string; token: string }>(
        database,
        'select seq, token from audit_checkpoint order by seq',
        [],
      );
      const [cut] = await runSql<{ before: string; seq: string; token: string }>(
        database,
        `select ${micros('before')} as before, seq, token from audit_cut order by audit_cut.before desc limit 1`,
        [],
      );
      return {
        head: toHead(head),
        checkpoints: checkpoints.map(({ seq, token }) => ({ sequence: Number(seq), token })),
        cut: cut && { before: cut.before, sequence: Number(cut.seq), token: cut.token },
      };
    },

    async links(after, upTo, most) {
      const rows = await runSql<LinkRow>(
        database,
        `select c.seq, ${micros('c.chained_at')} as chained_at, c.event_id, ${micros('c.recorded_at')} as linked_at,
           c.seal as linked_seal, c.key_id, c.mac, ${isLate}, ${eventColumns}
         from (
           select * from audit_chain where seq > ? and seq <= ? order by seq limit ?
         ) c left join ${rowOf('c')}
         order by c.seq`,
        [after, upTo, most],
      );
      const first = await firstPlaces(rows.filter((row) => row.is_late === true));
      return rows.map((row) => {
        const place = row.seal === null ? undefined : first.get(row.seal.toString('hex'));
        return toLink(row, place !== undefined && place < Number(row.seq) ? place : undefined);
      });
    },

    async event(eventId) {
      const [row] = await runSql<EventRow>(
        database,
        `select ${eventColumns} from audit_event e where e.id = ?::bigint limit 1`,
        [eventId],
      );
      return row && toEvent(row);
    },

    async unlinked(after, most) {
      const [end] = await runSql<{ id: string | null }>(
        database,
        `select max(id) as id from (select id from audit_event where id > ?::bigint order by id limit ?) page`,
        [after, most],
      );
      if (end === undefined || end.id === null) return { upTo: undefined, events: [] };
      const rows = await runSql<EventRow & { after: string }>(
        database,
        `select ${eventColumns},
           coalesce((select c.seq from audit_chain c where c.event_id < e.id order by c.event_id desc limit 1), 0) as after
         from (
           select p.id, p.recorded_at
           from (select id, recorded_at from audit_event where id > ?::bigint and id <= ?::bigint order by id limit ?) p
           left join ${placeIn('audit_chain')} as chained on true left join ${placeIn('audit_queue')} as queued on true
           where chained.event_id is null and queued.event_id is null
         ) lost join ${rowOf('lost', 'id')}
         order by e.id`,
        [after, end.id, most],
      );
      return { upTo: end.id, events: rows.map((row) => ({ ...toEvent(row), after: Number(row.after) })) };
    },

    async beyond(most) {
      const rows = await runSql<{ seq: string }>(
        database,
        'select c.seq from audit_chain c, audit_head h where c.seq > h.seq order by c.seq limit ?',
        [most],
      );
      return rows.map(({ seq }) => Number(seq));
    },

    async waiting() {
      const [row] = await runSql<{ events: string; seconds: string }>(
        database,
        `select count(*) as events, coalesce(extract(epoch from now() - min(recorded_at)), 0)::float8 as seconds from audit_queue`,
        [],
      );
      return { events: Number(row?.events ?? 0), seconds: Number(row?.seconds ?? 0) };
    },
  };
}
