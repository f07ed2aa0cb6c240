export interface BudgetRule {
  /** That may be spent at once. */
  most: number;
  /** That come back in an hour. */
  perHour: number;
}

export interface Budget {
  /** Whether one more may be spent at this time. */
  take(now: Date): boolean;
}

/** So much at once and so much in an hour, whatever comes. */
export function makeBudget({ most, perHour }: BudgetRule): Budget {
  let left = most;
  let at = 0;
  return {
    take(now) {
      const time = now.getTime();
      left = Math.min(most, left + Math.max(0, ((time - at) / 3_600_000) * perHour));
      at = Math.max(at, time);
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
