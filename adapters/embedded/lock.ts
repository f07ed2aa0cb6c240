import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../../server/errors.ts';

export interface DataDirectoryLock {
  release(): void;
}

const lockFile = 'lock.sqlite';
const holderFile = 'lock-holder.json';
/** What shows that a directory is one of ours; `lost+found` is what a fresh volume brings. */
const ours = new Set([lockFile, 'secrets.json', 'database']);
const strangeButHarmless = new Set(['lost+found']);
/** Milliseconds that a look at the lock by somebody else is waited for; a holder keeps it for as long as it lives. */
const lookTime = 250;

/**
 * Makes the data directory (mode 0700) and holds it for this process alone. Node has no flock, but SQLite has one: an
 * exclusive transaction excludes every other process and the kernel ends it with the process, also after kill -9.
 * Files that this process makes from here on are its own user's alone, those of the database thread included.
 *
 * @throws StartError exit 1 when another process holds it, or when the directory cannot be used; nothing is written then.
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  makeDataDirectory(directory);
  const database = openLockFile(directory);
  try {
    database.exec('begin exclusive');
  } catch (cause) {
    database.close();
    throw isBusy(cause) ? held(directory, cause) : unusable(directory, cause);
  }
  const release = (): void => {
    rmSync(join(directory, holderFile), { force: true });
    database.close();
  };
  try {
    const holder = JSON.stringify({ pid: process.pid, since: new Date().toISOString() });
    writeFileSync(join(directory, holderFile), holder, { mode: 0o600 });
  } catch (cause) {
    release();
    throw unusable(directory, cause);
  }
  return { release };
}

/** Whether some living process holds the directory; false also when there is no directory at all. Writes nothing. */
export function isLocked(directory: string): boolean {
  if (!existsSync(join(directory, lockFile))) return false;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(directory, lockFile), { readOnly: true, timeout: 0 });
    database.exec('select 1 from sqlite_schema');
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    database?.close();
  }
}

/**
 * Tells who holds the directory before anything else is tried, such as listening on a port that the holder has as well.
 *
 * @throws StartError as lockDataDirectory
 */
export function refuseLocked(directory: string): void {
  if (isLocked(directory)) throw held(directory);
}

/**
 * Makes the directory, readable by this user only. One that is there already and holds files of others is left as it is:
 * a slip such as `/tmp` must not cost them their access.
 *
 * @throws StartError when it cannot be made, or when others may write into it
 */
export function makeDataDirectory(directory: string): void {
  process.umask(0o077);
  let foreign: boolean;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const names = readdirSync(directory).filter((name) => !strangeButHarmless.has(name));
    foreign = names.length > 0 && !names.some((name) => ours.has(name));
    if (!foreign) chmodSync(directory, 0o700);
  } catch (cause) {
    throw unusable(directory, cause);
  }
  if (foreign && (statSync(directory).mode & 0o022) !== 0) {
    throw new StartError(
      `The data directory ${directory} holds files of something else, and other users may write into it.`,
      'Give an empty or new directory in GATEHOUSE_DATA_DIR.',
    );
  }
}

/** The directory cannot be used, for a reason that the system gives. */
export function unusable(directory: string, cause: unknown): StartError {
  return new StartError(
    `The data directory ${directory} cannot be written: ${reasonOf(cause)}`,
    'Make it writable for this user, or give another one in GATEHOUSE_DATA_DIR.',
    1,
    cause,
  );
}

function openLockFile(directory: string): DatabaseSync {
  try {
    const database = new DatabaseSync(join(directory, lockFile), { timeout: lookTime });
    chmodSync(join(directory, lockFile), 0o600);
    return database;
  } catch (cause) {
    throw unusable(directory, cause);
  }
}

/** SQLITE_BUSY, by which SQLite says that somebody else has the lock. */
function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === 5;
}

/** The system's words; its errors need not be of the same realm as ours. */
function reasonOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'message' in cause
    ? String(cause.message)
    : String(cause);
}

function held(directory: string, cause?: unknown): StartError {
  return new StartError(
    `The data directory ${directory} is in use${describeHolder(directory)}.`,
    'Stop that process first, or give this one another GATEHOUSE_DATA_DIR. Two servers on one directory would destroy its data.',
    1,
    cause,
  );
}

function describeHolder(directory: string): string {
  try {
    const holder: unknown = JSON.parse(readFileSync(join(directory, holderFile), 'utf8'));
    if (typeof holder === 'object' && holder !== null && 'pid' in holder && 'since' in holder) {
      return ` by process ${String(holder.pid)} since ${String(holder.since)}`;
    }
  } catch {
    // The holder is just starting or ending; the lock itself has decided.
  }
  return ' by another process';
}
