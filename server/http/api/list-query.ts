import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { ListOrder } from '../../list-order.ts';
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

/**
 * By which of its fields a list can be sorted: each goes along an index. A minus before the field turns the order.
 *
 * @param fields the first one is the order of a list that is not asked for one
 */
export function sortQuery<Field extends string>(fields: readonly [Field, ...Field[]]) {
  const orders = new Map<string, ListOrder<Field>>(
    fields.flatMap((by): [string, ListOrder<Field>][] => [
      [by, { by, descending: false }],
      [`-${by}`, { by, descending: true }],
    ]),
  );
  return z
    .string()
    .meta({ enum: [...orders.keys()], description: 'The order; a minus turns it.' })
    .optional()
    .transform((text, context) => {
      const order = text === undefined ? undefined : orders.get(text);
      if (text === undefined || order !== undefined) return order;
      context.addIssue({ code: 'custom', message: `Give one of ${[...orders.keys()].join(', ')}.` });
      return z.NEVER;
    });
}

const longestTime = 10;

/** A moment in a query: seconds since 1970. */
export const momentQuery = z
  .string()
  .meta({ type: 'integer', minimum: 0 })
  .optional()
  .transform((text, context) => {
    if (text === undefined) return undefined;
    if (/^(?:0|[1-9]\d*)$/.test(text) && text.length <= longestTime) return new Date(Number(text) * 1000);
    context.addIssue({ code: 'custom', message: 'Give whole seconds since 1970.' });
    return z.NEVER;
  });

/** When the objects of a list were made. */
export const createdQuery = {
  created_from: momentQuery.meta({ description: 'Made at that time or later: seconds since 1970.' }),
  created_before: momentQuery.meta({ description: 'Made before that time: seconds since 1970.' }),
};

/**
 * The order of a list in which filters go along indexes of their own: a filter that has one is sorted by its field.
 *
 * @param filters those that are asked for, by the field that each is sorted by
 * @throws AppError invalid_input for another order, or filters that go along different indexes
 */
export function orderOfFilters<Field extends string>(
  order: ListOrder<Field> | undefined,
  filters: Readonly<Partial<Record<string, Field | undefined>>>,
): ListOrder<Field> | undefined {
  const asked = Object.entries(filters).flatMap(([name, by]) => (by === undefined ? [] : [{ name, by }]));
  const [first, second] = asked;
  if (first === undefined) return order;
  const other = asked.find(({ by }) => by !== first.by);
  if (second !== undefined && other !== undefined)
    throw new AppError('invalid_input', {
      fields: [{ field: other.name, message: `Give it or ${first.name}, not both.` }],
    });
  if (order !== undefined && order.by !== first.by)
    throw new AppError('invalid_input', {
      fields: [{ field: 'sort', message: `With ${first.name}, the order is ${first.by} or -${first.by}.` }],
    });
  return order ?? { by: first.by, descending: false };
}

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
 * @param asked what the list was asked for beside the page: a place in a list that is sorted or filtered in one way is none in
 *   another
 * @throws AppError invalid_cursor
 */
export async function readPage<Item, Shown>(
  cursors: Cursors,
  list: ListName,
  after: string | undefined,
  read: (place: string | undefined) => Promise<{ items: Item[]; next: string | null }>,
  show: (item: Item) => Shown,
  asked: Readonly<Record<string, unknown>> = {},
): Promise<{ items: Shown[]; next: string | null }> {
  const name = nameOf(list, asked);
  const { items, next } = await read(after === undefined ? undefined : cursors.open(name, after));
  return { items: items.map(show), next: next === null ? null : cursors.seal(name, next) };
}

/** Names a list as it was asked for: the list itself, and what it was sorted and filtered by. */
function nameOf(
  list: ListName,
  { after: _after, limit: _limit, ...asked }: Readonly<Record<string, unknown>>,
): ListName {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  if (given.length === 0) return list;
  return `${list} ${encodeURIComponent(JSON.stringify(given.toSorted(([a], [b]) => (a < b ? -1 : 1)))).replaceAll('.', '%2E')}`;
}
