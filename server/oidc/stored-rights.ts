import type { default as Provider } from 'oidc-provider';
import type { AccountStore } from '../accounts/store.ts';
import type { Clock } from '../clock.ts';
import type { TokenHolder } from '../sessions/token-standing.ts';
import { rolesOfClient } from './client-roles.ts';
import { registeredScopeKey } from './resources.ts';
import type { IsWider } from './wider-tokens.ts';

export interface StoredRightsDeps {
  /** Reads nothing where the token has brought its account along. */
  accounts: Pick<AccountStore, 'find'>;
  isWider: IsWider;
  clock: Clock;
}

/** A token as the engine has found it. */
export interface StoredToken {
  kind: string;
  aud?: string | string[] | undefined;
  scope?: string | undefined;
  accountId?: string | undefined;
  clientId?: string | undefined;
  extra?: Record<string, unknown> | undefined;
}

/** Whether a stored access token says more than its holder may do now. A refresh token says nothing that is not looked at again. */
export const makeIsWiderStored =
  (deps: StoredRightsDeps) =>
  async ({ kind, aud, scope, extra, ...token }: StoredToken, provider: Provider): Promise<boolean> => {
    if (aud === undefined || kind === 'RefreshToken') return false;
    const holder = await (kind === 'ClientCredentials'
      ? findService(deps, provider, token)
      : findPerson(deps, token));
    if (holder === undefined) return true;
    return deps.isWider({ aud, scope, roles: extra?.roles, permissions: extra?.permissions }, holder);
  };

async function findPerson(
  { accounts }: StoredRightsDeps,
  { accountId }: Pick<StoredToken, 'accountId'>,
): Promise<TokenHolder | undefined> {
  const account = accountId === undefined ? undefined : await accounts.find(accountId);
  return account && { roles: account.roles, registered: null };
}

async function findService(
  { clock }: StoredRightsDeps,
  provider: Provider,
  { clientId }: Pick<StoredToken, 'clientId'>,
): Promise<TokenHolder | undefined> {
  const client = clientId === undefined ? undefined : await provider.Client.find(clientId);
  if (client === undefined) return undefined;
  const registered = client[registeredScopeKey];
  return {
    roles: rolesOfClient(client, clock.now()),
    registered: typeof registered === 'string' ? registered : '',
  };
}
