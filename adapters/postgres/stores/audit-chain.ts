import type { ChainStore } from '../../../server/audit/chain/chain-store.ts';
import type { Head, Link, ProvenHead } from '../../../server/audit/chain/links.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { micros, moment, rowOf, type SaidRow, saidColumns } from './audit-rows.ts';

export interface HeadRow {
  chain_id: string;
  head_seq: string;
  head_mac: Buffer;
  head_chained_at: string;
  checkpoint_seq: string;
  checkpoint_at: string;
  unsealed: string;
  head_key: string | null;
  proof: Buffer | null;
}

/** The columns of audit_head, which is called `h`. */
export const headColumns = `h.chain_id, h.seq as head_seq, h.mac as head_mac, ${micros('h.chained_at')} as head_chained_at,
  h.checkpoint_seq, ${micros('h.checkpoint_at')} as checkpoint_at, h.unsealed, h.key_id as head_key, h.proof`;

export function toHead(row: HeadRow): ProvenHead {
  return {
    chainId: row.chain_id,
    sequence: Number(row.head_seq),
    mac: row.head_mac,
    chainedAt: row.head_chained_at,
    checkpointSequence: Number(row.checkpoint_seq),
    checkpointAt: row.checkpoint_at,
    unsealed: Number(row.unsealed),
    keyId: row.head_key,
    proof: row.proof,
  };
}

type NextRow = HeadRow &
  SaidRow & {
    now: string;
    event_id: string | null;
    recorded_at: string;
    present: boolean;
    seal: Buffer | null;
  };

/** The chain of the audit log, for the one who appends to it. */
export function makeChainStore(database: Database): ChainStore {
  return {
    async look() {
      const [row] = await runSql<{ waiting: boolean; uncovered: string }>(
        database,
        `select exists (select from audit_queue) as waiting, case when h.seq > h.checkpoint_seq
           then floor(extract(epoch from now() - h.checkpoint_at)) else 0 end as uncovered from audit_head h`,
        [],
      );
      return { isWaiting: row?.waiting === true, uncovered: Number(row?.uncovered ?? 0) };
    },

    async next(most) {
      const rows = await runSql<NextRow>(
        database,
        `select ${headColumns}, ${micros('now()')} as now, q.event_id, ${micros('q.recorded_at')} as recorded_at,
           e.id is not null as present, e.seal, ${saidColumns}
         from audit_head h
         left join (select event_id, recorded_at from audit_queue order by event_id limit ?) q on true
         left join ${rowOf('q')}
         order by q.event_id`,
        [most],
      );
      const [first] = rows;
      if (first === undefined) throw new Error('the audit log has no head');
      const waiting = rows.flatMap((row) =>
        row.event_id === null
          ? []
          : [
              {
                eventId: row.event_id,
                recordedAt: row.recorded_at,
                seal: row.seal,
                unsealed: row.present && row.seal === null ? row : null,
              },
            ],
      );
      return { head: toHead(first), waiting, now: first.now };
    },

    async append(from, links, to) {
      const of = <Value>(read: (link: Link) => Value): Value[] => links.map(read);
      const rows = await runSql(
        database,
        `with ended as (
           update audit_head set seq = ?, mac = ?, chained_at = ${moment('?::bigint')}, key_id = ?, proof = ?
           where ${isStill} returning 1
         ), placed as (
           delete from audit_queue where event_id = any (?::bigint[]) and exists (select from ended)
         )
         insert into audit_chain (seq, chained_at, event_id, recorded_at, seal, key_id, mac)
         select seq, ${moment('chained_at')}, event_id, ${moment('recorded_at')}, seal, key_id, mac
         from ended cross join unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bytea[], ?::text[], ?::bytea[])
           as link (seq, chained_at, event_id, recorded_at, seal, key_id, mac)
         order by seq returning 1`,
        [
          to.sequence,
          to.mac,
          to.chainedAt,
          to.keyId,
          to.proof,
          ...endOf(from),
          of(({ eventId }) => eventId),
          of(({ sequence }) => sequence),
          of(({ chainedAt }) => chainedAt),
          of(({ eventId }) => eventId),
          of(({ recordedAt }) => recordedAt),
          of(({ seal }) => seal),
          of(({ keyId }) => keyId),
          of(({ mac }) => mac),
        ],
      );
      return rows.length === links.length;
    },

    async keepCheckpoint(from, token, to) {
      const rows = await runSql(
        database,
        `with ended as (
           update audit_head set checkpoint_seq = ?, checkpoint_at = ${moment('?::bigint')}, key_id = ?, proof = ?
           where ${isStill} returning 1
         )
         insert into audit_checkpoint (seq, made_at, token)
         select ?::bigint, ${moment('?::bigint')}, ? from ended returning 1`,
        [
          to.checkpointSequence,
          to.checkpointAt,
          to.keyId,
          to.proof,
          ...endOf(from),
          to.checkpointSequence,
          to.checkpointAt,
          token,
        ],
      );
      return rows.length === 1;
    },
  };
}

const isStill = 'seq = ? and mac = ? and checkpoint_seq = ?';
const endOf = ({ sequence, mac, checkpointSequence }: Head) => [sequence, mac, checkpointSequence];
