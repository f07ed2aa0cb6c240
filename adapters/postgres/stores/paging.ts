import type { Knex } from 'knex';
import { AppError } from '../../../server/errors.ts';

/** A place in the order (created_at, id). */
interface Place {
  createdAt: Date;
  id: string;
}

/** Keeps to the rows after the cursor, in the order (created_at, id), and asks for one more row than a page has. */
export function pageAfter(query: Knex.QueryBuilder, after: string | undefined, limit: number): void {
  if (after !== undefined) {
    const { createdAt, id } = decodeCursor(after);
    void query.whereRaw('(created_at, id) > (?, ?)', [createdAt, id]);
  }
  void query
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit + 1);
}

/** The page out of the rows that were asked for by `pageAfter`. */
export function toPage<T extends Place>(rows: T[], limit: number): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor(last) : null };
}

/** A pattern for `like` that matches what begins with `start`, however odd its characters. */
export function startsWith(start: string): string {
  return `${start.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/** The place itself and not only the id: the next page is found also when its last item was deleted meanwhile. */
function encodeCursor({ createdAt, id }: Place): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`, 'utf8').toString('base64url');
}

function decodeCursor(cursor: string): Place {
  const [, time, id] =
    /^(\d{1,15})\.([\x20-\x7e]{1,512})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (time === undefined || id === undefined) throw new AppError('invalid_cursor');
  return { createdAt: new Date(Number(time)), id };
}
