import type { Contents, ContentTarget, FillReport, Layout, OnRows } from '../../../server/backup/contents.ts';
import { StartError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import type { Migrator } from '../connection/migrate.ts';
import { runSql } from '../connection/run-sql.ts';
import { atOneGo } from './at-one-go.ts';
import { readForeignKeys, readTables, readTriggers } from './catalogue.ts';
import { arrangePartitions } from './partitions.ts';
import { readTally } from './row-tally.ts';
import { forKnex, quoteName, settleTexts } from './row-text.ts';
import { differs, insertRows, matchTables } from './rows-in.ts';

/**
 * Fills an empty database in one transaction. The schema comes from the migrations and not from the contents, so what
 * arrives is a database as this program makes it.
 *
 * @param migrator of the same database: another one would not take part in the transaction
 */
export function makeContentTarget(database: Database, migrator: Migrator): ContentTarget {
  return {
    fill: (contents, onRows, beforeCommit = async () => {}) =>
      atOneGo(database, 'filled', async () => {
        const report = await fill(database, migrator, contents, onRows);
        await beforeCommit();
        return report;
      }),
  };
}

async function fill(
  database: Database,
  migrator: Migrator,
  { layout, batches }: Contents,
  onRows: OnRows,
): Promise<FillReport> {
  await migrator.refuseUnknown(layout.migrations);
  await refuseFull(database);
  const version = layout.migrations.at(-1)?.number ?? 0;
  // Holds the migrations' lock until the end: a server that starts meanwhile waits, and finds everything.
  await migrator.up(version);
  await settleTexts(database);
  // The tables that the migrations have made.
  const tables = matchTables(await readTables(database), layout);
  // Foreign keys, because rows come in any order; put back, they are checked for all rows.
  const keys = await readForeignKeys(database);
  await runAll(
    database,
    keys.map(({ drop }) => drop),
  );
  await arrangePartitions(database, layout.tables);
  // Triggers, because what they would do has been done.
  const triggers = await readTriggers(database);
  await runAll(
    database,
    triggers.map(({ disable }) => disable),
  );
  // What migrations put in is among the rows that come.
  await runAll(database, [`truncate ${tables.map(({ name }) => quoteName(name)).join(', ')}`]);
  const tallies = await insertRows(database, tables, batches(), onRows);
  for (const table of tables) {
    const [given, found] = [tallies.of(table.name), await readTally(database, table)];
    if (given.rows !== found.rows || given.digest !== found.digest) throw differs(table.name);
  }
  await setSequences(database, layout);
  await runAll(database, [...keys.map(({ add }) => add), ...triggers.map(({ enable }) => enable)]);
  await migrator.up();
  // The embedded database has nobody who would do it later.
  await database.current().raw('analyze');
  return {
    tables: Object.fromEntries(tables.map(({ name }) => [name, tallies.of(name).rows])),
    leftOut: layout.tables
      .map(({ name }) => name)
      .filter((name) => !tables.some((table) => table.name === name)),
    schemaVersion: await migrator.version(),
  };
}

/** An empty list of migrations is what `migrate down --to 0` leaves. */
async function refuseFull(database: Database): Promise<void> {
  const names = (await readTables(database)).map(({ name }) => name);
  const [row] = names.includes('schema_migration')
    ? await runSql(database, 'select 1 from schema_migration limit 1', [])
    : [];
  const full = names.filter((name) => name !== 'schema_migration' || row !== undefined);
  if (full.length === 0) return;
  const shown =
    full.length > 3 ? `${full.slice(0, 3).join(', ')} and ${full.length - 3} more` : full.join(', ');
  throw new StartError(
    `The database is not empty: it has the tables ${shown}. Nothing was changed.`,
    'Give a new database. One that has a schema of Gatehouse and nothing worth keeping is emptied by: npx gatehouse migrate down --to 0',
  );
}

async function runAll(database: Database, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await database.current().raw(forKnex(statement));
}

async function setSequences(database: Database, { sequences }: Layout): Promise<void> {
  for (const [name, last] of Object.entries(sequences)) {
    await runSql(database, 'select setval(to_regclass(?), ?::bigint)', [quoteName(name), last]);
  }
}
