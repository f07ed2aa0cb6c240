import { StartError } from '../../../server/errors.ts';
import type { Database } from './database.ts';
import { sqlStateOf } from './failures.ts';

/** A migration that the database says it has had. */
export interface AppliedMigration {
  number: number;
  name: string;
}

const emptyRemedy =
  'Name an empty database in GATEHOUSE_DATABASE_URL, or give its user a schema of its own (create schema gatehouse authorization gatehouse; alter role gatehouse set search_path = gatehouse).';

/** Undefined column: a table of that name which is somebody else's. */
const undefinedColumn = '42703';
/** May not make anything there (42501), or there is nowhere to make it (3F000). */
const noPlace = ['42501', '3F000'];

/**
 * The migrations that this database has had, in order; none when it is empty.
 *
 * @throws StartError when it holds something that is not ours
 */
export async function readAppliedMigrations(database: Database): Promise<AppliedMigration[]> {
  // One statement, so that it is not torn between "no migrations" and the tables of a process that has just made them.
  const { rows } = await database.current().raw(`
    select to_regclass('schema_migration') is not null as ours, (
      select coalesce(json_agg(relname order by relname), '[]') from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'f') and not exists (
        select 1 from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
    ) as tables`);
  const { ours, tables }: { ours: boolean; tables: string[] } = rows[0];
  if (ours) return readList(database);
  if (tables.length > 0) throw foreign(`tables that are not Gatehouse's: ${shorten(tables)}`);
  return [];
}

/**
 * Refuses a database whose migrations have other names than ours.
 *
 * @param known those that this program brings
 * @throws StartError
 */
export function refuseForeignMigrations(
  applied: readonly AppliedMigration[],
  known: readonly AppliedMigration[],
): void {
  const names = new Map(known.map(({ number, name }) => [number, name]));
  const other = applied.find(({ number, name }) => (names.get(number) ?? name) !== name);
  if (other !== undefined)
    throw foreign(`a schema that is not Gatehouse's: its migration ${other.number} is ${other.name}`);
}

/** What the database says when its user may not make tables, as something to be done about it. */
export function explainPrivilege(error: unknown): unknown {
  if (!noPlace.includes(sqlStateOf(error) ?? '')) return error;
  return new StartError(
    'The user of the database may not make or change tables in it. Nothing was changed.',
    'Let the user own the database (alter database gatehouse owner to gatehouse), or the schema that it works in.',
    1,
    error,
  );
}

async function readList(database: Database): Promise<AppliedMigration[]> {
  try {
    const { rows } = await database
      .current()
      .raw('select number, name from schema_migration order by number');
    return rows;
  } catch (error) {
    if (sqlStateOf(error) !== undefinedColumn) throw error;
    throw foreign("a table schema_migration that is not Gatehouse's");
  }
}

function foreign(what: string): StartError {
  return new StartError(`The database holds ${what}. Nothing was changed.`, emptyRemedy);
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
