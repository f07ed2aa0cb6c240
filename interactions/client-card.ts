import type { Client } from 'oidc-provider';
import { nameForPeople } from '../server/clients/name-for-people.ts';
import type { ClientCard } from '../server/http/view-models.ts';

/** What a client registered about how people see it. */
export type ClientLook = Pick<
  Client,
  | 'clientId'
  | 'clientName'
  | 'clientUri'
  | 'initiateLoginUri'
  | 'logoUri'
  | 'policyUri'
  | 'redirectUris'
  | 'tosUri'
>;

/** A client as its sign-in and consent pages show it. The logo is left out unless `logoOrigin` allows it. */
export function describeClient(client: ClientLook): ClientCard {
  const { clientUri, policyUri, tosUri, logoUri } = client;
  return {
    name: nameForPeople(client.clientId, client.clientName),
    logo: logoOrigin(client) === undefined ? null : (logoUri ?? null),
    home: webUrl(clientUri),
    policy: webUrl(policyUri),
    terms: webUrl(tosUri),
  };
}

/**
 * The origin of the client's logo, if a page may load it: over https, and from where the client itself lives (its
 * client_uri or first redirect URI), so that no third party learns who signs in and no client borrows another's face.
 */
export function logoOrigin({ logoUri, clientUri, redirectUris }: ClientLook): string | undefined {
  const logo = parse(logoUri);
  if (logo?.protocol !== 'https:') return undefined;
  const homes = [clientUri, redirectUris?.[0]].map((uri) => parse(uri)?.origin);
  return homes.includes(logo.origin) ? logo.origin : undefined;
}

/**
 * Where a person can begin again at this client: the address that it registered for that (OIDC Core 4, which wants to be
 * told the issuer), or else its home page.
 */
export function startAgainAt(client: ClientLook, issuer: string): string | null {
  const initiate = webUrl(client.initiateLoginUri);
  if (initiate === null) return webUrl(client.clientUri);
  const url = new URL(initiate);
  url.searchParams.set('iss', issuer);
  return url.href;
}

/** Only web addresses become links: `javascript:` and its like would run in our page. */
function webUrl(uri: string | undefined): string | null {
  const url = parse(uri);
  return url !== undefined && ['https:', 'http:'].includes(url.protocol) ? url.href : null;
}

function parse(uri: string | undefined): URL | undefined {
  return uri === undefined ? undefined : (URL.parse(uri) ?? undefined);
}
