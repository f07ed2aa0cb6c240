import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { BackupDraft } from '../../server/backup/backup-file.ts';
import { StartError } from '../../server/errors.ts';
import { headLength, writeHead } from './head.ts';
import { writeLines } from './lines.ts';
import { beginFile, type NewFile } from './new-file.ts';

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
  const file = await beginFile(path, 'backup');
  let head = writeHead({ sha256: '0'.repeat(64), length: 0 });

  return {
    discard: file.discard,
    async put(description, contents, onRows, signal) {
      await file.handle.truncate(0);
      const text = Readable.from(writeLines(description, contents, onRows));
      const written = hashAndWrite(file);
      await pipeline(
        text,
        createGzip(compression),
        written.sink,
        signal === undefined ? {} : { signal },
      ).catch((cause: unknown) => {
        throw signal?.aborted === true || cause instanceof StartError ? cause : file.explain(cause);
      });
      head = writeHead(written.head());
    },

    async finish() {
      try {
        await file.handle.write(head, 0);
      } catch (cause) {
        await file.discard();
        throw file.explain(cause);
      }
      return file.finish();
    },
  };
}

function hashAndWrite(file: NewFile) {
  const hash = createHash('sha256');
  let length = 0;
  return {
    async sink(chunks: AsyncIterable<Buffer>): Promise<void> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        await file.write(chunk, headLength + length);
        length += chunk.length;
      }
    },
    head: () => ({ sha256: hash.digest('hex'), length }),
  };
}
