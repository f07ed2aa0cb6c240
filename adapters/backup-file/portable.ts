import { type FileHandle, open } from 'node:fs/promises';
import { pipeline as connect, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import type { Contents, OnRows } from '../../server/backup/contents.ts';
import type { PortableDescription, PortableFile } from '../../server/backup/portable-file.ts';
import { StartError, systemCodeOf } from '../../server/errors.ts';
import { layout, readBatches, splitLines, writeLines } from './lines.ts';
import { beginFile } from './new-file.ts';

type Change = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Buffer>;

const description: z.ZodType<PortableDescription> = z.object({
  export: z.literal(1),
  madeAt: z.string(),
  gatehouse: z.string(),
  passwordKeys: z.array(z.object({ id: z.string(), key: z.string() })),
  layout,
});

const bytesAtOnce = 256 * 1024;

/**
 * Begins an encrypted export. Nothing that is not encrypted gets to the disk, and nothing has its name before `finish`.
 *
 * @throws StartError when the name is taken, or the directory cannot be written
 */
export async function beginExport(path: string, encrypt: Change) {
  const file = await beginFile(path, 'export');
  return {
    discard: file.discard,
    finish: file.finish,
    /** Called again, it begins anew. */
    async put(
      about: PortableDescription,
      contents: Pick<Contents, 'batches'>,
      onRows: OnRows,
    ): Promise<void> {
      await file.handle.truncate(0);
      let position = 0;
      const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
        for await (const chunk of chunks) {
          await file.write(chunk, position);
          position += chunk.length;
        }
      };
      const text = Readable.from(writeLines(about, contents, onRows));
      await pipeline(text, createGzip(), encrypt, sink).catch((cause: unknown) => {
        throw cause instanceof StartError ? cause : file.explain(cause);
      });
    },
  };
}

/**
 * Opens an export.
 *
 * @param decrypt MUST throw where a byte was changed or the end is missing
 * @throws StartError when it cannot be read, decrypted or understood; of what comes later, by the iteration
 */
export async function openExport(
  path: string,
  decrypt: Change,
): Promise<PortableFile & { close(): Promise<void> }> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const lines = (): AsyncGenerator<string> => {
    // An error of either is thrown by the loop.
    const plain = connect(Readable.from(decrypt(bytesOf(handle))), createGunzip(), () => {});
    return splitLines(plain, () => madeByAnother(path));
  };
  try {
    const all = lines();
    const first = await all.next();
    await all.return(undefined);
    const parsed = description.safeParse(first.done === true ? undefined : parse(first.value));
    if (!parsed.success) throw madeByAnother(path);
    return {
      description: parsed.data,
      async *batches() {
        const rest = lines();
        await rest.next();
        yield* readBatches(rest, () => madeByAnother(path));
      },
      close: () => handle.close(),
    };
  } catch (cause) {
    await handle.close();
    throw cause instanceof StartError ? cause : madeByAnother(path, cause);
  }
}

async function* bytesOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytesAtOnce), 0, bytesAtOnce, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function madeByAnother(path: string, cause?: unknown): StartError {
  return new StartError(
    `${path} is no export of Gatehouse that this version knows. Nothing was changed.`,
    'Give a file that `gatehouse export --all` of this version has made.',
    1,
    cause,
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
