import type { Client } from 'oidc-provider';

/**
 * Whether this client, which has proved who it is, may learn about a token that was issued to `owner`: about its own, or
 * about all where an operator says so (introspection_scope). A public client proves nothing, so it learns nothing.
 */
export const mayIntrospect = (client: Client, owner: string | undefined): boolean =>
  client.clientAuthMethod !== 'none' && (owner === client.clientId || client.introspection_scope === 'any');
