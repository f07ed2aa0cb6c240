import type { Database } from '../connection/database.ts';

/**
 * How values become text and back, whatever the settings of database and role are. The database does both conversions, so
 * nothing is lost on a way through JavaScript: numbers keep their digits, times their microseconds, JSON its spelling.
 */
const settings = {
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  xmloption: 'content',
  // Reading or filling all tables takes longer than any request may.
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};

/** For the open transaction alone: the embedded database has one session for everybody. */
export async function settleTexts(database: Database): Promise<void> {
  const assignments = Object.entries(settings).map(([name, value]) => `set local ${name} = '${value}'`);
  await database.current().raw(assignments.join('; '));
}

/** The row as a JSON array of texts, an SQL expression. */
export function rowAsText(columns: readonly string[]): string {
  const texts = columns.map((column) => `${quoteName(column)}::text`);
  return `array_to_json(array[${texts.join(', ')}]::text[])::text`;
}

export interface TypedColumn {
  name: string;
  /** As `format_type` writes it. */
  type: string;
}

/** Puts rows into a table; its one value is a JSON array of rows as `rowAsText` makes them. */
export function insertFromText(table: string, columns: readonly TypedColumn[]): string {
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const values = columns.map(({ type }, index) => `texts[${index + 1}]::${type}`).join(', ');
  return `${forKnex(`insert into ${quoteName(table)} (${names}) overriding system value select ${values}`)}
    from (select array(select json_array_elements_text(line)) as texts
      from json_array_elements(?::json) as line offset 0) as given`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** knex reads `?` as a place for a value, in names too. */
export function forKnex(sql: string): string {
  return sql.replaceAll('?', '\\?');
}
