import type { Database } from './database.ts';

/** Runs one statement in the open transaction, if there is one; `?` stands for a value. */
export function runSql<T>(database: Database, sql: string, values: readonly unknown[]): Promise<T[]> {
  return database.run<T>(sql, values);
}
