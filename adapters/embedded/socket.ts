import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { StartError } from '../../server/errors.ts';
import { unusable } from './lock.ts';

/** The name that every PostgreSQL client looks for in the directory that it is given as host. */
const socketName = '.s.PGSQL.5432';
/** File in the data directory that names the socket's directory when it is not the data directory itself. */
const pointerFile = 'socket-directory';
/** How the folders begin that are made elsewhere; nothing else is ever removed there. */
const folderPrefix = 'gatehouse-';
/** `sun_path` holds 108 bytes on Linux and 104 on BSD and macOS, the closing NUL included. */
const longestPath = 103;

export interface SocketPlace {
  directory: string;
  path: string;
  /** Removes what was made outside the data directory. */
  forget(): void;
}

/**
 * Chooses where the socket goes: the data directory, or a 0700 folder under the temporary directory if that path is too
 * long. Call it under the lock of the data directory: it removes what a killed process has left behind.
 *
 * @throws StartError when there is no place with a path that is short enough, or it cannot be written
 */
export function placeSocket(dataDirectory: string): SocketPlace {
  const near = join(resolve(dataDirectory), socketName);
  try {
    removeLeftOver(dataDirectory);
    rmSync(near, { force: true });
    if (isShort(near)) {
      return { directory: resolve(dataDirectory), path: near, forget: () => rmSync(near, { force: true }) };
    }
    return placeElsewhere(dataDirectory);
  } catch (cause) {
    throw cause instanceof StartError ? cause : unusable(dataDirectory, cause);
  }
}

/** Where the running server of this data directory has its socket. */
export function findSocketDirectory(dataDirectory: string): string {
  return readPointer(dataDirectory) ?? resolve(dataDirectory);
}

function placeElsewhere(dataDirectory: string): SocketPlace {
  // Some systems have a long TMPDIR of their own for each user.
  const parent = [tmpdir(), '/tmp'].find(
    (candidate) => isShort(join(candidate, `${folderPrefix}XXXXXX`, socketName)) && existsSync(candidate),
  );
  if (parent === undefined) {
    throw new StartError(
      `The path of the data directory ${dataDirectory} is too long for a Unix socket, and so is that of the temporary directory.`,
      'Give a shorter GATEHOUSE_DATA_DIR.',
    );
  }
  const directory = mkdtempSync(join(parent, folderPrefix));
  chmodSync(directory, 0o700);
  writeFileSync(join(dataDirectory, pointerFile), directory, { mode: 0o600 });
  return {
    directory,
    path: join(directory, socketName),
    forget() {
      rmSync(directory, { recursive: true, force: true });
      rmSync(join(dataDirectory, pointerFile), { force: true });
    },
  };
}

/** The folder of a process that was killed before it could tidy up. */
function removeLeftOver(dataDirectory: string): void {
  const directory = readPointer(dataDirectory);
  if (directory !== undefined && basename(directory).startsWith(folderPrefix)) {
    rmSync(join(directory, socketName), { force: true });
    rmSync(directory, { recursive: true, force: true });
  }
  rmSync(join(dataDirectory, pointerFile), { force: true });
}

function readPointer(dataDirectory: string): string | undefined {
  try {
    return readFileSync(join(dataDirectory, pointerFile), 'utf8').trim();
  } catch {
    return undefined;
  }
}

const isShort = (path: string): boolean => Buffer.byteLength(path) <= longestPath;
