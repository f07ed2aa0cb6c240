/**
 * Where the pages of one interaction are, below the issuer's own path. The client stands in the query, so that a page
 * opened too late, when the interaction is forgotten, can still offer to start again where the person came from. It is a
 * hint only.
 */
export function interactionUrl(basePath: string, uid: string, clientId: unknown, step = ''): string {
  const path = `${basePath}/interaction/${encodeURIComponent(uid)}${step}`;
  return typeof clientId === 'string' ? `${path}?client_id=${encodeURIComponent(clientId)}` : path;
}

/** Where a new password is asked for; the sign-in that it is needed for stands in the query, as a hint. */
export function forgotUrl(basePath: string, uid: string, clientId: string): string {
  return `${basePath}/forgot-password?${new URLSearchParams({ interaction: uid, client_id: clientId }).toString()}`;
}

/** What the form tokens of an interaction are made for; see http/csrf.ts. */
export function formPurpose(uid: string): string {
  return `interaction ${uid}`;
}

/** Where somebody signs up who is about to sign in to a client. */
export function signUpUrl(basePath: string, uid: string, clientId: string, step = ''): string {
  return interactionUrl(basePath, uid, clientId, `/sign-up${step}`);
}
