import type { Layout, PartitionLayout } from '../../../server/backup/contents.ts';
import { StartError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { quoteName, type TypedColumn } from './row-text.ts';

export interface CatalogueTable {
  name: string;
  /** Without those that the database computes itself. */
  columns: TypedColumn[];
  partitions: PartitionLayout[];
  /** What its rows are read from: the table with its partitions, but without tables that inherit from it. */
  from: string;
}

/**
 * Every table of the schema as PostgreSQL itself lists them, so that one which a later migration adds is not forgotten.
 * What belongs to an extension comes with that extension.
 */
export async function readTables(database: Database): Promise<CatalogueTable[]> {
  const rows = await runSql<Omit<CatalogueTable, 'from'> & { partitioned: boolean }>(
    database,
    `select c.relname::text as name, c.relkind = 'p' as partitioned,
       coalesce((select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum)
         from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''), '[]') as columns,
       coalesce((select json_agg(json_build_object('name', p.relname, 'bounds', pg_get_expr(p.relpartbound, p.oid))
           order by p.relname)
         from pg_inherits join pg_class p on p.oid = inhrelid where inhparent = c.oid and p.relispartition), '[]') as partitions
     from pg_class c
     where ${isOurs} and c.relkind in ('r', 'p') and not c.relispartition
     order by c.relname`,
    [],
  );
  return rows.map(({ name, partitioned, columns, partitions }) => ({
    name,
    columns,
    partitions,
    from: partitioned ? quoteName(name) : `only ${quoteName(name)}`,
  }));
}

/** Relations of the schema in which Gatehouse lives that belong to no extension. */
const isOurs = `c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
  and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')`;

/**
 * @throws StartError when there is no schema of Gatehouse
 */
export async function readLayout(database: Database, tables: readonly CatalogueTable[]): Promise<Layout> {
  const migrations = tables.some(({ name }) => name === 'schema_migration')
    ? await runSql<{ number: number; name: string }>(
        database,
        'select number, name from schema_migration order by number',
        [],
      )
    : [];
  if (migrations.length === 0) {
    throw new StartError(
      'There is nothing to read: the database has no schema of Gatehouse.',
      'Check GATEHOUSE_DATA_DIR and GATEHOUSE_DATABASE_URL.',
    );
  }
  return {
    migrations,
    tables: tables.map(({ name, columns, partitions }) => ({
      name,
      columns: columns.map((column) => column.name),
      partitions,
    })),
    sequences: await readSequences(database),
  };
}

/** Sequences are outside of transactions: on a running server the numbers may be ahead of the rows, never behind. */
async function readSequences(database: Database): Promise<Record<string, string>> {
  const rows = await runSql<{ name: string; last: string }>(
    database,
    `select sequencename::text as name, last_value::text as last from pg_sequences
     where schemaname = current_schema() and last_value is not null order by sequencename`,
    [],
  );
  return Object.fromEntries(rows.map(({ name, last }) => [name, last]));
}

export interface ForeignKey {
  drop: string;
  add: string;
}

/** The foreign keys of these tables as statements; those of partitions follow from their table's. */
export async function readForeignKeys(database: Database): Promise<ForeignKey[]> {
  const rows = await runSql<{ table: string; name: string; definition: string }>(
    database,
    `select c.relname::text as table, k.conname::text as name, pg_get_constraintdef(k.oid) as definition
     from pg_constraint k join pg_class c on c.oid = k.conrelid
     where ${isOurs} and k.contype = 'f' and k.conparentid = 0 order by 1, 2`,
    [],
  );
  return rows.map(({ table, name, definition }) => ({
    drop: `alter table ${quoteName(table)} drop constraint ${quoteName(name)}`,
    add: `alter table ${quoteName(table)} add constraint ${quoteName(name)} ${definition}`,
  }));
}

export interface Trigger {
  disable: string;
  enable: string;
}

/** The triggers that fire, as statements. */
export async function readTriggers(database: Database): Promise<Trigger[]> {
  const rows = await runSql<{ table: string; name: string }>(
    database,
    `select c.relname::text as table, t.tgname::text as name
     from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where ${isOurs} and not t.tgisinternal and t.tgenabled = 'O' order by 1, 2`,
    [],
  );
  return rows.map(({ table, name }) => ({
    disable: `alter table ${quoteName(table)} disable trigger ${quoteName(name)}`,
    enable: `alter table ${quoteName(table)} enable trigger ${quoteName(name)}`,
  }));
}
