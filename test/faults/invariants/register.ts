/**
 * One value that is written and read: which values it may have. A write that was acknowledged leaves one; a write of unknown
 * outcome adds one, which is a fact from the moment that somebody sees it.
 */
export interface Register {
  /** Every value that it may have now, the one that is known for sure first. */
  possible(): readonly string[];
  write(value: string, outcome: 'ok' | 'fail' | 'unknown'): void;
  /** Somebody has seen this value. False when it cannot have it. */
  see(value: string): boolean;
  /** Somebody has seen that it does not have this value. False when it can have no other. */
  rule(value: string): boolean;
}

export function makeRegister(initial: string): Register {
  let values = [initial];
  return {
    possible: () => values,
    write(value, outcome) {
      if (outcome === 'ok') values = [value];
      else if (outcome === 'unknown') values.push(value);
    },
    see(value) {
      const at = values.lastIndexOf(value);
      if (at === -1) return false;
      // What was written after it may still be on its way.
      values = values.slice(at);
      return true;
    },
    rule(value) {
      const others = values.filter((other) => other !== value);
      if (others.length === 0) return false;
      // A write on its way may come yet; only the settled value is gone for good.
      if (values[0] === value) values = others;
      return true;
    },
  };
}
