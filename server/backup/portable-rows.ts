import type { RowBatch, TableLayout } from './contents.ts';
import { type PortableTable, portableTables } from './portable-tables.ts';

/** Keeps what is read back later; the context says for what. */
export interface Sealer {
  seal(plaintext: Buffer, context: string): string;
  /** @throws when it was sealed under a key that is not there, or for another context */
  open(text: string, context: string): Buffer;
}

type Texts = (string | null)[];

export interface Row {
  table: string;
  texts: Texts;
  /** The text of a column, '' where it has none. */
  of(column: string): string;
  set(column: string, text: string): void;
}

/** Passes rows through `change`, which may change them and says whether they stay. */
export async function* changeRows(
  batches: AsyncIterable<RowBatch>,
  tables: readonly TableLayout[],
  change: (row: Row) => boolean,
): AsyncGenerator<RowBatch> {
  const columnsOf = new Map(tables.map(({ name, columns }) => [name, columns]));
  for await (const { table, rows } of batches) {
    const columns = columnsOf.get(table) ?? [];
    const kept = rows.flatMap((line) => {
      const row = rowOf(table, JSON.parse(line) as Texts, columns);
      return change(row) ? [JSON.stringify(row.texts)] : [];
    });
    if (kept.length > 0) yield { table, rows: kept };
  }
}

function rowOf(table: string, texts: Texts, columns: readonly string[]): Row {
  return {
    table,
    texts,
    of: (column) => texts[columns.indexOf(column)] ?? '',
    set(column, text) {
      const index = columns.indexOf(column);
      if (index !== -1) texts[index] = text;
    },
  };
}

/** Whether a row goes along: not if the server has made it for itself, nor if it belongs to such a client. */
export function makeIsPortable(): (row: Row) => boolean {
  const builtIn = new Set<string>();
  return (row) => {
    if (row.of('built_in') === 'true') {
      if (row.table === 'client') builtIn.add(row.of('id'));
      return false;
    }
    return !builtIn.has(row.of('client_id'));
  };
}

/** Values that the exporting server has sealed, open (in base64); or such values sealed by the importing one. */
export function changeSealed(
  row: Row,
  direction: 'open' | 'seal',
  sealer: Sealer,
  tables = portableTables,
): void {
  for (const { column, context } of sealedOf(row.table, tables)) {
    const text = row.of(column);
    if (text === '') continue;
    const purpose = context((name) => row.of(name));
    row.set(
      column,
      direction === 'open'
        ? sealer.open(text, purpose).toString('base64')
        : sealer.seal(Buffer.from(text, 'base64'), purpose),
    );
  }
}

const sealedOf = (table: string, tables: readonly PortableTable[]) =>
  tables.find(({ name }) => name === table)?.sealed ?? [];
