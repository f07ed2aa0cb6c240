import type { Contents, Layout, OnRows } from '../../../server/backup/contents.ts';
import { StartError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import type { CatalogueTable } from './catalogue.ts';
import { makeTallies } from './row-tally.ts';
import { insertFromText } from './row-text.ts';

/** Each of the tables must be in the contents with the same columns. */
export function matchTables(tables: readonly CatalogueTable[], layout: Layout): CatalogueTable[] {
  const given = new Map(layout.tables.map(({ name, columns }) => [name, columns]));
  return tables.map((table) => {
    const columns = given.get(table.name) ?? [];
    const types = new Map(table.columns.map((column) => [column.name, column]));
    const typed = columns.flatMap((name) => types.get(name) ?? []);
    if (!given.has(table.name) || typed.length !== columns.length || typed.length !== table.columns.length) {
      throw new StartError(
        `The table ${table.name} has other columns there than this program makes in the same schema version. Nothing was changed.`,
        'Use the version of Gatehouse that the data comes from.',
      );
    }
    // In the order of the contents: a table that was changed by hand may have another one.
    return { ...table, columns: typed };
  });
}

/** Puts in all rows of these tables, and adds them up. */
export async function insertRows(
  database: Database,
  tables: readonly CatalogueTable[],
  batches: ReturnType<Contents['batches']>,
  onRows: OnRows,
) {
  const tallies = makeTallies();
  const statements = new Map(tables.map(({ name, columns }) => [name, insertFromText(name, columns)]));
  for await (const batch of batches) {
    const statement = statements.get(batch.table);
    if (statement === undefined) continue;
    await runSql(database, statement, [`[${batch.rows.join(',')}]`]);
    tallies.add(batch);
    onRows(batch.table, batch.rows.length);
  }
  return tallies;
}

export function differs(table: string): StartError {
  return new StartError(
    `The table ${table} did not arrive as it was sent. Nothing was kept.`,
    'Run the command again. If it happens again, please report it with the version of the database.',
  );
}
