import type { Knex } from 'knex';
import { AppError } from '../../../server/errors.ts';

/** A place in the order (created_at, id). */
interface Place {
  createdAt: Date;
  id: string;
}

/** Keeps to the rows after the cursor, in the order (created_at, id), and asks for one more row than a page has. */
export function pageAfter(
  query: Knex.QueryBuilder,
  after: string | undefined,
  limit: number,
  descending = false,
): void {
  if (after !== undefined) {
    const { createdAt, id } = decodeCursor(after);
    void query.whereRaw(`(created_at, id) ${descending ? '<' : '>'} (?, ?)`, [createdAt, id]);
  }
  const direction = descending ? 'desc' : 'asc';
  void query
    .orderBy('created_at', direction)
    .orderBy('id', direction)
    .limit(limit + 1);
}

/**
 * The same in the order of a text and, where it is not unique, of the id that follows it.
 *
 * @param columns one or two, qualified
 */
export function pageByText(
  query: Knex.QueryBuilder,
  columns: readonly [string] | readonly [string, string],
  { after, limit, descending }: { after: string | undefined; limit: number; descending: boolean },
): void {
  if (after !== undefined) {
    const places = decodePlaces(after, columns.length);
    const marks = columns.map(() => '?').join(', ');
    void query.whereRaw(`(${columns.join(', ')}) ${descending ? '<' : '>'} (${marks})`, places);
  }
  for (const column of columns) void query.orderBy(column, descending ? 'desc' : 'asc');
  void query.limit(limit + 1);
}

/** The page out of the rows that were asked for by `pageByText`. */
export function toPageByText<Row, Item>(
  rows: readonly Row[],
  limit: number,
  placesOf: (row: Row) => readonly string[],
  toItem: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next =
    rows.length > limit && last !== undefined
      ? Buffer.from(JSON.stringify(placesOf(last)), 'utf8').toString('base64url')
      : null;
  return { items: shown.map(toItem), next };
}

/** What begins with `start`, as a range of a column in the order of its bytes: an index is used whatever the value is. */
export const rangeOfStart = (start: string): [string, string] => [start, `${start}\u{10ffff}`];

function decodePlaces(cursor: string, length: number): string[] {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const places: unknown = /^\[.{2,2000}\]$/su.test(text) ? parseJson(text) : undefined;
  const isText = (place: unknown): place is string => typeof place === 'string' && !place.includes('\0');
  if (!Array.isArray(places) || places.length !== length || !places.every(isText))
    throw new AppError('invalid_cursor');
  return places;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
