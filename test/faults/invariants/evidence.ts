import { createHash } from 'node:crypto';
import type { Dump } from '../dump.ts';
import type { Call, Operation } from '../history.ts';

/** Everything that there is to judge by: what callers saw, and what is in the database at the end. */
export interface Evidence {
  calls: readonly Call[];
  dump: Dump;
}

/** Something that must not be. */
export interface Finding {
  invariant: 'I1' | 'I2' | 'I3' | 'I5' | 'I6' | 'I7' | 'I8';
  what: string;
}

export type CallOf<Type extends Operation['type']> = Call & { operation: Extract<Operation, { type: Type }> };

/** Calls of these kinds, in the order in which they began. */
export function callsOf<Type extends Operation['type']>(
  calls: readonly Call[],
  ...types: readonly Type[]
): CallOf<Type>[] {
  return calls.filter((call): call is CallOf<Type> =>
    (types as readonly string[]).includes(call.operation.type),
  );
}

/** Calls by what they have in common, each group in the order in which they began. */
export function groupBy<T, Key>(items: readonly T[], keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** As the database knows what is presented. */
export const hashOf = (presented: string): string => createHash('sha256').update(presented).digest('hex');

/** Where in the history a call is, for a reader: lines are counted from one. */
export const place = ({ invoked, ended }: Call): string =>
  `lines ${invoked + 1}-${Number.isFinite(ended) ? ended + 1 : 'end'}`;
