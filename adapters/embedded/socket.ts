import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The name that every PostgreSQL client looks for in the directory that it is given as host. */
const socketName = '.s.PGSQL.5432';
/** File in the data directory that names the socket's directory when it is not the data directory itself. */
const pointerFile = 'socket-directory';
/** `sun_path` holds 108 bytes on Linux and 104 on BSD and macOS, the closing NUL included. */
const longestPath = 103;

export interface SocketPlace {
  directory: string;
  path: string;
  /** Removes what was made outside the data directory. */
  forget(): void;
}

/** Chooses where the socket goes: the data directory, or a 0700 folder under the temporary directory if that path is too long. */
export function placeSocket(dataDirectory: string): SocketPlace {
  const near = join(resolve(dataDirectory), socketName);
  rmSync(join(dataDirectory, pointerFile), { force: true });
  if (Buffer.byteLength(near) <= longestPath) {
    rmSync(near, { force: true });
    return { directory: resolve(dataDirectory), path: near, forget: () => rmSync(near, { force: true }) };
  }
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-'));
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

/** Where the running server of this data directory has its socket. */
export function findSocketDirectory(dataDirectory: string): string {
  try {
    return readFileSync(join(dataDirectory, pointerFile), 'utf8').trim();
  } catch {
    return resolve(dataDirectory);
  }
}
