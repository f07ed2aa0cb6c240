import { readFileSync } from 'node:fs';
import pg from 'pg';
import { cpuOf, familyOf } from './measure.ts';

/** What PostgreSQL has spent so far. */
export interface DatabaseUse {
  /** Milliseconds of CPU of each of its processes that live. */
  cpu: ReadonlyMap<number, number>;
  /** Bytes of write-ahead log. */
  wal: number;
}

export interface DatabaseMeter {
  read(): Promise<DatabaseUse>;
  end(): Promise<void>;
}

/** Looks at a PostgreSQL of this machine from outside; its own connection is not counted. */
export async function openDatabaseMeter(superuserUrl: string): Promise<DatabaseMeter> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const own = rows[0]?.pid ?? 0;
  const stat = readFileSync(`/proc/${own}/stat`, 'utf8');
  const postmaster = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  return {
    async read() {
      const { rows: found } = await client.query<{ wal: string }>(
        "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as wal",
      );
      const others = familyOf(postmaster).filter((pid) => pid !== own);
      return { cpu: new Map(others.map((pid) => [pid, cpuOf(pid)])), wal: Number(found[0]?.wal) };
    },
    end: () => client.end(),
  };
}

/** Milliseconds of CPU between two looks, of the processes that still live at the second. */
export function cpuBetween(before: DatabaseUse, after: DatabaseUse): number {
  return [...after.cpu].reduce((sum, [pid, cpu]) => sum + cpu - (before.cpu.get(pid) ?? 0), 0);
}
