/** How failed sign-ins slow down the next one. */
export interface DelayRule {
  /** Failures in a row after which delays begin. */
  softAfter: number;
  /** Seconds of the longest delay. */
  longestDelay: number;
  /** Failures in a row after which the password is closed until somebody opens it again. */
  hardAfter: number;
}

/** Seconds that the next attempt must wait after so many failures in a row: none, then 1, doubled by each further one. */
export function delayAfter(
  failures: number,
  { softAfter, longestDelay }: Omit<DelayRule, 'hardAfter'>,
): number {
  if (failures < softAfter) return 0;
  return Math.min(longestDelay, 2 ** Math.min(failures - softAfter, 31));
}

/** The delays after the first failure, the second and so on, up to the longest; it stays the same from there. */
export function delaysOf(rule: DelayRule): number[] {
  const delays: number[] = [];
  for (let failures = 1; delays.at(-1) !== rule.longestDelay; failures += 1)
    delays.push(delayAfter(failures, rule));
  return delays;
}

/** All limits of failed sign-ins, as the store applies them. */
export interface AttemptLimits {
  /** Seconds, see delaysOf. */
  delays: readonly number[];
  hardAfter: number;
  /** Seconds in which the following are counted. */
  window: number;
  /** Failures of one network address. */
  perNetwork: number;
  /** Accounts, or unknown names, that one network address has failed with. */
  accountsPerNetwork: number;
  /** Failures of all together. */
  everywhere: number;
}
