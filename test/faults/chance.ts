/** Chance that can be had again: the same seed gives the same choices. */
export interface Chance {
  /** A whole number from 0 to `below` - 1. */
  below(limit: number): number;
  /** One of these; undefined when there is none. */
  pick<T>(items: readonly T[]): T | undefined;
}

/** The generator mulberry32. */
export function makeChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (items) => items[below(items.length)] };
}
