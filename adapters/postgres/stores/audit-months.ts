import type { MonthStore } from '../../../server/audit/chain/drop-months.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Milliseconds that it waits for those who read the tables, and others for it. */
const longestWait = 100;

interface BeforeRow {
  partitions: string;
  waiting: boolean;
  chain_id: string;
  seq: string | null;
  mac: string | null;
  cut: string | null;
}

/** Partitions by months, made and dropped with the rights of the owner of the tables. */
export function makeMonthStore(database: Database): MonthStore {
  const hurry = () => runSql(database, `set local lock_timeout = ${longestWait}`, []);
  const store: MonthStore = {
    async make(ahead) {
      try {
        return await database.inTransaction(async () => {
          await hurry();
          const [row] = await runSql<{ made: number }>(database, 'select make_audit_months(?) as made', [
            ahead,
          ]);
          return row?.made ?? 0;
        });
      } catch (error) {
        if (store.hasGivenUp(error)) return 0;
        throw error;
      }
    },

    async before(moment) {
      const [row] = await runSql<BeforeRow>(
        database,
        `select h.chain_id, (
             select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent in ('audit_event'::regclass, 'audit_chain'::regclass) and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
               and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= ?::timestamptz at time zone 'UTC'
           ) as partitions,
           exists (select from audit_queue where recorded_at < ?) as waiting, ended.seq, ended.mac,
           (select token from audit_cut order by audit_cut.before desc limit 1) as cut
         from audit_head h left join lateral (
           select seq, encode(mac, 'hex') as mac from audit_chain where chained_at < ? order by seq desc limit 1
         ) ended on true`,
        [moment, moment, moment],
      );
      if (row === undefined) throw new Error('the audit log has no head');
      const { seq, mac } = row;
      return {
        partitions: Number(row.partitions),
        isWaiting: row.waiting,
        chainId: row.chain_id,
        end: seq === null || mac === null ? undefined : { sequence: Number(seq), hash: mac },
        cut: row.cut ?? undefined,
      };
    },

    async drop(moment, sequence, token) {
      await hurry();
      const [row] = await runSql<{ dropped: number }>(database, 'select drop_audit_months(?) as dropped', [
        moment,
      ]);
      await runSql(database, 'insert into audit_cut (before, seq, token) values (?, ?, ?)', [
        moment,
        sequence,
        token,
      ]);
      return row?.dropped ?? 0;
    },

    hasGivenUp: isLockNotAvailable,
  };
  return store;
}

const isLockNotAvailable = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === '55P03') || isLockNotAvailable(error.cause));
