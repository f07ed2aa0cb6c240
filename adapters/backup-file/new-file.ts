import { randomBytes } from 'node:crypto';
import { lstatSync, rmSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartError, systemCodeOf } from '../../server/errors.ts';

/** A file that is being made, readable by this user alone from its first byte on. */
export interface NewFile {
  handle: FileHandle;
  /** Writes all of it, at this place. */
  write(chunk: Uint8Array, position: number): Promise<void>;
  /** Makes it durable and gives it its name, if nobody has that name by now. Returns its size in bytes. */
  finish(): Promise<number>;
  /** Leaves nothing behind; after `finish` it does nothing. */
  discard(): Promise<void>;
  /** An error of the system is about this file; everything else comes from what was to be written. */
  explain(cause: unknown): unknown;
}

/**
 * Begins a file beside where it will be.
 *
 * @param what `backup`, for the words about it
 * @throws StartError when the name is taken, or the directory cannot be written
 */
export async function beginFile(path: string, what: string): Promise<NewFile> {
  if (exists(path)) throw taken(path, what);
  const draft = `${path}.${randomBytes(4).toString('hex')}.part`;
  const handle = await open(draft, 'wx', 0o600).catch((cause: unknown) => {
    throw unwritable(path, what, cause);
  });
  const stopWatching = removeWhenInterrupted(draft);
  let over = false;

  const discard = async (): Promise<void> => {
    if (over) return;
    over = true;
    stopWatching();
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
  };
  const explain = (cause: unknown): unknown =>
    /^E[A-Z]+$/.test(systemCodeOf(cause)) ? unwritable(path, what, cause) : cause;

  return {
    handle,
    discard,
    explain,
    async write(chunk, position) {
      for (let done = 0; done < chunk.length; ) {
        const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
        done += bytesWritten;
      }
    },
    async finish() {
      try {
        await handle.sync();
        const { size } = await handle.stat();
        await giveName(draft, path, what);
        return size;
      } catch (cause) {
        throw cause instanceof StartError ? cause : explain(cause);
      } finally {
        await discard();
      }
    },
  };
}

/** Unlike a rename, a link does not replace what somebody else has put there meanwhile; not every file system has links. */
async function giveName(draft: string, path: string, what: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (cause) {
    if (systemCodeOf(cause) === 'EEXIST' || exists(path)) throw taken(path, what);
    await rename(draft, path);
  }
  await syncDirectory(dirname(path));
}

/** The file is durable, its name not everywhere: some file systems cannot sync a directory, some users may not read it. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => undefined);
  await directory?.sync().catch(() => {});
  await directory?.close();
}

/** Who presses Ctrl-C wants no half of a file, with secrets in it, to lie about. */
function removeWhenInterrupted(draft: string): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = (signal: NodeJS.Signals): void => {
    rmSync(draft, { force: true });
    stop();
    process.kill(process.pid, signal);
  };
  const stop = (): void => {
    for (const signal of signals) process.off(signal, end);
  };
  for (const signal of signals) process.on(signal, end);
  return stop;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function taken(path: string, what: string): StartError {
  return new StartError(
    `${path} exists already. Nothing was written.`,
    `Give another name; ${what === 'export' ? 'an' : 'a'} ${what} never replaces a file.`,
  );
}

function unwritable(path: string, what: string, cause: unknown): StartError {
  return new StartError(
    `The ${what} ${path} cannot be written (${systemCodeOf(cause)}). There is none now.`,
    'Look for a full disk, and whether this user may write there.',
    1,
    cause,
  );
}
