import { adminRole } from '../accounts/role-names.ts';
import type { AccountStore } from '../accounts/store.ts';
import { expandScopes } from '../clients/resource-servers.ts';
import type { ClientStore } from '../clients/store.ts';
import { type AccessTokenClaims, isService } from '../http/api/caller.ts';

export interface PresentScopesDeps {
  clients: Pick<ClientStore, 'find'>;
  accounts: Pick<AccountStore, 'find'>;
}

/** The scopes that an operator's token still has: those of its client's registration, or of its person's role. */
export const makeFindPresentScopes =
  ({ clients, accounts }: PresentScopesDeps) =>
  async (claims: AccessTokenClaims): Promise<ReadonlySet<string> | undefined> => {
    const granted = expandScopes(claims.scope.split(' '));
    const client = await clients.find(claims.client_id);
    if (client === undefined) return undefined;
    if (isService(claims)) {
      const registered = expandScopes((client.metadata.scope ?? '').split(' '));
      return new Set([...granted].filter((scope) => registered.has(scope)));
    }
    const account = await accounts.find(claims.sub);
    if (account?.status !== 'active') return undefined;
    return account.roles.includes(adminRole) ? granted : new Set();
  };
