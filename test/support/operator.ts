import { basic } from './relying-party.ts';

/** An answer of the admin API. */
export interface AdminAnswer {
  status: number;
  headers: Headers;
  /** The parsed JSON; empty when there was no body. */
  body: AdminBody;
}

/** JSON whose fields may be looked at without being known before. */
export type AdminBody = Record<string, unknown> & { items?: Record<string, unknown>[] };

export interface Operator {
  token(scopes?: readonly string[]): Promise<string>;
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<AdminAnswer>;
}

/** Every scope of the admin API that implies the others. */
export const everyAdminScope = [
  'clients:write',
  'users:write',
  'users:impersonate',
  'roles:write',
  'sessions:write',
  'keys:write',
  'audit:read',
  'config:write',
];

/** A program that operates the server at `issuer` through its admin API, as operators' programs do. */
export function makeOperator(issuer: string, client: { clientId: string; clientSecret: string }): Operator {
  const kept = new Map<string, { token: string; until: number }>();

  async function token(scopes: readonly string[] = everyAdminScope): Promise<string> {
    const scope = scopes.join(' ');
    const known = kept.get(scope);
    if (known !== undefined && known.until > Date.now()) return known.token;
    const answer = await fetch(`${issuer}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: basic(client.clientId, client.clientSecret) },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: `${issuer}/api/admin`, scope }),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`No token for the admin API: ${answer.status} ${text}`);
    const { access_token: made, expires_in: lifetime } = JSON.parse(text);
    kept.set(scope, { token: made, until: Date.now() + (lifetime - 30) * 1000 });
    return made;
  }

  return {
    token,
    async request(method, path, body, headers = {}) {
      const answer = await fetch(`${issuer}/api/admin/v1/${path.replace(/^\//, '')}`, {
        method,
        headers: {
          authorization: `Bearer ${await token()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
    },
  };
}
