import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Leases as rows: session locks would break behind a pooler, and the embedded database has one session for everybody. */
export function makeLeaseStore(database: Database) {
  return {
    /**
     * Takes the lease, or keeps it, for `seconds`; one conditional statement decides between processes.
     *
     * @returns a number that grows each time the lease changes hands, or undefined while another one holds it
     */
    async take(name: string, owner: string, seconds: number): Promise<number | undefined> {
      const rows = await runSql<{ fence: string }>(
        database,
        `insert into lease (name, owner, fence, held_until) values (?, ?, 1, now() + make_interval(secs => ?))
         on conflict (name) do update set owner = excluded.owner, held_until = excluded.held_until,
           fence = lease.fence + case when lease.owner = excluded.owner then 0 else 1 end
         where lease.owner = excluded.owner or lease.held_until <= now()
         returning fence`,
        [name, owner, seconds],
      );
      return rows[0] && Number(rows[0].fence);
    },

    /** Gives it back, so that the next one need not wait. */
    async release(name: string, owner: string): Promise<void> {
      await runSql(database, 'delete from lease where name = ? and owner = ?', [name, owner]);
    },
  };
}

export type LeaseStore = ReturnType<typeof makeLeaseStore>;
