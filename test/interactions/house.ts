import type { RunningGatehouse } from '../support/gatehouse.ts';
import type { Elsewhere, Page } from '../support/person.ts';
import { makeRelyingParty, type RelyingParty } from '../support/relying-party.ts';

export const callback = 'https://app.example/callback';

/** Registers a public client of somebody else, and is that client. */
export async function aClient(
  server: RunningGatehouse,
  metadata: Record<string, unknown> = {},
): Promise<RelyingParty & { clientId: string }> {
  const { status, body } = await server.admin('POST', 'clients', {
    client_name: 'The Shop',
    redirect_uris: [callback],
    token_endpoint_auth_method: 'none',
    ...metadata,
  });
  if (status !== 201) throw new Error(`no client: ${status} ${JSON.stringify(body)}`);
  const clientId = String(body.client_id);
  const redirectUri = String((body.redirect_uris as string[])[0]);
  return { clientId, ...makeRelyingParty(server.issuer, { clientId, redirectUri }) };
}

export const password = 'a password that is long enough';

/** Adds somebody who can sign in. */
export async function aPerson(
  server: RunningGatehouse,
  email: string,
  claims: Record<string, unknown> = {},
): Promise<{ username: string; password: string }> {
  const { status, body } = await server.admin('POST', 'users', { email, password, ...claims });
  if (status !== 201) throw new Error(`no user: ${status} ${JSON.stringify(body)}`);
  return { username: email, password };
}

/** Insists on a page. */
export function asPage(seen: Page | Elsewhere): Page {
  if (seen.kind !== 'page') throw new Error(`sent away to ${seen.url.href}`);
  return seen;
}

/** Insists on having been sent to the client, and reads what came along. */
export function atClient(seen: Page | Elsewhere): Record<string, string> {
  if (seen.kind !== 'elsewhere') throw new Error(`still here: ${seen.text}`);
  return Object.fromEntries(seen.url.searchParams);
}

export function claimsOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
}
