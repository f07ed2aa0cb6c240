/** What a person agreed to give a client. */
export interface Agreed {
  /** OIDC scopes. */
  openid: string[];
  /** Single claims asked for by the `claims` parameter (OIDC Core 5.5). */
  claims: string[];
  /** Scopes of resource servers, by audience. */
  resources: Record<string, string[]>;
}

export interface Consent {
  accountId: string;
  clientId: string;
  agreed: Agreed;
  grantedAt: Date;
  updatedAt: Date;
}

export interface ConsentStore {
  find(accountId: string, clientId: string): Promise<Consent | undefined>;
  /** Adds to what was agreed before. MUST be one statement or a transaction: two tabs may consent at once. */
  save(consent: Consent): Promise<void>;
  /** False when there was none. */
  delete(accountId: string, clientId: string): Promise<boolean>;
}

const union = (a: readonly string[] = [], b: readonly string[] = []): string[] =>
  [...new Set([...a, ...b])].sort();

/** Both together. */
export function mergeAgreed(a: Agreed, b: Agreed): Agreed {
  const audiences = union(Object.keys(a.resources), Object.keys(b.resources));
  return {
    openid: union(a.openid, b.openid),
    claims: union(a.claims, b.claims),
    resources: Object.fromEntries(
      audiences.map((audience) => [audience, union(a.resources[audience], b.resources[audience])]),
    ),
  };
}
