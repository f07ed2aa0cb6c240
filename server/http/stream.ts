import { Readable } from 'node:stream';
import type { PageContext } from './context.ts';

/** Answers bit by bit, as a file to be kept; nobody on the way may keep it. */
export function sendStream(
  ctx: PageContext,
  { type, fileName, chunks }: { type: string; fileName: string; chunks: AsyncIterable<string> },
): void {
  ctx.status = 200;
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Content-Disposition', `attachment; filename="${fileName}"`);
  ctx.body = Readable.from(chunks);
  ctx.type = type;
}
