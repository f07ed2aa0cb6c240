import type { ContentSource, RowBatch } from '../../../server/backup/contents.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { atOneGo } from './at-one-go.ts';
import { type CatalogueTable, readLayout, readTables } from './catalogue.ts';
import { forKnex, quoteName, rowAsText, settleTexts } from './row-text.ts';

/** Rows that are asked for at once: more make nothing faster (measured with 200 to 20,000), and rows of mail are long. */
const rowsAtOnce = 1000;

/**
 * Reads a whole database in one transaction that sees one moment. Plain SQL and nothing of a session, so it works through
 * a pooler, and on the embedded database, where all others wait until the transaction ends.
 *
 * @param only the tables that are wanted, in their order; left out, all that there are
 */
export function makeContentSource(database: Database, only?: readonly string[]): ContentSource {
  return {
    read: (work) =>
      atOneGo(database, 'read', async () => {
        await database.current().raw('set transaction isolation level repeatable read, read only');
        await settleTexts(database);
        const all = await readTables(database);
        const tables = only?.flatMap((name) => all.find((table) => table.name === name) ?? []) ?? all;
        const layout = await readLayout(database, all);
        await holdStill(database, tables);
        const shown = layout.tables.filter(({ name }) => tables.some((table) => table.name === name));
        return work({ layout: { ...layout, tables: shown }, batches: () => readRows(database, tables) });
      }),
  };
}

/** Nobody may drop or empty a table, or part of one, before its turn has come: that would be seen in spite of the snapshot. */
async function holdStill(database: Database, tables: readonly CatalogueTable[]): Promise<void> {
  const names = tables.map(({ name }) => quoteName(name)).join(', ');
  await database.current().raw(forKnex(`lock table ${names} in access share mode`));
}

async function* readRows(database: Database, tables: readonly CatalogueTable[]): AsyncGenerator<RowBatch> {
  // Of a reader who gave up before the end.
  await runSql(database, 'close all', []);
  for (const { name, columns, from } of tables) {
    const line = rowAsText(columns.map((column) => column.name));
    await runSql(
      database,
      forKnex(`declare all_rows no scroll cursor for select ${line} as line from ${from}`),
      [],
    );
    for (;;) {
      const rows = await runSql<{ line: string }>(database, `fetch ${rowsAtOnce} from all_rows`, []);
      if (rows.length === 0) break;
      yield { table: name, rows: rows.map((row) => row.line) };
    }
    await runSql(database, 'close all_rows', []);
  }
}
