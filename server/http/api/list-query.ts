import { z } from 'zod';
import type { Cursors, ListName } from './cursor.ts';

const defaultLimit = 50;
const largestLimit = 100;

/** Visible text of a bounded length; what PostgreSQL cannot hold (NUL) is not among it. */
export const searchText = z
  .string()
  .min(1)
  .max(254)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'Use visible characters only.');

/** What every list can be asked. Numbers come as text, and in one spelling. */
export const pageQuery = {
  limit: z
    .string()
    .meta({ type: 'integer', minimum: 1, maximum: largestLimit, default: defaultLimit })
    .optional()
    .transform((text = String(defaultLimit), context) => {
      const limit = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
      if (limit >= 1 && limit <= largestLimit) return limit;
      context.addIssue({ code: 'custom', message: `Give a whole number from 1 to ${largestLimit}.` });
      return z.NEVER;
    }),
  after: z.string().optional().meta({ description: '`next` of the page before.' }),
};

/** A page of a list as it is answered. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    next: z
      .string()
      .nullable()
      .meta({ description: 'Give it as `after` for the next page; null on the last.' }),
  });
}

/**
 * Asks a store for a page, with its places sealed on the way out and opened on the way in.
 *
 * @throws AppError invalid_cursor
 */
export async function readPage<Item, Shown>(
  cursors: Cursors,
  list: ListName,
  after: string | undefined,
  read: (place: string | undefined) => Promise<{ items: Item[]; next: string | null }>,
  show: (item: Item) => Shown,
): Promise<{ items: Shown[]; next: string | null }> {
  const { items, next } = await read(after === undefined ? undefined : cursors.open(list, after));
  return { items: items.map(show), next: next === null ? null : cursors.seal(list, next) };
}
