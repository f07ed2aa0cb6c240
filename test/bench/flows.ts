import { basic } from '../support/relying-party.ts';
import { fire, type Shot } from './measure.ts';

/** A server that is asked for tokens: ours or the bare engine. */
export interface Measured {
  /** Of the protocol's endpoints: `/token` is appended. */
  base: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** Makes codes as if people had signed in; not measured. */
  codes(count: number): Promise<{ code: string; verifier: string }[]>;
}

/** What was handed out so far; each flow takes what those before it have left. */
export interface Held {
  codes: { code: string; verifier: string }[];
  access: string[];
  refresh: string[];
}

export interface Flow {
  name: string;
  shots(target: Measured, held: Held): Shot[];
  /** Keeps what the answers bring. */
  keep?(answers: readonly string[], held: Held): void;
}

/** A request of the client of `target`, with its secret. */
export const form = (target: Measured, path: string, fields: Record<string, string>): Shot => {
  const shot = publicForm(target.base, path, fields);
  return {
    ...shot,
    headers: { ...shot.headers, authorization: basic(target.clientId, target.clientSecret) },
  };
};

/** A request of a client that has no secret. */
export const publicForm = (base: string, path: string, fields: Record<string, string>): Shot => ({
  url: `${base}/${path}`,
  body: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});

function keepTokens(answers: readonly string[], held: Held): void {
  const tokens = answers.map((answer): Record<string, string> => JSON.parse(answer));
  held.access = tokens.map(({ access_token: token = '' }) => token);
  held.refresh = tokens.map(({ refresh_token: token = '' }) => token);
}

/** In this order, as many requests of each as there are codes. */
export const flows: readonly Flow[] = [
  {
    name: 'opaque token',
    shots: (target, { codes }) =>
      codes.map(() => form(target, 'token', { grant_type: 'client_credentials' })),
  },
  {
    name: 'code exchange',
    shots: (target, { codes }) =>
      codes.map(({ code, verifier }) =>
        form(target, 'token', {
          grant_type: 'authorization_code',
          code,
          redirect_uri: target.redirectUri,
          code_verifier: verifier,
        }),
      ),
    keep: keepTokens,
  },
  {
    name: 'userinfo',
    shots: ({ base }, { access }) =>
      access.map((token) => ({
        url: `${base}/${userinfo(base)}`,
        headers: { authorization: `Bearer ${token}` },
      })),
  },
  {
    name: 'introspection',
    shots: (target, { access }) => access.map((token) => form(target, introspect(target.base), { token })),
  },
  {
    name: 'refresh',
    shots: (target, { refresh }) =>
      refresh.map((token) => form(target, 'token', { grant_type: 'refresh_token', refresh_token: token })),
    keep: keepTokens,
  },
];

/** A JWT of a service, which nobody stores; the admin API is the resource server that both know. */
export const jwtFlow = (resource: string): Flow => ({
  name: 'client credentials, JWT ES256',
  shots: (target, { codes }) =>
    codes.map(() =>
      form(target, 'token', { grant_type: 'client_credentials', resource, scope: 'clients:read' }),
    ),
});

/** The engine's own names of these two endpoints differ from ours. */
const userinfo = (base: string): string => (base.endsWith('/oauth2') ? 'userinfo' : 'me');
const introspect = (base: string): string =>
  base.endsWith('/oauth2') ? 'introspect' : 'token/introspection';

/** Lets one flow happen once for each code. */
export async function happen(flow: Flow, target: Measured, held: Held): Promise<void> {
  const answers = await fire(flow.shots(target, held));
  flow.keep?.(answers, held);
}
