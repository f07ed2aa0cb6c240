import type { RunningGatehouse } from '../support/gatehouse.ts';
import { makePerson, type Person, type PersonOptions } from '../support/person.ts';
import type { Account, App } from './protocol/app.ts';
import { isConsent } from './protocol/app.ts';

/** What an app has got of somebody for the account API. */
export interface AccountTokens {
  person: Person;
  jwt: string;
  refresh: string;
}

export const accountScope = 'openid account:read account:write account:security';

/** Signs somebody in to an app that asks for the account API, in this browser or a new one. */
export async function signInForApi(
  server: Pick<RunningGatehouse, 'issuer'>,
  app: App,
  who: Account,
  options: PersonOptions & { person?: Person; scope?: string; extra?: Record<string, string> } = {},
): Promise<AccountTokens> {
  const { person = makePerson(server.issuer, options), scope = accountScope, extra = {} } = options;
  const attempt = app.begin({ scope, resource: `${server.issuer}/api/account`, ...extra });
  let seen = await person.visit(attempt.url);
  if (seen.kind === 'page' && !isConsent(seen)) seen = await person.signIn(who);
  if (isConsent(seen)) seen = await person.submit({}, { button: 'allow' });
  const { status, body } = await app.redeem(attempt, seen);
  if (status !== 200) throw new Error(`no token: ${status} ${JSON.stringify(body)}`);
  return { person, jwt: String(body.access_token), refresh: String(body.refresh_token) };
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { items?: Record<string, unknown>[] };
}

/** A request to the account API; `path` is below /api/account/v1. */
export async function callApi(
  server: Pick<RunningGatehouse, 'issuer'>,
  token: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  const answer = await fetch(`${server.issuer}/api/account/v1${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
}
