import type { Account } from '../accounts/account.ts';
import { adminRole } from '../accounts/role-names.ts';
import { adminScopes, expandScopes } from '../clients/resource-servers.ts';
import { type Caller, requireScope } from '../http/api/caller.ts';

/**
 * Nobody becomes more by what they make or change here: who may write users gets no administrator's account into their
 * hands, and who may write clients no client that may do what they themselves may not.
 */

const ofThisApi: ReadonlySet<string> = new Set(adminScopes.map(({ name }) => name));

/**
 * An administrator's account, be it by its password, its address or its end, takes the scope that gives out roles.
 *
 * @throws InsufficientScope
 */
export function requireRankOverUser(caller: Caller, { roles }: Account): void {
  if (roles.includes(adminRole)) requireScope(caller, 'roles:write');
}

/**
 * The caller must hold every scope of this API that the client has or is to get.
 *
 * @param scope as it stands in metadata; anything but a text is left to the validator
 * @throws InsufficientScope
 */
export function requireRankOverClient(caller: Caller, scope: unknown): void {
  if (typeof scope !== 'string') return;
  for (const name of expandScopes(scope.split(' '))) {
    if (ofThisApi.has(name)) requireScope(caller, name);
  }
}
