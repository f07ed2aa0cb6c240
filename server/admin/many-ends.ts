import { z } from 'zod';
import type { AccountStore } from '../accounts/store.ts';
import { AppError } from '../errors.ts';
import type { Caller } from '../http/api/caller.ts';
import type { Rank } from './rank.ts';

/** What one request ends at most: each end is a transaction of its own, with its event and its messages to apps. */
export const mostEnds = 1000;

/** What became of many that were to be ended. */
export const endedView = z
  .strictObject({
    ended: z.int(),
    kept: z.int().meta({
      description: 'Those of people whom the caller may not touch: administrators, without roles:write.',
    }),
    more: z.boolean().meta({ description: `There were more than ${mostEnds}: ask again.` }),
  })
  .meta({ id: 'Ended' });

export interface RankedEndDeps {
  accounts: Pick<AccountStore, 'find'>;
  rank: Pick<Rank, 'overUser'>;
}

/**
 * Ends one after the other, up to `mostEnds`, those of people who outrank the caller left out.
 *
 * @param items whose they are, and how each is ended; false when it was over by then
 */
export async function endRanked(
  deps: RankedEndDeps,
  caller: Caller,
  items: AsyncIterable<{ accountId: string; end(): Promise<boolean> }>,
): Promise<z.output<typeof endedView>> {
  const [counts, ranks] = [{ ended: 0, kept: 0 }, new Map<string, boolean>()];
  for await (const { accountId, end } of items) {
    if (counts.ended >= mostEnds) return { ...counts, more: true };
    const isAllowed = ranks.get(accountId) ?? (await mayTouch(deps, caller, accountId));
    ranks.set(accountId, isAllowed);
    if (!isAllowed) counts.kept += 1;
    else if (await end()) counts.ended += 1;
  }
  return { ...counts, more: false };
}

async function mayTouch(
  { accounts, rank }: RankedEndDeps,
  caller: Caller,
  accountId: string,
): Promise<boolean> {
  const account = await accounts.find(accountId);
  if (account === undefined) return true;
  try {
    await rank.overUser(caller, account);
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.status === 403) return false;
    throw thrown;
  }
}
