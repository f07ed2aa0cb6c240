import type { Contents, OnRows } from '../../../server/backup/contents.ts';
import type { PortableTarget } from '../../../server/backup/import-all.ts';
import { StartError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import type { Migrator } from '../connection/migrate.ts';
import { runSql } from '../connection/run-sql.ts';
import { atOneGo } from './at-one-go.ts';
import { type CatalogueTable, readTables } from './catalogue.ts';
import { readTally, type Tally } from './row-tally.ts';
import { forKnex, quoteName, settleTexts } from './row-text.ts';
import { differs, insertRows, matchTables } from './rows-in.ts';

/**
 * Puts people and clients beside what a server has made for itself: into a database that has no schema yet, or into one of
 * the same schema in which there is nobody.
 *
 * @param wanted the portable tables
 */
export function makePortableTarget(
  database: Database,
  migrator: Migrator,
  wanted: readonly string[],
): PortableTarget {
  return {
    add: (contents, onRows, beforeCommit) =>
      atOneGo(database, 'filled', async () => {
        const counts = await add(database, migrator, wanted, contents, onRows);
        await beforeCommit();
        return counts;
      }),
  };
}

async function add(
  database: Database,
  migrator: Migrator,
  wanted: readonly string[],
  { layout, batches }: Contents,
  onRows: OnRows,
): Promise<Record<string, number>> {
  await migrator.refuseUnknown(layout.migrations);
  const version = layout.migrations.at(-1)?.number ?? 0;
  const present = await migrator.version();
  if (present === 0) await migrator.up(version);
  else if (present !== version) throw otherSchema(version, present);
  await refusePeople(database);
  await settleTexts(database);
  const known = (await readTables(database)).filter(({ name }) => wanted.includes(name));
  const there = known.filter(({ name }) => layout.tables.some((table) => table.name === name));
  const tables = matchTables(there, layout);
  const before = new Map<string, Tally>();
  for (const table of tables) before.set(table.name, await readTally(database, table));
  const tallies = await insertRows(database, tables, batches(), onRows);
  for (const table of tables) {
    const [given, found] = [tallies.of(table.name), await readTally(database, table)];
    const { rows, digest } = before.get(table.name) ?? { rows: 0, digest: 0n };
    const isSame =
      found.rows === rows + given.rows && found.digest === BigInt.asUintN(64, digest + given.digest);
    if (!isSame) throw differs(table.name);
  }
  await raiseSequences(database, tables);
  await migrator.up();
  // Hashes of other systems may have come along; see foreign-passwords.ts.
  await runSql(
    database,
    `update change_mark set mark = gen_random_uuid() where topic = 'foreign_password'`,
    [],
  );
  return Object.fromEntries(tables.map(({ name }) => [name, tallies.of(name).rows]));
}

/** Numbers that were given out there are not given out again here. */
async function raiseSequences(database: Database, tables: readonly CatalogueTable[]): Promise<void> {
  for (const { name, columns } of tables) {
    const numbers = columns.filter(({ type }) => ['smallint', 'integer', 'bigint'].includes(type));
    for (const { name: column } of numbers)
      await runSql(
        database,
        `select setval(sequence, greatest((select max(${forKnex(quoteName(column))}) from ${forKnex(quoteName(name))}), 1))
         from (select pg_get_serial_sequence(?, ?) as sequence) found where sequence is not null`,
        [quoteName(name), column],
      );
  }
}

/** Whoever signs up meanwhile waits. */
async function refusePeople(database: Database): Promise<void> {
  await database.current().raw('lock table account, client in share row exclusive mode');
  const [row] = await runSql<{ accounts: string; clients: string }>(
    database,
    'select (select count(*) from account) as accounts, (select count(*) from client where not built_in) as clients',
    [],
  );
  if (row?.accounts === '0' && row.clients === '0') return;
  throw new StartError(
    `This server is not empty: it has ${row?.accounts} users and ${row?.clients} clients of its own. Nothing was changed.`,
    'Give a new database or data directory; the first administrator comes with the export. GATEHOUSE_BOOTSTRAP_* make users and clients, so set them afterwards.',
  );
}

function otherSchema(version: number, present: number): StartError {
  return new StartError(
    `The export has schema version ${version}, this database ${present}. Nothing was changed.`,
    'Give a new, empty database or data directory: it gets the schema of the export first and is then brought to the newest.',
  );
}
