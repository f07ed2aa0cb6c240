import type { ScopeRestrictions } from './resource-server-store.ts';
import { builtInResourceServers } from './resource-servers.ts';

/**
 * What has to be done before roles confer scopes, in the same transaction: those that were open become restricted. The scopes
 * of this server's own resource servers are what they are.
 */
export function makeConferScopes(
  issuer: string,
  { restrict }: Pick<ScopeRestrictions, 'restrict'>,
): ScopeRestrictions['restrict'] {
  const own = new Map(
    builtInResourceServers(issuer).map(({ resource, scopes }) => [
      resource,
      new Set(scopes.map(({ name }) => name)),
    ]),
  );
  return async (permissions) => {
    const missing = permissions.filter(({ resource, scope }) => own.get(resource)?.has(scope) === false);
    const outcome = await restrict(permissions.filter(({ resource }) => !own.has(resource)));
    if (missing.length === 0) return outcome;
    return { kind: 'missing', missing: [...missing, ...(outcome.kind === 'missing' ? outcome.missing : [])] };
  };
}
