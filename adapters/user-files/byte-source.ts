import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StartError, systemCodeOf } from '../../server/errors.ts';

/** Bytes in the order of a file, which are counted as they are taken. */
export interface ByteSource {
  /** SHA-256 of everything in hex; undefined for a stream, which can be read once only. */
  sha256: string | undefined;
  size: number | undefined;
  chunks(): AsyncIterable<Buffer>;
  bytesRead(): number;
  close(): Promise<void>;
}

const bytesAtOnce = 64 * 1024;

/**
 * Opens a file, or standard input for `-`.
 *
 * @throws StartError when it cannot be read
 */
export async function openBytes(path: string, standardInput: Readable): Promise<ByteSource> {
  if (path === '-') return fromStream(standardInput);
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const { size } = await handle.stat();
    const hash = createHash('sha256');
    for await (const chunk of chunksOf(handle)) hash.update(chunk);
    let read = 0;
    return {
      sha256: hash.digest('hex'),
      size,
      bytesRead: () => read,
      close: () => handle.close(),
      async *chunks() {
        read = 0;
        for await (const chunk of chunksOf(handle)) {
          read += chunk.length;
          yield chunk;
        }
      },
    };
  } catch (cause) {
    await handle.close();
    throw unreadable(path, cause);
  }
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytesAtOnce), 0, bytesAtOnce, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

function fromStream(stream: Readable): ByteSource {
  let read = 0;
  return {
    sha256: undefined,
    size: undefined,
    bytesRead: () => read,
    close: async () => {},
    async *chunks() {
      for await (const chunk of stream) {
        const bytes = Buffer.from(chunk);
        read += bytes.length;
        yield bytes;
      }
    },
  };
}

function unreadable(path: string, cause: unknown): StartError {
  return new StartError(
    `The file ${path} cannot be read (${systemCodeOf(cause)}).`,
    'Check the path and who may read it.',
    1,
    cause,
  );
}
