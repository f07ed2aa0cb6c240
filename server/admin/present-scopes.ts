import type { AccountStore } from '../accounts/store.ts';
import { expandScopes } from '../clients/resource-servers.ts';
import type { RoleGraph } from '../clients/roles/graph.ts';
import type { ClientStore } from '../clients/store.ts';
import type { Clock } from '../clock.ts';
import { type AccessTokenClaims, isService } from '../http/api/caller.ts';

export interface PresentScopesDeps {
  clients: Pick<ClientStore, 'findWithSecrets'>;
  accounts: Pick<AccountStore, 'find'>;
  roleGraph: { current(): Promise<RoleGraph> };
  clock: Clock;
}

/**
 * The scopes that an operator's token still has. A service's: those that its client is registered for, and those of its roles.
 * A person's: those of their roles, as far as the client is registered for them.
 */
export const makeFindPresentScopes =
  ({ clients, accounts, roleGraph, clock }: PresentScopesDeps) =>
  async (claims: AccessTokenClaims): Promise<ReadonlySet<string> | undefined> => {
    const granted = expandScopes(claims.scope.split(' '));
    const found = await clients.findWithSecrets(claims.client_id);
    if (found === undefined) return undefined;
    const registered = expandScopes((found.client.metadata.scope ?? '').split(' '));
    const ofRoles = async (names: readonly string[]): Promise<ReadonlySet<string>> =>
      (await roleGraph.current()).permissionsOf(names).get(claims.aud) ?? new Set();
    if (isService(claims)) {
      const now = clock.now();
      const held = found.roles.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
      const allowed = await ofRoles(held.map(({ name }) => name));
      return filter(granted, (scope) => registered.has(scope) || allowed.has(scope));
    }
    const account = await accounts.find(claims.sub);
    if (account?.status !== 'active') return undefined;
    const allowed = await ofRoles(account.roles);
    return filter(granted, (scope) => registered.has(scope) && allowed.has(scope));
  };

const filter = (scopes: ReadonlySet<string>, may: (scope: string) => boolean): ReadonlySet<string> =>
  new Set([...scopes].filter(may));
