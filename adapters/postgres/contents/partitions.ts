import type { PartitionLayout, TableLayout } from '../../../server/backup/contents.ts';
import { StartError } from '../../../server/errors.ts';
import type { Database } from '../connection/database.ts';
import { readTables } from './catalogue.ts';
import { forKnex, quoteName } from './row-text.ts';

const value = String.raw`(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?|MINVALUE|MAXVALUE|NULL|true|false)`;
const values = String.raw`\(${value}(?:, ${value})*\)`;
/** All that PostgreSQL writes as bounds. They come from a file and go into a statement, so nothing else gets through. */
const boundsForm = new RegExp(
  String.raw`^(?:DEFAULT|FOR VALUES (?:IN ${values}|FROM ${values} TO ${values}|WITH \(modulus \d+, remainder \d+\)))$`,
);

/**
 * Gives each partitioned table, which must be empty, exactly these partitions. They are made as time goes on and not by
 * migrations alone, and rows of yesterday find no place among those of today.
 */
export async function arrangePartitions(database: Database, wanted: readonly TableLayout[]): Promise<void> {
  for (const { name, partitions: present } of await readTables(database)) {
    const given = wanted.find((table) => table.name === name)?.partitions ?? [];
    const kept = (partition: PartitionLayout, others: readonly PartitionLayout[]): boolean =>
      others.some((other) => other.name === partition.name && other.bounds === partition.bounds);
    for (const partition of present.filter((one) => !kept(one, given))) {
      await database.current().raw(forKnex(`drop table ${quoteName(partition.name)}`));
    }
    for (const partition of given.filter((one) => !kept(one, present))) {
      await database.current().raw(forKnex(createPartition(name, partition)));
    }
  }
}

function createPartition(table: string, { name, bounds }: PartitionLayout): string {
  if (!boundsForm.test(bounds)) {
    throw new StartError(
      `The partition ${name} has bounds that are not understood. Nothing was changed.`,
      'Use the version of Gatehouse that the data comes from.',
    );
  }
  return `create table ${quoteName(name)} partition of ${quoteName(table)} ${bounds}`;
}
