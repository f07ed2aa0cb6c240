import { hash } from 'node:crypto';
import type { RowBatch } from '../../../server/backup/contents.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import type { CatalogueTable } from './catalogue.ts';
import { forKnex, rowAsText } from './row-text.ts';

/** How many rows, and the sum of the first 8 bytes of their SHA-256: what is equal whatever order the rows come in. */
export interface Tally {
  rows: number;
  digest: bigint;
}

const empty: Tally = { rows: 0, digest: 0n };

/** Adds up the rows that pass by, table by table. */
export function makeTallies() {
  const tallies = new Map<string, Tally>();
  return {
    add({ table, rows }: RowBatch): void {
      const { rows: before, digest } = tallies.get(table) ?? empty;
      const sum = rows.reduce(
        (total, row) => total + hash('sha256', row, 'buffer').readBigInt64BE(0),
        digest,
      );
      tallies.set(table, { rows: before + rows.length, digest: wrap(sum) });
    },
    of: (table: string): Tally => tallies.get(table) ?? empty,
  };
}

/** The same of a table, reckoned by the database. */
export async function readTally(database: Database, { columns, from }: CatalogueTable): Promise<Tally> {
  const line = rowAsText(columns.map(({ name }) => name));
  const [found] = await runSql<{ rows: string; digest: string }>(
    database,
    forKnex(`select count(*) as rows, coalesce(sum(
       ('x' || encode(substr(sha256(convert_to(${line}, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint), 0)::text as digest
     from ${from}`),
    [],
  );
  return { rows: Number(found?.rows), digest: wrap(BigInt(found?.digest ?? 0)) };
}

const wrap = (sum: bigint): bigint => BigInt.asUintN(64, sum);
