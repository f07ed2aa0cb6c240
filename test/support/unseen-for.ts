import { waitFor } from './wait-for.ts';

/**
 * Asks until a change is seen. Returns for how many milliseconds after `since` it could still be missed: until when the last
 * request was begun that did not see it, however long the machine took to answer. 0 when the first one did.
 */
export async function unseenFor(
  what: string,
  since: number,
  isSeen: () => Promise<boolean>,
): Promise<number> {
  let missed = since;
  await waitFor(
    what,
    async () => {
      const begun = performance.now();
      if (await isSeen()) return true;
      missed = begun;
      return false;
    },
    { within: 10_000 },
  );
  return missed - since;
}
