import type { SinkName, SinkState, SinkStates } from '../../../server/audit/shipping/sink.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

interface Row {
  name: SinkName;
  position: string;
  since: string;
  shipped_at: Date | null;
  failures: number;
  failed_at: Date | null;
  last_error: string | null;
}

const columns = 'name, position, since, shipped_at, failures, failed_at, last_error';

/** How far sinks have come, as rows; the fence of the lease decides between processes. */
export function makeSinkStates(database: Database): SinkStates {
  return {
    async open(name) {
      const find = () => runSql<Row>(database, `select ${columns} from audit_sink where name = ?`, [name]);
      const [found] = await find();
      if (found !== undefined) return toState(found);
      await runSql(
        database,
        `insert into audit_sink (name, position, since) select ?, seq, seq from audit_head on conflict (name) do nothing`,
        [name],
      );
      const [made] = await find();
      if (made === undefined) throw new Error('the audit log has no chain');
      return toState(made);
    },

    async advance(name, { position, fence, at }) {
      const rows = await runSql(
        database,
        `update audit_sink set position = ?, fence = ?, shipped_at = ?, failures = 0
         where name = ? and fence <= ? and position < ? returning 1`,
        [position, fence, at, name, fence, position],
      );
      return rows.length === 1;
    },

    async fail(name, { fence, at, error }) {
      await runSql(
        database,
        `update audit_sink set failures = failures + 1, failed_at = ?, last_error = ?, fence = ? where name = ? and fence <= ?`,
        [at, error, fence, name, fence],
      );
    },

    async all() {
      const rows = await runSql<Row>(database, `select ${columns} from audit_sink order by name`, []);
      return rows.map(toState);
    },

    async end() {
      const [head] = await runSql<{ seq: string }>(database, 'select seq from audit_head', []);
      return Number(head?.seq ?? 0);
    },
  };
}

const toState = (row: Row): SinkState => ({
  name: row.name,
  position: Number(row.position),
  since: Number(row.since),
  shippedAt: row.shipped_at,
  failures: row.failures,
  failedAt: row.failed_at,
  lastError: row.last_error,
});
