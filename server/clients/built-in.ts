import { type ClientMetadata, parseClientMetadata } from './metadata.ts';
import { accountScopes } from './resource-servers.ts';

/** A client that the server registers for itself; nobody can change or delete it. */
export interface BuiltInClient {
  id: string;
  metadata: ClientMetadata;
}

/** The account page, a public client in the browser like anybody else's. */
export const accountClientId = 'gatehouse-account';

/** The server's own clients, for this issuer. */
export function builtInClients(issuer: string): BuiltInClient[] {
  const accountPage = `${issuer}/account`;
  return [
    define(accountClientId, {
      client_name: 'Your account',
      client_uri: accountPage,
      redirect_uris: [accountPage, `${accountPage}/back`],
      post_logout_redirect_uris: [`${accountPage}/signed-out`],
      token_endpoint_auth_method: 'none',
      skip_consent: true,
      scope: ['openid profile email address phone roles', ...accountScopes.map(({ name }) => name)].join(' '),
    }),
  ];
}

/** Goes through the same rules as everybody's; a definition that breaks them is a mistake in this file. */
function define(id: string, given: unknown): BuiltInClient {
  const outcome = parseClientMetadata(given);
  if (outcome.kind === 'refused') {
    throw new Error(`built-in client ${id}: ${JSON.stringify(outcome.fields)}`);
  }
  return { id, metadata: outcome.metadata };
}
