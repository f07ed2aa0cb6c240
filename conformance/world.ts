import { randomBytes } from 'node:crypto';
import * as oidc from 'openid-client';
import { type Credentials, makePerson, type Person } from './browser.ts';

export interface WorldOptions {
  issuer: URL;
  /** A client that may register clients and people. */
  operatorId: string;
  operatorSecret: string;
}

/** A client as the server has registered it; the names are those of RFC 7591. */
export interface RegisteredClient {
  client_id: string;
  client_secret?: string;
  redirect_uris: string[];
}

/** What a scenario is given. */
export interface World {
  issuer: URL;
  /** Registers a client; metadata are those of RFC 7591. */
  newClient(metadata: Record<string, unknown>): Promise<RegisteredClient>;
  /** Somebody with an account, at a browser of their own that knows no session. */
  newPerson(): Promise<Person & { subject: string; email: string }>;
  /** The library's view of server and client, found by discovery. */
  discover(client: RegisteredClient, auth?: oidc.ClientAuth): Promise<oidc.Configuration>;
}

/** Where the clients of these scenarios live: nobody listens there, the person stops before it. */
export const callback = 'https://app.example/callback';
export const signedOut = 'https://app.example/signed-out';

/** Opens the world of one run. `close` removes everything that was made in it. */
export async function openWorld(options: WorldOptions): Promise<World & { close(): Promise<void> }> {
  const { issuer } = options;
  const api = await openAdminApi(options);
  const made: string[] = [];

  async function make<T>(
    collection: string,
    body: Record<string, unknown>,
    id: (it: T) => string,
  ): Promise<T> {
    const object = await api<T>('POST', collection, body);
    made.push(`${collection}/${encodeURIComponent(id(object))}`);
    return object;
  }

  return {
    issuer,
    newClient: (metadata) =>
      make<RegisteredClient>(
        'clients',
        { client_name: 'Conformance', ...metadata },
        ({ client_id }) => client_id,
      ),
    async newPerson() {
      const email = `${randomBytes(8).toString('hex')}@example.org`;
      const who: Credentials = { username: email, password: randomBytes(18).toString('base64url') };
      const user = { email, email_verified: true, name: 'Conformance', password: who.password };
      const { sub } = await make<{ sub: string }>('users', user, (it) => it.sub);
      return { ...makePerson(who), subject: sub, email };
    },
    discover: (client, auth) => discover(issuer, client, auth),
    async close() {
      for (const path of made.reverse()) await api('DELETE', path);
    },
  };
}

function discover(
  issuer: URL,
  client: RegisteredClient,
  auth?: oidc.ClientAuth,
): Promise<oidc.Configuration> {
  const byDefault =
    client.client_secret === undefined ? oidc.None() : oidc.ClientSecretBasic(client.client_secret);
  return oidc.discovery(issuer, client.client_id, undefined, auth ?? byDefault, {
    // A server on this machine may speak plain http.
    execute: issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
  });
}

type Api = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;

async function openAdminApi({ issuer, operatorId, operatorSecret }: WorldOptions): Promise<Api> {
  const operator = { client_id: operatorId, client_secret: operatorSecret, redirect_uris: [] };
  const config = await discover(issuer, operator);
  const { access_token: token } = await oidc.clientCredentialsGrant(config, {
    resource: `${issuer.href.replace(/\/$/, '')}/api/admin`,
    scope: 'clients:write users:write',
  });
  return async (method, path, body) => {
    const answer = await fetch(`${issuer.href.replace(/\/$/, '')}/api/admin/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
