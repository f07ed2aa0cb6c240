import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds after which it is given up. */
  within?: number;
  /** Milliseconds between two looks. */
  every?: number;
}

/**
 * Looks until `condition` gives something other than false or undefined, and returns that.
 *
 * @param awaited what is waited for, as a sentence without its end: 'the mail has arrived'
 * @throws what the condition throws, at once; and when the time is over an error that says what never happened.
 */
export async function waitFor<T>(
  awaited: string,
  condition: () => T | Promise<T>,
  { within = 20_000, every = 20 }: WaitOptions = {},
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + within;
  for (;;) {
    const seen = await condition();
    if (seen !== false && seen !== undefined) return seen as Exclude<T, false | undefined>;
    if (performance.now() > deadline)
      throw new Error(`Within ${within} ms it never came true that ${awaited}.`);
    await pause(every);
  }
}
