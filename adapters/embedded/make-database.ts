import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./create-database.ts', import.meta.url));
/** A folder of its own for each attempt: one that was killed may have left a child behind that is still writing. */
export const draftPrefix = 'database.new-';

/** Where the database of a data directory is, or will be. */
export const databaseIn = (dataDirectory: string): string => join(dataDirectory, 'database');

/**
 * Makes the database of a data directory if there is none; call it under the lock. It gets its name when it is complete: a
 * kill meanwhile leaves none, not half of one, which would never open.
 *
 * @returns its directory (mode 0700, files 0600)
 */
export async function makeDatabase(dataDirectory: string): Promise<string> {
  const finished = databaseIn(dataDirectory);
  if (existsSync(finished)) return finished;
  for (const name of readdirSync(dataDirectory)) {
    if (name.startsWith(draftPrefix)) rmSync(join(dataDirectory, name), { recursive: true, force: true });
  }
  const draft = mkdtempSync(join(dataDirectory, draftPrefix));
  await create(draft);
  makePrivate(draft);
  renameSync(draft, finished);
  return finished;
}

function create(directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, directory], (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(stderr.trim().split('\n')[0] || 'it could not be made', { cause: error }));
    });
  });
}

/** The files come with modes of their own, whatever the umask of this process. */
function makePrivate(directory: string): void {
  chmodSync(directory, 0o700);
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
  }
}
