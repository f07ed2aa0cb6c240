import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../../server/errors.ts';

export interface DataDirectoryLock {
  release(): void;
}

const lockFile = 'lock.sqlite';
const holderFile = 'lock-holder.json';

/**
 * Makes the data directory (mode 0700) and holds it for this process alone. Node has no flock, but SQLite has one: an
 * exclusive transaction excludes every other process and the kernel ends it with the process, also after kill -9.
 *
 * @throws StartError exit 1 when another process holds it, or when the directory cannot be used; nothing is written then.
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  makeDirectory(directory);
  const database = openLockFile(directory);
  try {
    database.exec('pragma busy_timeout = 0; begin exclusive');
  } catch (cause) {
    database.close();
    throw new StartError(
      `The data directory ${directory} is in use${describeHolder(directory)}.`,
      'Stop that process first, or give this one another GATEHOUSE_DATA_DIR. Two servers on one directory would destroy its data.',
      1,
      cause,
    );
  }
  writeFileSync(
    join(directory, holderFile),
    JSON.stringify({ pid: process.pid, since: new Date().toISOString() }),
    {
      mode: 0o600,
    },
  );
  return {
    release() {
      rmSync(join(directory, holderFile), { force: true });
      database.close();
    },
  };
}

/** Whether some living process holds the directory; false also when there is no directory at all. */
export function isLocked(directory: string): boolean {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(join(directory, lockFile), { readOnly: false, timeout: 0 });
  } catch {
    return false;
  }
  try {
    database.exec('begin exclusive; rollback');
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
  } catch (cause) {
    throw unusable(directory, cause);
  }
}

function openLockFile(directory: string): DatabaseSync {
  try {
    const database = new DatabaseSync(join(directory, lockFile), { timeout: 0 });
    chmodSync(join(directory, lockFile), 0o600);
    return database;
  } catch (cause) {
    throw unusable(directory, cause);
  }
}

function unusable(directory: string, cause: unknown): StartError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StartError(
    `The data directory ${directory} cannot be written: ${why}`,
    'Make it writable for this user, or give another one in GATEHOUSE_DATA_DIR.',
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
