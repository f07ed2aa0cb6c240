import { readdir } from 'node:fs/promises';
import { StartError } from '../../../server/errors.ts';
import type { Database } from './database.ts';
import {
  type AppliedMigration,
  explainPrivilege,
  readAppliedMigrations,
  refuseForeignMigrations,
} from './schema-owner.ts';

interface Migration {
  number: number;
  name: string;
  up: string;
  down: string;
}

export interface MigrationStatus {
  /** Highest migration that the database has; 0 when it is empty. */
  current: number;
  /** Highest migration that this program brings. */
  known: number;
  migrations: { number: number; name: string; appliedAt: Date | null }[];
}

/** A key of ours for pg_advisory_xact_lock: of processes that start at once one migrates, the others wait and find nothing to do. */
const advisoryKey = 7_462_815_301;

const remedyForNewer =
  'Start the version that made this schema (or a later one), or go back with its own `gatehouse migrate down`.';

/** Numbered migrations from the folder `migrations`, each one a pair of SQL scripts. */
export function makeMigrator(database: Database, directory: URL) {
  return {
    /**
     * The version of the schema, 0 when the database is empty.
     *
     * @throws StartError when it is newer than this program knows, or not ours
     */
    async version(): Promise<number> {
      return versionOf(await readAppliedMigrations(database), await readMigrations(directory));
    },

    /**
     * Brings the schema to the newest version, or to an older one for data that was made with it; one transaction, so a
     * failure leaves the schema as it was. Returns what was applied.
     */
    async up(version = Number.POSITIVE_INFINITY): Promise<number[]> {
      const all = await readMigrations(directory);
      const newest = all.at(-1)?.number ?? 0;
      const known = all.filter(({ number }) => number <= version);
      // The usual start: nothing to do, seen without a lock.
      const before = await readAppliedMigrations(database);
      versionOf(before, all);
      const has = new Set(before.map(({ number }) => number));
      if (all.every(({ number }) => has.has(number))) return [];
      return patiently(database, async () => {
        const applied = await lockAndRead(database);
        refuseNewer(Math.max(0, ...applied.keys()), newest);
        const missing = known.filter(({ number }) => !applied.has(number));
        for (const migration of missing) {
          await database.current().raw(escapeForKnex(migration.up));
          await database
            .current()
            .raw('insert into schema_migration (number, name) values (?, ?)', [
              migration.number,
              migration.name,
            ]);
        }
        return missing.map(({ number }) => number);
      });
    },

    /** Undoes every migration above `target`, newest first. Data in the dropped tables is lost. */
    async down(target: number): Promise<number[]> {
      const known = await readMigrations(directory);
      return patiently(database, async () => {
        const applied = await lockAndRead(database);
        refuseNewer(Math.max(0, ...applied.keys()), known.at(-1)?.number ?? 0);
        const undone = known.filter(({ number }) => number > target && applied.has(number)).reverse();
        for (const migration of undone) {
          await database.current().raw(escapeForKnex(migration.down));
          await database.current().raw('delete from schema_migration where number = ?', [migration.number]);
        }
        return undone.map(({ number }) => number);
      });
    },

    refuseUnknown: (applied: readonly AppliedMigration[]) => refuseUnknown(directory, applied),

    async status(): Promise<MigrationStatus> {
      const known = await readMigrations(directory);
      const applied =
        (await readAppliedMigrations(database)).length === 0
          ? new Map<number, Date>()
          : await readApplied(database);
      return {
        current: Math.max(0, ...applied.keys()),
        known: known.at(-1)?.number ?? 0,
        migrations: known.map(({ number, name }) => ({
          number,
          name,
          appliedAt: applied.get(number) ?? null,
        })),
      };
    },
  };
}

/**
 * Tells whether this program can make the schema that these migrations have made.
 *
 * @throws StartError when it is newer, or not one of ours
 */
export async function refuseUnknown(directory: URL, applied: readonly AppliedMigration[]): Promise<void> {
  const known = await readMigrations(directory);
  const version = applied.at(-1)?.number ?? 0;
  if (version > (known.at(-1)?.number ?? 0)) {
    throw new StartError(
      `The data has schema version ${version}, this program knows up to ${known.at(-1)?.number ?? 0}. Nothing was changed.`,
      'Use the version of Gatehouse that the data comes from, or a later one.',
    );
  }
  const ours = known.filter(({ number }) => number <= version);
  if (ours.map(titleOf).join() === applied.map(titleOf).join()) return;
  throw new StartError(
    `The data was not made with the migrations of this program up to ${version}. Nothing was changed.`,
    'Use the version of Gatehouse that the data comes from; one that lacks a migration in between gets it by its `gatehouse migrate`.',
  );
}

const titleOf = ({ number, name }: AppliedMigration): string => `${number} ${name}`;

export type Migrator = ReturnType<typeof makeMigrator>;

/** In one transaction that may take its time, on this side as well; the server's own limits end in lockAndRead. */
async function patiently<T>(database: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await database.patiently(() => database.inTransaction(work));
  } catch (error) {
    throw explainPrivilege(error);
  }
}

async function readMigrations(directory: URL): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => /^\d{4}_\w+\.ts$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const { up, down } = (await import(new URL(file, directory).href)) as { up: string; down: string };
      return { number: Number(file.slice(0, 4)), name: file.slice(5, -3), up, down };
    }),
  );
}

/** @throws StartError when it is newer than the newest that is known, or not ours */
function versionOf(applied: readonly AppliedMigration[], known: readonly Migration[]): number {
  const version = applied.at(-1)?.number ?? 0;
  refuseNewer(version, known.at(-1)?.number ?? 0);
  refuseForeignMigrations(applied, known);
  return version;
}

async function lockAndRead(database: Database): Promise<Map<number, Date>> {
  // Waiting for another process that migrates, and work on large tables, may take longer than any statement of a request.
  await database
    .current()
    .raw('set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0');
  await database.current().raw('select pg_advisory_xact_lock(?)', [advisoryKey]);
  await database.current().raw(`create table if not exists schema_migration (
    number integer constraint schema_migration_pkey primary key,
    name text not null,
    applied_at timestamptz not null default now()
  )`);
  return readApplied(database);
}

async function readApplied(database: Database): Promise<Map<number, Date>> {
  const { rows } = await database
    .current()
    .raw('select number, applied_at from schema_migration order by number');
  return new Map(rows.map((row: { number: number; applied_at: Date }) => [row.number, row.applied_at]));
}

function refuseNewer(current: number, newest: number): void {
  if (current <= newest) return;
  throw new StartError(
    `The database has schema version ${current}, this program knows up to ${newest}.`,
    remedyForNewer,
  );
}

/** knex reads `?` as a place for a value, in scripts too. */
function escapeForKnex(sql: string): string {
  return sql.replaceAll('?', '\\?');
}
