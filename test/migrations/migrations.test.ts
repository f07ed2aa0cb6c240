import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Database, openDatabase } from '../../adapters/postgres/connection/database.ts';
import { type Migrator, makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import { openStores, type Stores } from '../contracts/stores.ts';
import { startKept } from '../support/kept-process.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const ours = new URL('../../migrations/', import.meta.url);

describe.each(['PostgreSQL', 'embedded database'] as const)('migrations on %s', (where) => {
  let stores: Stores;
  let migrator: Migrator;
  beforeAll(async () => {
    stores = await openStores(where);
    migrator = makeMigrator(stores.database, ours);
  });
  afterAll(() => stores.close());

  it('leave nothing when they are undone, and make the same schema again', async () => {
    const before = await readSchema(stores.database);
    const { known, migrations } = await migrator.status();
    const undone = await migrator.down(0);
    expect(undone).toEqual(numbersOf(migrations).toReversed());
    expect(Object.keys(await readSchema(stores.database))).toEqual(['schema_migration']);
    await expect(migrator.status()).resolves.toMatchObject({ current: 0, known });
    await expect(migrator.up()).resolves.toEqual(undone.toReversed());
    await expect(readSchema(stores.database)).resolves.toEqual(before);
  });

  it('can each be undone alone', async () => {
    const numbers = numbersOf((await migrator.status()).migrations);
    const schemas = new Map<number, Awaited<ReturnType<typeof readSchema>>>();
    for (const number of numbers.toReversed()) {
      schemas.set(number, await readSchema(stores.database));
      await expect(migrator.down(number - 1)).resolves.toEqual([number]);
    }
    for (const number of numbers) {
      await expect(migrator.up(number)).resolves.toEqual([number]);
      await expect(readSchema(stores.database)).resolves.toEqual(schemas.get(number));
    }
  });

  it('do nothing when there is nothing to do', async () => {
    await expect(migrator.up()).resolves.toEqual([]);
    const { current, known, migrations } = await migrator.status();
    expect(current).toBe(known);
    for (const { appliedAt } of migrations) expect(appliedAt).toBeInstanceOf(Date);
  });

  it('name what they make: no constraint has a name of PostgreSQL’s making', async () => {
    const { rows } = await stores.database.current().raw(`select conname, relname from pg_constraint
      join pg_class on pg_class.oid = conrelid where connamespace = 'public'::regnamespace and contype <> 'n'`);
    const named = rows.map((row: { conname: string; relname: string }) => [row.relname, row.conname]);
    for (const [table, constraint] of named) expect(constraint).toMatch(new RegExp(`^${table}_[a-z_]+$`));
    for (const [, constraint] of named) expect(constraint).not.toMatch(/_(key|fkey|check)\d*$/);
  });
});

describe('the migrator', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    testDatabase = await createDatabase();
    database = openDatabase({
      where: { kind: 'url', url: testDatabase.url },
      poolMax: 4,
      acquireTimeout: 20_000,
      connectTimeout: 10_000,
      statementTimeout: 300,
    });
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  it('leaves nothing of migrations of which one fails', async () => {
    const directory = await makeMigrations({
      '0001_good': ['create table good (id integer)', 'drop table good'],
      '0002_bad': ['create table half (id integer); create table half (id integer)', 'drop table half'],
    });
    await expect(makeMigrator(database, directory).up()).rejects.toThrow('already exists');
    await expect(readSchema(database)).resolves.toEqual({});
    await expect(makeMigrator(database, directory).status()).resolves.toMatchObject({ current: 0, known: 2 });
  });

  it('gives migrations, and those who wait for them, more time than a statement of a request has', async () => {
    const directory = await makeMigrations({
      '0001_slow': ["select pg_sleep(1); create table slow (question text default '?')", 'drop table slow'],
    });
    const applied = await Promise.all([1, 2, 3].map(() => makeMigrator(database, directory).up()));
    expect(applied.flat()).toEqual([1]);
    await makeMigrator(database, directory).down(0);
  });

  it('lets no request have that time afterwards', async () => {
    const slow = database.current().raw('select pg_sleep(1)');
    await expect(slow).rejects.toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('statement timeout'),
    });
  });

  it('applies what is missing between others', async () => {
    const gap = { '0001_one': ['create table one ()', 'drop table one'] as const };
    const three = { '0003_three': ['create table three ()', 'drop table three'] as const };
    await makeMigrator(database, await makeMigrations({ ...gap, ...three })).up();
    const two = { '0002_two': ['create table two ()', 'drop table two'] as const };
    const filled = await makeMigrations({ ...gap, ...two, ...three });
    await expect(makeMigrator(database, filled).up()).resolves.toEqual([2]);
    await expect(makeMigrator(database, filled).down(1)).resolves.toEqual([3, 2]);
    await makeMigrator(database, await makeMigrations({ ...gap, ...three })).up();
    const all = await makeMigrations({
      ...gap,
      ...two,
      ...three,
      '0004_four': ['create table four ()', 'drop table four'],
    });
    await expect(makeMigrator(database, all).up()).resolves.toEqual([2, 4]);
    await expect(makeMigrator(database, all).down(0)).resolves.toEqual([4, 3, 2, 1]);
  });

  it('refuses a schema that is newer than it knows, and says what to do', async () => {
    const newer = await makeMigrations({
      '0001_one': ['create table one ()', 'drop table one'],
      '0002_two': ['create table two ()', 'drop table two'],
    });
    await makeMigrator(database, newer).up();
    const older = makeMigrator(
      database,
      await makeMigrations({ '0001_one': ['create table one ()', 'drop table one'] }),
    );
    const refusal = {
      name: 'StartError',
      message: 'The database has schema version 2, this program knows up to 1.',
      remedy: expect.stringContaining('gatehouse migrate down'),
    };
    await expect(older.up()).rejects.toMatchObject(refusal);
    await expect(older.down(0)).rejects.toMatchObject(refusal);
    await makeMigrator(database, newer).down(0);
  });
});

