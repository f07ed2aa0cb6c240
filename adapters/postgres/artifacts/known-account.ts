import type { AccountStore } from '../../../server/accounts/store.ts';
import type { RequestUnits } from './request-unit.ts';

/** Accounts for the engine: read once in a request, and not at all where its token has brought it along. */
export function makeKnownAccounts(
  accounts: Pick<AccountStore, 'find'>,
  units: Pick<RequestUnits, 'once'>,
): Pick<AccountStore, 'find'> {
  return { find: (id) => units.once(`account:${id}`, () => accounts.find(id)) };
}
