import type { AttributeDefinition } from '../../../server/accounts/attributes/definition.ts';
import type { AttributeStore, StoredAttribute } from '../../../server/accounts/attributes/store.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { attemptWrite } from './constraints.ts';

interface AttributeRow {
  definition: AttributeDefinition;
  created_at: Date;
  updated_at: Date;
  version: number;
}

const columns = 'definition, created_at, updated_at, version';

/** `most` is how many there may be; `onChanged` is told when one has been written, so that this process knows at once. */
export function makeAttributeStore(
  database: Database,
  { most: mostDefinitions, onChanged }: { most: number; onChanged(): void },
) {
  return {
    async list() {
      const rows = await runSql<AttributeRow>(
        database,
        `select ${columns} from user_attribute where deleted_at is null order by created_at, name`,
        [],
      );
      return rows.map(toAttribute);
    },

    async find(name) {
      const [row] = await runSql<AttributeRow>(
        database,
        `select ${columns} from user_attribute where name = ? and deleted_at is null`,
        [name],
      );
      return row && toAttribute(row);
    },

    insert: ({ definition, createdAt, updatedAt, version }) =>
      attemptWrite(database, ['name_taken', 'claim_taken'], async (db) => {
        const { rows } = await db.raw<{ rows: unknown[] }>(
          `insert into user_attribute (name, claim, definition, created_at, updated_at, version)
           select ?, ?, ?, ?::timestamptz, ?::timestamptz, ?::integer where (select count(*) from user_attribute) < ?
           returning 1`,
          [
            ...[definition.name, definition.claim?.name ?? null, JSON.stringify(definition)],
            ...[createdAt, updatedAt, version, mostDefinitions],
          ],
        );
        onChanged();
        return { kind: rows.length === 1 ? 'written' : 'too_many' } as const;
      }),

    update: ({ definition, updatedAt }, expectedVersion) =>
      attemptWrite(database, ['claim_taken'], async (db) => {
        const { rows } = await db.raw<{ rows: { written: boolean; present: boolean }[] }>(
          `with present as (
             select name from user_attribute where name = ? and deleted_at is null
           ), written as (
             update user_attribute set claim = ?, definition = ?, updated_at = ?, version = version + 1
             where name = ? and version = ? and deleted_at is null
             returning name
           )
           select exists (select from written) as written, exists (select from present) as present`,
          [
            ...[definition.name, definition.claim?.name ?? null, JSON.stringify(definition), updatedAt],
            ...[definition.name, expectedVersion],
          ],
        );
        onChanged();
        if (rows[0]?.written) return { kind: 'written' } as const;
        return { kind: rows[0]?.present ? 'stale' : 'missing' } as const;
      }),

    async remove(name, expectedVersion, now) {
      const rows = await runSql(
        database,
        `update user_attribute set deleted_at = ?, claim = null
         where name = ? and version = ? and deleted_at is null returning 1`,
        [now, name, expectedVersion],
      );
      onChanged();
      return rows.length === 1;
    },

    /**
     * Removes values of definitions that were deleted a minute ago or earlier, when no process writes any more, and a
     * definition when there is none left. Returns how many values.
     */
    async removeValues(now: Date, most: number): Promise<number> {
      const deleted = await runSql<{ name: string }>(
        database,
        `select name from user_attribute where deleted_at < ?::timestamptz - interval '1 minute' order by name limit 1`,
        [now],
      );
      const name = deleted[0]?.name;
      if (name === undefined) return 0;
      // The version stays: to everybody the account is what it was.
      const removed = await runSql(
        database,
        `update account set profile = profile #- array['attributes', ?::text] where id = any (array(
           select id from account where profile \\? 'attributes' and profile -> 'attributes' \\? ?::text limit ? for update skip locked
         )) returning 1`,
        [name, name, most],
      );
      if (removed.length === 0)
        await runSql(
          database,
          `delete from user_attribute where name = ? and deleted_at is not null and not exists (
             select from account where profile \\? 'attributes' and profile -> 'attributes' \\? ?::text
           )`,
          [name, name],
        );
      return removed.length;
    },
  } satisfies AttributeStore & Record<string, unknown>;
}

const toAttribute = ({ definition, created_at, updated_at, version }: AttributeRow): StoredAttribute => ({
  definition,
  createdAt: created_at,
  updatedAt: updated_at,
  version,
});
