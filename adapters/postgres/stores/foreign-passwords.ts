import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** Milliseconds that the dearest hash from elsewhere takes that an account still has; 0 when there is none. */
export async function readDearestWork(database: Database): Promise<number> {
  const [row] = await runSql<{ work: number | null }>(
    database,
    'select max(work) as work from password_credential where scheme is not null',
    [],
  );
  return row?.work ?? 0;
}
