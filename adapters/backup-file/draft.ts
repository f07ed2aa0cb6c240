import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, rmSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { BackupDescription, BackupDraft } from '../../server/backup/backup-file.ts';
import type { Contents, OnRows } from '../../server/backup/contents.ts';
import { StartError, systemCodeOf } from '../../server/errors.ts';
import { headLength, writeHead } from './head.ts';

/**
 * Speed counts more than size: beside a running server it has to wait meanwhile. Level 1 halves the time of the usual one and
 * makes files that are a fifth larger.
 */
const compression = { level: 1 };

/**
 * Begins a backup beside where it will be, readable by this user alone from its first byte on.
 *
 * @throws StartError when the name is taken, or the directory cannot be written
 */
export async function beginBackup(path: string): Promise<BackupDraft> {
  if (exists(path)) throw taken(path);
  const draft = `${path}.${randomBytes(4).toString('hex')}.part`;
  const handle = await open(draft, 'wx', 0o600).catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  const stopWatching = removeWhenInterrupted(draft);
  let head = writeHead({ sha256: '0'.repeat(64), length: 0 });
  let over = false;

  const discard = async (): Promise<void> => {
    if (over) return;
    over = true;
    stopWatching();
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
  };

  return {
    discard,
    async put(description, contents, onRows, signal) {
      await handle.truncate(0);
      const text = Readable.from(linesOf(description, contents, onRows));
      const written = hashAndWrite(handle);
      await pipeline(
        text,
        createGzip(compression),
        written.sink,
        signal === undefined ? {} : { signal },
      ).catch((cause: unknown) => {
        throw signal?.aborted === true || cause instanceof StartError ? cause : orUnwritable(path, cause);
      });
      head = writeHead(written.head());
    },

    async finish() {
      try {
        await handle.write(head, 0);
        await handle.sync();
        const { size } = await handle.stat();
        await giveName(draft, path);
        return size;
      } catch (cause) {
        throw cause instanceof StartError ? cause : orUnwritable(path, cause);
      } finally {
        await discard();
      }
    },
  };
}

/** The description, then for each table a line that names it and its rows. No row has a line end inside: it is JSON. */
async function* linesOf(
  description: BackupDescription,
  { batches }: Contents,
  onRows: OnRows,
): AsyncGenerator<string> {
  yield `${JSON.stringify(description)}\n`;
  let current: string | undefined;
  for await (const { table, rows } of batches()) {
    if (table !== current) yield `${JSON.stringify({ table })}\n`;
    current = table;
    yield `${rows.join('\n')}\n`;
    onRows(table, rows.length);
  }
}

function hashAndWrite(handle: FileHandle) {
  const hash = createHash('sha256');
  let length = 0;
  return {
    async sink(chunks: AsyncIterable<Buffer>): Promise<void> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        await writeAll(handle, chunk, headLength + length);
        length += chunk.length;
      }
    },
    head: () => ({ sha256: hash.digest('hex'), length }),
  };
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

/** Unlike a rename, a link does not replace what somebody else has put there meanwhile; not every file system has links. */
async function giveName(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (cause) {
    if (systemCodeOf(cause) === 'EEXIST' || exists(path)) throw taken(path);
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

/** Who presses Ctrl-C wants no half of a backup, with secrets in it, to lie about. */
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

function taken(path: string): StartError {
  return new StartError(
    `${path} exists already. Nothing was written.`,
    'Give another name; a backup never replaces a file.',
  );
}

/** An error of the system is about the file; everything else comes from what was to be written. */
function orUnwritable(path: string, cause: unknown): unknown {
  return /^E[A-Z]+$/.test(systemCodeOf(cause)) ? unwritable(path, cause) : cause;
}

function unwritable(path: string, cause: unknown): StartError {
  return new StartError(
    `The backup ${path} cannot be written (${systemCodeOf(cause)}). There is none now.`,
    'Look for a full disk, and whether this user may write there.',
    1,
    cause,
  );
}
