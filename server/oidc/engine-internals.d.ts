/** The one thing that is read of the engine beside what it exports; docs/decisions/0023. */
declare module 'oidc-provider/lib/helpers/weak_cache.js' {
  import type Provider from 'oidc-provider';

  export default function instance(provider: Provider): {
    configuration: {
      scopes: Set<string>;
      claims: Record<string, Record<string, null> | null>;
      claimsSupported: Set<string>;
    };
  };
}
