import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import type { BackupDescription, BackupFile } from '../../server/backup/backup-file.ts';
import type { RowBatch } from '../../server/backup/contents.ts';
import { StartError, systemCodeOf } from '../../server/errors.ts';
import { type Head, headLength, readHead } from './head.ts';
import { layout, readBatches, splitLines } from './lines.ts';

const bytesAtOnce = 256 * 1024;

const keys = z.array(z.object({ id: z.string(), check: z.string() }));
const description: z.ZodType<BackupDescription> = z.object({
  madeAt: z.string(),
  gatehouse: z.string(),
  keys: z.object({ encryptionKeys: keys, cookieKeys: keys, passwordKeys: keys }),
  secrets: z
    .object({ encryptionKeys: z.string(), cookieKeys: z.string(), passwordKeys: z.string() })
    .nullable(),
  layout,
});

/**
 * Opens a backup and reads it through once, so that a damaged one is found before anything is done with it.
 *
 * @throws StartError when it cannot be read, is cut off, was changed, or is something else
 */
export async function openBackup(path: string): Promise<BackupFile & { close(): Promise<void> }> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    await verify(handle, path);
    const lines = () => linesOf(handle, path);
    const all = lines();
    const first = await all.next();
    await all.return(undefined);
    const parsed = description.safeParse(first.done === true ? undefined : JSON.parse(first.value));
    if (!parsed.success) throw madeByAnother(path);
    return {
      description: parsed.data,
      batches: () => batchesOf(lines(), path),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error instanceof StartError ? error : unreadable(path, error);
  }
}

async function verify(handle: FileHandle, path: string): Promise<void> {
  const info = await handle.stat();
  if (!info.isFile()) throw foreign(path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headLength), 0, headLength, 0);
  const head = readHead(buffer.toString('latin1', 0, bytesRead));
  if (head === 'foreign') throw foreign(path);
  if (head === 'newer') throw madeByAnother(path);
  const length = info.size - headLength;
  if (length < head.length) {
    throw damaged(`${path} is cut off: it has ${info.size} of ${head.length + headLength} bytes.`);
  }
  if (length > head.length || (await hashOf(handle)) !== head.sha256) {
    throw damaged(`${path} is damaged: its checksum is another one than when it was made.`);
  }
}

async function hashOf(handle: FileHandle): Promise<Head['sha256']> {
  const hash = createHash('sha256');
  for await (const chunk of bodyOf(handle)) hash.update(chunk);
  return hash.digest('hex');
}

async function* bodyOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = headLength; ; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytesAtOnce), 0, bytesAtOnce, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

function linesOf(handle: FileHandle, path: string): AsyncGenerator<string> {
  // An error of either is thrown by the loop.
  const text = pipeline(bodyOf(handle), createGunzip(), () => {});
  return splitLines(text, () => madeByAnother(path));
}

async function* batchesOf(lines: AsyncGenerator<string>, path: string): AsyncGenerator<RowBatch> {
  await lines.next();
  yield* readBatches(lines, () => madeByAnother(path));
}

const another = 'Use another backup. This one can be looked into by hand: docs/backup.md.';

function damaged(message: string): StartError {
  return new StartError(`${message} Nothing was changed.`, another);
}

function foreign(path: string): StartError {
  return new StartError(
    `${path} is not a backup of Gatehouse. Nothing was changed.`,
    'Give a file that `gatehouse backup` has made.',
  );
}

function madeByAnother(path: string): StartError {
  return new StartError(
    `${path} was made by another version of Gatehouse, in a form that this one does not know. Nothing was changed.`,
    'Use that version, or a later one.',
  );
}

function unreadable(path: string, cause: unknown): StartError {
  return new StartError(
    `The file ${path} cannot be read (${systemCodeOf(cause)}).`,
    'Check the path and who may read it.',
    1,
    cause,
  );
}
