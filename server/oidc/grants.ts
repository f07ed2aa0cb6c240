import type { Client, Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { ConsentStore } from '../sessions/consent.ts';
import { isOlder, narrowByPerson, type ResourcePolicyDeps } from './resources.ts';

/** Whether the operator trusts this client without asking the person (CONTRACT: skip_consent). */
export const skipsConsent = (client: Client): boolean => client.skip_consent === true;

/**
 * The grant of this session for this client: the one it has, or else a new one, filled with what the person has agreed to
 * before or, for trusted clients, with what is asked for. Grants belong to one session, so that ending one harms no other;
 * what was agreed outlives them in `consent`. Here alone they are made and added to, as a part of what the request of a browser
 * writes: whether the session is still there, and has got no other grant from another tab, is decided with it.
 *
 * A grant from before one of the resource servers that are asked for now does not count: it may be for another one that had
 * the same name.
 */
export const makeLoadExistingGrant =
  (consents: ConsentStore, resources: ResourcePolicyDeps) =>
  async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { client, session, account, result, provider } = ctx.oidc;
    if (client === undefined || account === undefined) return undefined;
    await narrowByPerson(resources, ctx);
    const grantId = session?.grantIdFor(client.clientId);
    const found = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const existing =
      found?.accountId === account.accountId &&
      found.clientId === client.clientId &&
      !(await isOlderThanAsked(found, resources, ctx))
        ? found
        : undefined;
    const hasJustAgreed = result?.consent !== undefined;
    if (existing !== undefined && !skipsConsent(client) && !hasJustAgreed) return existing;

    const grant = existing ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
    const changed = skipsConsent(client) ? addAsked(grant, ctx) : await addAgreed(grant, consents, ctx);
    if (changed) await grant.save();
    return changed || existing !== undefined ? grant : undefined;
  };

async function isOlderThanAsked(
  grant: Grant,
  { find }: ResourcePolicyDeps,
  { oidc }: KoaContextWithOIDC,
): Promise<boolean> {
  const asked = await Promise.all(Object.keys(oidc.resourceServers ?? {}).map(find));
  return asked.some((server) => server !== undefined && isOlder(grant, server));
}

function addAsked(grant: Grant, ctx: KoaContextWithOIDC): boolean {
  const asked = [...ctx.oidc.requestParamOIDCScopes].filter(
    (scope) => !grant.getOIDCScope().split(' ').includes(scope),
  );
  if (asked.length > 0) grant.addOIDCScope(asked.join(' '));
  const claims = [...ctx.oidc.requestParamClaims].filter((claim) => !grant.getOIDCClaims().includes(claim));
  if (claims.length > 0) grant.addOIDCClaims(claims);
  let resources = 0;
  for (const [audience, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const known = grant.getResourceScope(audience).split(' ');
    const wanted = [...ctx.oidc.requestParamScopes].filter(
      (scope) => server.scopes.has(scope) && !known.includes(scope),
    );
    if (wanted.length > 0) grant.addResourceScope(audience, wanted.join(' '));
    resources += wanted.length;
  }
  return asked.length + claims.length + resources > 0;
}

async function addAgreed(
  grant: Grant,
  consents: ConsentStore,
  { oidc }: KoaContextWithOIDC,
): Promise<boolean> {
  const consent = await consents.find(grant.accountId ?? '', grant.clientId ?? '');
  if (consent === undefined) return false;
  const { openid, claims, resources } = consent.agreed;
  // What is asked for now comes first, and in that order, since tokens tell their scopes in the order of the grant.
  const asked = [...oidc.requestParamOIDCScopes].filter((scope) => openid.includes(scope));
  if (openid.length > 0) grant.addOIDCScope([...new Set([...asked, ...openid])].join(' '));
  if (claims.length > 0) grant.addOIDCClaims(claims);
  for (const [audience, scopes] of Object.entries(resources))
    grant.addResourceScope(audience, scopes.join(' '));
  return true;
}
