import { JSONParser } from '@streamparser/json';
import { StartError } from '../../server/errors.ts';

/** Bytes between two values that are wanted: what a realm has beside its users, and more than any person takes. */
const mostBetween = 16 * 1024 * 1024;

/**
 * The values at these paths of a JSON document, as they come.
 *
 * @throws StartError where the document is broken or has something too large: what follows cannot be understood
 */
export async function* readJsonValues(
  chunks: AsyncIterable<Buffer>,
  paths: string[],
): AsyncGenerator<unknown> {
  const parser = new JSONParser({ paths, keepStack: false });
  let found: unknown[] = [];
  parser.onValue = ({ value }) => void found.push(value);
  let count = 0;
  let since = 0;
  const broken = (cause: unknown): StartError =>
    new StartError(
      `The JSON is broken behind item ${count}. What came before was taken.`,
      'Mend the file and run the command again with --on-conflict skip.',
      1,
      cause,
    );
  for await (const chunk of chunks) {
    try {
      parser.write(chunk);
    } catch (cause) {
      yield* found;
      count += found.length;
      throw broken(cause);
    }
    since = found.length > 0 ? 0 : since + chunk.length;
    if (since > mostBetween) throw broken(new Error('too large'));
    yield* found;
    count += found.length;
    found = [];
  }
  if (!parser.isEnded) throw broken(new Error('cut off'));
  if (count === 0)
    throw new StartError(
      'There are no users in this file. Nothing was changed.',
      'Look whether --format fits it.',
    );
}

/** Whether what begins here is an array, an object or something else; and the bytes again, from their beginning. */
export async function sniff(
  chunks: AsyncIterable<Buffer>,
): Promise<{ first: string; all: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const begin = await iterator.next();
  const head: Buffer = begin.done === true ? Buffer.alloc(0) : begin.value;
  const first = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
    .slice(0, 1);
  async function* all(): AsyncGenerator<Buffer> {
    yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  }
  return { first, all: all() };
}
