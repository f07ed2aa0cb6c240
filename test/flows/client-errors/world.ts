import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, type CryptoKey as SigningKey, SignJWT } from 'jose';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../../support/gatehouse.ts';
import { exchange, type HttpRequest, type HttpResponse } from '../../support/http.ts';
import { makePerson, type Person } from '../../support/person.ts';
import { basic } from '../../support/relying-party.ts';
import { type Account, type App, addAccount, callback, registerApp, sentBack } from '../protocol/app.ts';

export const signedOut = 'https://app.example/bye';
export const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Claims of a JWT; undefined leaves one out. */
export type Claims = Record<string, string | number | undefined>;

/** Apps that make mistakes, and the server that they make them at; on PostgreSQL as two processes in turn. */
export interface World {
  servers: readonly RunningGatehouse[];
  issuer: string;
  who: Account;
  /** Signed in at all of the apps that ask for no consent. */
  person: Person;
  apps: Record<'album' | 'other' | 'strong' | 'pushing' | 'lonely' | 'device' | 'careful', App>;
  key: SigningKey;
  /** A request to one process after the other. */
  send(path: string, request?: HttpRequest): Promise<HttpResponse>;
  authorize(changes: Record<string, string>, more?: string): Promise<HttpResponse>;
  post(
    endpoint: string,
    form: Record<string, string> | string,
    headers?: Record<string, string>,
  ): Promise<HttpResponse>;
  /** As the app registered with Basic. */
  token(form: Record<string, string>, headers?: Record<string, string>): Promise<HttpResponse>;
  code(app?: App): Promise<{ code: string; code_verifier: string; redirect_uri: string }>;
  assertion(changes?: Claims, header?: { kid?: string; alg?: string }, by?: SigningKey): Promise<string>;
  proof(changes?: Claims): Promise<string>;
  dispose(): Promise<void>;
}

export async function makeWorld(database: 'postgres' | 'embedded'): Promise<World> {
  const env = { ...makeSecrets(), GATEHOUSE_JANITOR_INTERVAL: '1d', GATEHOUSE_FETCH_ALLOW: '127.0.0.1' };
  const first = await startGatehouse({ database, issuerPath: '', env });
  const { issuer, bootstrap } = first;
  const servers = [first];
  if (first.database !== 'embedded')
    servers.push(
      await startGatehouse({
        database: first.database,
        bootstrap,
        env: { ...env, GATEHOUSE_ISSUER: issuer },
      }),
    );
  const { publicKey, privateKey: key } = await generateKeyPair('ES256');
  const jwk: JWK = { ...(await exportJWK(publicKey)), use: 'sig', alg: 'ES256', kid: 'right' };
  const apps = await registerApps(first, jwk);
  const who = await addAccount(first, 'person@example.org');
  const person = makePerson(issuer);
  let turn = 0;

  const send: World['send'] = (path, { headers = {}, ...request } = {}) => {
    turn += 1;
    const { port } = servers[turn % servers.length] ?? first;
    return exchange(`http://127.0.0.1:${port}${path}`, {
      ...request,
      headers: { host: new URL(issuer).host, ...headers },
    });
  };
  const post: World['post'] = (endpoint, form, headers = {}) =>
    send(`/oauth2/${endpoint}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    });
  const { album, strong } = apps;
  return {
    servers,
    issuer,
    who,
    person,
    apps,
    key,
    send,
    post,
    authorize(changes, more = '') {
      const { pathname, search } = album.begin(changes).url;
      return send(`${pathname}${search}${more}`, { headers: { accept: 'text/html' } });
    },
    token: (form, headers) => post('token', form, { authorization: basicOf(album), ...headers }),
    async code(app = album) {
      const attempt = app.begin({ scope: 'openid' });
      let seen = await person.visit(attempt.url);
      if (seen.kind === 'page') seen = await person.signIn(who);
      const { code = '' } = sentBack(seen);
      return { code, code_verifier: attempt.verifier, redirect_uri: callback };
    },
    assertion(changes = {}, header = {}, by = key) {
      const now = Math.floor(Date.now() / 1000);
      const { clientId } = strong.registration;
      const claims = {
        iss: clientId,
        sub: clientId,
        aud: issuer,
        jti: randomUUID(),
        iat: now,
        exp: now + 60,
      };
      return new SignJWT({ ...claims, ...changes })
        .setProtectedHeader({ alg: 'ES256', kid: 'right', ...header })
        .sign(by);
    },
    async proof(changes = {}) {
      const pair = await generateKeyPair('ES256');
      const now = Math.floor(Date.now() / 1000);
      const claims = { htm: 'POST', htu: `${issuer}/oauth2/token`, jti: randomUUID(), iat: now };
      return new SignJWT({ ...claims, ...changes })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(pair.publicKey) })
        .sign(pair.privateKey);
    },
    async dispose() {
      for (const server of servers.slice(1)) await server.stop('SIGKILL');
      await first.dispose();
    },
  };
}

export const basicOf = ({ registration: { clientId, clientSecret = '' } }: App): string =>
  basic(clientId, clientSecret);

async function registerApps(server: RunningGatehouse, jwk: JWK): Promise<World['apps']> {
  const own = { skip_consent: true };
  return {
    album: await registerApp(server, {
      ...own,
      client_id: 'photo-album',
      scope: 'openid profile',
      post_logout_redirect_uris: [signedOut],
      redirect_uris: [callback, 'https://app.example/other'],
    }),
    other: await registerApp(server, { ...own, client_id: 'other-app' }),
    strong: await registerApp(server, {
      ...own,
      client_id: 'strong-app',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [jwk] },
    }),
    pushing: await registerApp(server, {
      ...own,
      client_id: 'pushing-app',
      require_pushed_authorization_requests: true,
    }),
    lonely: await registerApp(server, {
      client_id: 'lonely-app',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'https://127.0.0.1:9/keys.json',
    }),
    device: await registerApp(server, {
      client_id: 'tv-app',
      redirect_uris: [],
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
      token_endpoint_auth_method: 'none',
    }),
    careful: await registerApp(server, { client_id: 'careful-app', token_endpoint_auth_method: 'none' }),
  };
}
