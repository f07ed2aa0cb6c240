import type { Middleware } from 'koa';
import type { default as Provider } from 'oidc-provider';
import instance from 'oidc-provider/lib/helpers/weak_cache.js';
import type { Account } from '../accounts/account.ts';
import {
  type AttributeDefinition,
  type PresentAttributes,
  valuesOf,
} from '../accounts/attributes/definition.ts';
import { claimsOfAttributes } from '../accounts/attributes/values.ts';

/** Where the engine asks which scopes and claims there are. */
const asks = /^\/oauth2\/(?:authorize|token|userinfo|par|device_authorization)(?:\/|$)|^\/device(?:\/|$)/;
const metadata = /^\/\.well-known\//;

/** Attributes of people as claims, without a restart. */
export interface AttributeClaims {
  /** Brings the engine up to what is defined at this moment; nothing is asked for as long as nothing has changed. */
  refresh(): Promise<void>;
  /** The scopes that there are because an attribute comes with them. */
  scopes(): readonly string[];
  of(account: Account): Record<string, unknown>;
  /** Returns what is to run before the engine answers. */
  install(provider: Provider): Middleware;
}

/**
 * The engine reads its scopes and claims from its configuration at every request, but takes them at its start only. What is
 * changed here are the very objects that it reads; docs/decisions/0023 says why, and a start with an engine that keeps them
 * otherwise fails.
 */
export function makeAttributeClaims(presentAttributes: PresentAttributes): AttributeClaims {
  let applied: readonly AttributeDefinition[] = [];
  let ownScopes: readonly string[] = [];
  let apply = (_definitions: readonly AttributeDefinition[]): readonly string[] => [];
  const refresh = async (): Promise<void> => {
    const present = await presentAttributes();
    if (present === applied) return;
    ownScopes = apply(present);
    applied = present;
  };
  return {
    refresh,
    scopes: () => ownScopes,
    of: (account) => claimsOfAttributes(applied, valuesOf(account)),
    install(provider) {
      apply = makeApply(provider);
      return async (ctx, next) => {
        if (asks.test(ctx.path)) await refresh();
        // What there was a moment ago is better than no metadata while the database is away.
        else if (metadata.test(ctx.path)) await refresh().catch(() => {});
        await next();
      };
    },
  };
}

type ClaimsOfScopes = Record<string, Record<string, null> | null>;

/** @throws Error when this version of the engine keeps its configuration in another way */
function makeApply(provider: Provider): (definitions: readonly AttributeDefinition[]) => string[] {
  const { scopes, claims, claimsSupported } = instance(provider).configuration;
  if (!(scopes instanceof Set) || !(claimsSupported instanceof Set) || typeof claims !== 'object')
    throw new Error('this version of oidc-provider keeps its claims in another way');
  const [firstScopes, firstClaims, firstSupported] = [
    new Set(scopes),
    { ...claims },
    new Set(claimsSupported),
  ];
  return (definitions) => {
    const wanted: ClaimsOfScopes = { ...firstClaims };
    for (const { claim } of definitions)
      if (claim !== null) wanted[claim.scope] = { ...wanted[claim.scope], [claim.name]: null };
    const names = definitions.flatMap(({ claim }) => (claim === null ? [] : [claim.name]));
    const own = Object.keys(wanted).filter((scope) => !Object.hasOwn(firstClaims, scope));
    become(scopes, [...firstScopes, ...own]);
    become(claimsSupported, [...firstSupported, ...names]);
    for (const scope of Object.keys(claims))
      if (!Object.hasOwn(wanted, scope)) Reflect.deleteProperty(claims, scope);
    Object.assign(claims, wanted);
    return own;
  };
}

function become(set: Set<string>, wanted: readonly string[]): void {
  const rest = new Set(wanted);
  for (const present of set) if (!rest.has(present)) set.delete(present);
  for (const name of rest) set.add(name);
}
