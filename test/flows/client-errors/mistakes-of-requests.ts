import type { HttpResponse } from '../../support/http.ts';
import { callback, signInAndAllow } from '../protocol/app.ts';
import { basicOf, type World } from './world.ts';

/** One mistake of an app: what it does, and what operators must be told. */
export interface Mistake {
  code: string;
  /** Null: no registered client is told from the request. */
  client: string | null;
  make(world: World): Promise<HttpResponse>;
  /** Facts beside others. */
  facts?: Record<string, unknown>;
  /** How the cause begins to name them. */
  cause?: string;
}

const authorize = (
  code: string,
  changes: Record<string, string>,
  facts: Mistake['facts'] = {},
  more = '',
): Mistake => ({
  code,
  client: 'photo-album',
  make: ({ authorize: ask }) => ask({ scope: 'openid', ...changes }, more),
  facts,
});

/** At the addresses that people are sent to, and with what every request has. */
export const mistakesOfRequests: readonly Mistake[] = [
  {
    code: 'client_unknown',
    client: null,
    make: ({ authorize: ask }) => ask({ client_id: 'foto-album' }),
    facts: { client_id: 'foto-album' },
  },
  {
    ...authorize('redirect_uri_unregistered', { redirect_uri: `${callback}/` }),
    facts: { sent_uri: `${callback}/`, registered_uri: callback },
    cause: 'They differ in the slash at the end.',
  },
  authorize('response_type_unsupported', { response_type: 'token' }, { response_type: 'token' }),
  authorize('response_mode_unsupported', { response_mode: 'smoke' }, { response_mode: 'smoke' }),
  authorize('parameter_missing', { response_type: '' }, { parameters: 'response_type' }),
  authorize('parameter_duplicate', {}, { parameters: 'scope' }, '&scope=openid'),
  authorize('pkce_missing', { code_challenge: '', code_challenge_method: '' }),
  authorize(
    'pkce_method_unsupported',
    { code_challenge_method: 'plain' },
    { code_challenge_method: 'plain' },
  ),
  authorize('pkce_challenge_malformed', { code_challenge: 'short' }),
  authorize('scope_malformed', { scope: 'openid "mail"' }),
  authorize('scope_not_registered', { scope: 'openid email' }, { scope: 'email' }),
  authorize('openid_scope_missing', { scope: 'profile' }),
  authorize('prompt_invalid', { prompt: 'none login' }, { prompt: 'none login' }),
  authorize('claims_invalid', { claims: '{' }),
  authorize('sign_in_needed', { prompt: 'none' }),
  authorize(
    'resource_unknown',
    { resource: 'https://api.example/v1?key=s3cret-value' },
    {
      resource: 'https://api.example/v1?key=***',
    },
  ),
  authorize('resource_malformed', { resource: 'api' }, { resource: 'api' }),
  authorize('request_parameter_unsupported', { request: 'e30.e30.' }),
  authorize('pushed_request_gone', { request_uri: 'urn:ietf:params:oauth:request_uri:gone' }),
  authorize('id_token_hint_invalid', { id_token_hint: 'nonsense' }),
  {
    code: 'pushed_request_required',
    client: 'pushing-app',
    make: ({ authorize: ask }) => ask({ client_id: 'pushing-app' }),
  },
  {
    code: 'consent_needed',
    client: 'careful-app',
    async make({ person, apps, who, send }) {
      await signInAndAllow(apps.careful, person, who, { scope: 'openid' });
      const { url } = apps.careful.begin({ scope: 'openid profile email', prompt: 'none' });
      const cookie = person.jar.header(url) ?? '';
      return send(`${url.pathname}${url.search}`, { headers: { cookie } });
    },
  },
  {
    code: 'post_logout_redirect_uri_unregistered',
    client: 'photo-album',
    make: ({ send }) =>
      send(
        `/oauth2/logout?${new URLSearchParams({ client_id: 'photo-album', post_logout_redirect_uri: 'http://app.example/bye' }).toString()}`,
        { headers: { accept: 'text/html' } },
      ),
    cause: 'They differ in the scheme (http or https).',
  },
  {
    code: 'body_unreadable',
    client: null,
    make: ({ post }) =>
      post('token', '{"grant_type":"client_credentials"}', { 'content-type': 'application/json' }),
    facts: { content_type: 'application/json' },
  },
  {
    code: 'origin_not_allowed',
    client: 'careful-app',
    make: ({ post }) =>
      post(
        'token',
        { grant_type: 'refresh_token', client_id: 'careful-app', refresh_token: 'x' },
        { origin: 'https://elsewhere.example' },
      ),
    facts: { origin: 'https://elsewhere.example' },
  },
  {
    code: 'grant_type_unsupported',
    client: 'photo-album',
    make: ({ token }) => token({ grant_type: 'password' }),
    facts: { grant_type: 'password' },
  },
  {
    code: 'grant_type_not_allowed',
    client: 'photo-album',
    make: ({ token }) => token({ grant_type: 'client_credentials' }),
    facts: { grant_type: 'client_credentials' },
  },
  {
    code: 'client_id_mismatch',
    client: 'photo-album',
    make: ({ post, apps }) =>
      post(
        'token',
        { grant_type: 'refresh_token', client_id: 'other-app' },
        { authorization: basicOf(apps.album) },
      ),
  },
];
