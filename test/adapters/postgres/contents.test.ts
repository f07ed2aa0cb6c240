import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../../adapters/postgres/connection/migrate.ts';
import { makeContentSource } from '../../../adapters/postgres/contents/content-source.ts';
import { makeContentTarget } from '../../../adapters/postgres/contents/content-target.ts';
import type { Contents } from '../../../server/backup/contents.ts';
import { openEmptyDatabase, openStores, type Where } from '../../contracts/stores.ts';
import { lookAt, lookAtSchema, oddMigrations, putOddRows, writeOddly } from './odd-schema.ts';

const places = ['PostgreSQL', 'embedded database'] as const;
const none = (): void => {};

type Opened = Awaited<ReturnType<typeof openEmptyDatabase>>;

async function openFilled(where: Where): Promise<Opened> {
  const opened = await openEmptyDatabase(where);
  await makeMigrator(opened.database, await oddMigrations(1)).up();
  await putOddRows(opened.database);
  return opened;
}

async function fill(database: Database, contents: Contents, version: 1 | 2 = 1) {
  return makeContentTarget(database, makeMigrator(database, await oddMigrations(version))).fill(
    contents,
    none,
  );
}

const copy = (from: Database, to: Database, version?: 1 | 2) =>
  makeContentSource(from).read((contents) => fill(to, contents, version));

describe.each(places)('everything that the %s holds', (from) => {
  let source: Opened;
  beforeAll(async () => {
    source = await openFilled(from);
    await writeOddly(source.database);
  });
  afterAll(() => source.close());

  describe.each(places)('in a new %s', (to) => {
    let target: Opened;
    beforeAll(async () => {
      target = await openEmptyDatabase(to);
    });
    afterAll(() => target.close());

    it('is the same to the last row, column and number of a sequence', async () => {
      const report = await copy(source.database, target.database);
      const [before, after] = [await lookAt(source.database), await lookAt(target.database)];
      const { somebody_elses: theirs, ...ours } = before;
      expect(theirs).toEqual(['(theirs)']);
      expect(after).toEqual(ours);
      expect(report.leftOut).toEqual(['somebody_elses']);
      expect(report).toMatchObject({
        schemaVersion: 1,
        tables: { every_type: 2502, event: 3, nothing_in_it: 0 },
      });
    });

    it('has the same rules about it, all in force', async () => {
      const theirs = (line: string) => !line.startsWith('somebody_elses');
      const [before, after] = [await lookAtSchema(source.database), await lookAtSchema(target.database)];
      expect(after).toEqual(before.filter(theirs));
      await expect(target.database.current().raw('insert into node values (9, 8)')).rejects.toThrow(
        'node_parent',
      );
      await target.database.current().raw('insert into counted values (3)');
      const { rows } = await target.database.current().raw('select total from counter');
      expect(rows).toEqual([{ total: 3 }]);
    });

    it('finds no room where something is already', async () => {
      const before = await lookAt(target.database);
      await expect(copy(source.database, target.database)).rejects.toMatchObject({
        name: 'StartError',
        message: expect.stringMatching(
          /^The database is not empty: it has the tables Odd\? "name", .* more\. Nothing was changed\.$/,
        ),
        remedy: expect.stringContaining('migrate down --to 0'),
      });
      await expect(lookAt(target.database)).resolves.toEqual(before);
    });
  });
});

