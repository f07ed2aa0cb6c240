import { expandScopes } from '../clients/resource-servers.ts';
import type { RoleGraph } from '../clients/roles/graph.ts';
import type { TokenHolder } from '../sessions/token-standing.ts';
import type { FindResourceServer } from './resource-server-reader.ts';

/** What an access token for a resource server says that its holder may do. */
export interface SaidRights {
  aud?: unknown;
  scope?: string | undefined;
  /** Claims that token-claims.ts may have put there. */
  roles?: unknown;
  permissions?: unknown;
}

/**
 * Whether a token says more than its holder may do now: a restricted scope, a permission or a role that they do not have any
 * more. Such a token has ended, as if it had been revoked; what it hangs from has not, so a refresh brings a narrower one.
 * docs/decisions/0010: no time is compared, and nobody has to look for the tokens of those from whom something was taken.
 */
export type IsWider = (said: SaidRights, holder: TokenHolder) => Promise<boolean>;

export interface WiderTokensDeps {
  find: FindResourceServer;
  roleGraph: { current(): Promise<RoleGraph> };
}

export const makeIsWider =
  ({ find, roleGraph }: WiderTokensDeps): IsWider =>
  async ({ aud, scope = '', roles, permissions }, holder) => {
    const server = typeof aud === 'string' ? await find(aud) : undefined;
    if (server === undefined) return false;
    const graph = await roleGraph.current();
    const allowed = graph.permissionsOf(holder.roles).get(server.resource) ?? new Set<string>();
    const given = (holder.registered ?? '').split(' ');
    const registered = server.builtIn ? expandScopes(given) : new Set(given);
    const restricted = new Set(server.scopes.filter((one) => one.restricted).map(({ name }) => name));
    const isBeyond = (name: string) => restricted.has(name) && !allowed.has(name) && !registered.has(name);
    if (scope.split(' ').some(isBeyond)) return true;
    if (textsIn(permissions).some((name) => !allowed.has(name))) return true;
    const effective = graph.closureOf(holder.roles);
    return textsIn(roles).some((name) => !effective.includes(name));
  };

const textsIn = (claim: unknown): string[] =>
  Array.isArray(claim) ? claim.filter((one): one is string => typeof one === 'string') : [];