describe('ten processes at once', () => {
  it('apply each migration once, and all go on', async () => {
    const { url, superuserUrl, drop } = await createDatabase();
    const program = fileURLToPath(new URL('./migrate-once.ts', import.meta.url));
    const processes = Array.from({ length: 10 }, () => startKept(process.execPath, [program, url]));
    const codes = await Promise.all(processes.map(({ ended }) => ended));
    expect(codes).toEqual(Array.from({ length: 10 }, () => 0));
    const applied = processes.map(({ stdout }): number[] => JSON.parse(stdout()));
    const database = openDatabase({
      where: { kind: 'url', url: superuserUrl },
      poolMax: 1,
      acquireTimeout: 5000,
      connectTimeout: 5000,
      statementTimeout: 5000,
    });
    const { migrations } = await makeMigrator(database, ours).status();
    expect(applied.flat()).toEqual(numbersOf(migrations));
    await database.close();
    await drop();
  });
});

const numbersOf = (migrations: readonly { number: number }[]): number[] =>
  migrations.map(({ number }) => number);

/** A folder of migrations, each given by its two scripts. */
async function makeMigrations(scripts: Record<string, readonly [up: string, down: string]>): Promise<URL> {
  const { path } = await makeTempDir('migrations');
  for (const [name, [up, down]] of Object.entries(scripts)) {
    const text = `export const up = ${JSON.stringify(up)};\nexport const down = ${JSON.stringify(down)};\n`;
    await writeFile(join(path, `${name}.ts`), text);
  }
  return pathToFileURL(`${path}/`);
}

/** Every table with its columns, constraints and indexes. */
async function readSchema(database: Database): Promise<Record<string, unknown[]>> {
  const { rows } = await database.current().raw(`
    select table_name as "table", json_build_object('column', column_name, 'type', data_type, 'null', is_nullable,
      'default', column_default, 'identity', identity_generation, 'collation', collation_name) as fact
    from information_schema.columns where table_schema = 'public'
    union all
    select conrelid::regclass::text, json_build_object('constraint', conname, 'as', pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select tablename, json_build_object('index', indexdef) from pg_indexes where schemaname = 'public'
    order by 1`);
  const facts = rows.map((row: { table: string; fact: unknown }): [string, string] => [
    row.table,
    JSON.stringify(row.fact),
  ]);
  const tables = Map.groupBy(facts, ([table]: [string, string]) => table);
  return Object.fromEntries(
    [...tables].map(([table, of]) => [table, of.map(([, fact]: [string, string]) => fact).sort()]),
  );
}
