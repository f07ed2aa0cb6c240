import type { Database } from './database.ts';

/** Runs one statement in the open transaction, if there is one; `?` stands for a value. */
export async function runSql<T>(database: Database, sql: string, values: readonly unknown[]): Promise<T[]> {
  const answer: { rows: T[] } = await database.current().raw(sql, values as never);
  return answer.rows;
}