describe('a database that is filled', () => {
  let source: Opened;
  let target: Opened;
  beforeAll(async () => {
    source = await openFilled('PostgreSQL');
    target = await openEmptyDatabase('PostgreSQL');
  });
  afterAll(async () => {
    await source.close();
    await target.close();
  });

  /** What the source holds, changed on the way. */
  const altered = (alter: (contents: Contents) => Contents, version?: 1 | 2) =>
    makeContentSource(source.database).read((contents) => fill(target.database, alter(contents), version));

  const withLayout =
    (change: Partial<Contents['layout']>) =>
    (contents: Contents): Contents => ({ ...contents, layout: { ...contents.layout, ...change } });

  it.each<[string, (contents: Contents) => Contents, string]>([
    [
      'is of a newer version',
      withLayout({
        migrations: [
          { number: 1, name: 'odd' },
          { number: 9, name: 'future' },
        ],
      }),
      'The data has schema version 9, this program knows up to 1.',
    ],
    [
      'is of another program',
      withLayout({ migrations: [{ number: 1, name: 'foreign' }] }),
      'The data was not made with the migrations of this program',
    ],
    [
      'lacks a table',
      (contents) =>
        withLayout({ tables: contents.layout.tables.filter(({ name }) => name !== 'seeded') })(contents),
      'The table seeded has other columns',
    ],
    [
      'lacks a column',
      (contents) =>
        withLayout({
          tables: contents.layout.tables.map((table) => ({ ...table, columns: table.columns.slice(1) })),
        })(contents),
      'has other columns',
    ],
    [
      'has a partition whose bounds are a statement',
      (contents) =>
        withLayout({
          tables: contents.layout.tables.map((table) => ({
            ...table,
            partitions: table.partitions.map((one) => ({ ...one, bounds: 'DEFAULT; drop table seeded' })),
          })),
        })(contents),
      'has bounds that are not understood',
    ],
    [
      'has a row that reads differently when it has arrived',
      (contents) => ({
        ...contents,
        async *batches() {
          yield { table: 'counter', rows: ['["07"]'] };
        },
      }),
      'The table counter did not arrive as it was sent.',
    ],
    [
      'has a row that breaks a rule',
      (contents) => ({
        ...contents,
        async *batches() {
          yield { table: 'node', rows: ['["1","2"]'] };
        },
      }),
      'The database could not be filled: 23503',
    ],
    [
      'cannot be read to its end',
      (contents) => ({
        ...contents,
        async *batches() {
          yield { table: 'node', rows: ['["1",null]'] };
          throw new Error('the disk is gone');
        },
      }),
      'the disk is gone',
    ],
  ])('keeps nothing when what comes %s', async (_why, alter, message) => {
    await expect(altered(alter)).rejects.toThrow(message);
    await expect(lookAt(target.database)).resolves.toEqual({});
  });

  it('ends with the schema of this program when the contents are older, and takes what `migrate down --to 0` leaves', async () => {
    const migrator = makeMigrator(target.database, await oddMigrations(2));
    await target.database
      .current()
      .raw(
        'create table schema_migration (number integer primary key, name text, applied_at timestamptz default now())',
      );
    const report = await copy(source.database, target.database, 2);
    expect(report.schemaVersion).toBe(2);
    await expect(migrator.status()).resolves.toMatchObject({ current: 2 });
    const { rows } = await target.database.current().raw('select * from seeded');
    expect(rows).toEqual([{ name: 'stays', later: 'later' }]);
  });
});

describe('reading', () => {
  it.each(places)('sees one moment of the %s, whatever others write meanwhile', async (where) => {
    const { database, close } = await openFilled(where);
    await database.current().raw('truncate counter, counted; insert into counter values (0)');
    let stop = false;
    let written = 0;
    // Each transaction keeps both tables equal; the trigger counts the rows of the other.
    const writer = (async () => {
      while (!stop) {
        written += 1;
        await database.current().raw('insert into counted values (?)', [written]);
      }
    })();
    for (let round = 0; round < 5; round += 1) {
      const [counted, counter] = await makeContentSource(database).read(async ({ batches }) => {
        const seen = { counted: 0, counter: '' };
        for await (const { table, rows } of batches()) {
          if (table === 'counted') seen.counted += rows.length;
          if (table === 'counter') seen.counter = rows.join();
        }
        return [seen.counted, seen.counter];
      });
      expect(counter).toBe(`["${String(counted)}"]`);
    }
    stop = true;
    await writer;
    expect(written).toBeGreaterThan(5);
    await close();
  });

  it.each(places)('forgets no table and no column of the schema of Gatehouse on the %s', async (where) => {
    const { database, close } = await openStores(where);
    const { rows } = await database.current().raw(
      `select format('%s.%s', table_name, column_name) as name from information_schema.columns
       join information_schema.tables using (table_schema, table_name)
       where table_schema = 'public' and table_type = 'BASE TABLE' and is_generated = 'NEVER'
         and not exists (select from pg_class where relname = table_name and relispartition)`,
    );
    const read = await makeContentSource(database).read(async ({ layout }) =>
      layout.tables.flatMap(({ name, columns }) => columns.map((column) => `${name}.${column}`)),
    );
    expect(rows.length).toBeGreaterThan(80);
    expect(read.toSorted()).toEqual(rows.map(({ name }: { name: string }) => name).toSorted());
    await close();
  });

  it('lets nobody empty a table before it was read', async () => {
    const { database, close } = await openFilled('PostgreSQL');
    const other = database.current();
    await makeContentSource(database).read(async () => {
      const emptied = other.raw("set lock_timeout = '100ms'; truncate event_second");
      await expect(emptied).rejects.toMatchObject({ code: 'unavailable' });
    });
    await close();
  });

  it('begins anew when it is asked to, after a reader who gave up', async () => {
    const { database, close } = await openFilled('embedded database');
    await makeContentSource(database).read(async ({ batches }) => {
      for await (const { table } of batches()) if (table === 'every_type') break;
      let rows = 0;
      for await (const batch of batches()) rows += batch.table === 'every_type' ? batch.rows.length : 0;
      expect(rows).toBe(2502);
    });
    await close();
  });

  it('refuses a database that is not one of Gatehouse', async () => {
    const { database, close } = await openEmptyDatabase('PostgreSQL');
    await expect(makeContentSource(database).read(async () => {})).rejects.toMatchObject({
      name: 'StartError',
      message: 'There is nothing to read: the database has no schema of Gatehouse.',
    });
    await close();
  });
});
