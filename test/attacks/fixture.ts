import { exportJWK, generateKeyPair, type JWK, type CryptoKey as SigningKey } from 'jose';
import { type Account, type App, addAccount, registerApp, registerService } from '../flows/protocol/app.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { exchange, type HttpRequest, type HttpResponse } from '../support/http.ts';
import { type DatabaseView, viewDatabase } from './database-view.ts';

/** What the attacks are made on: two processes of one server on one database. */
export interface Attacked {
  issuer: string;
  servers: readonly [RunningGatehouse, RunningGatehouse];
  database: DatabaseView;
  apps: {
    /** Public, PKCE. */
    c1: App;
    /** Confidential, Basic. */
    c2: App;
    /** private_key_jwt. */
    c3: App;
    /** Somebody else's: people are asked for consent. */
    c4: App;
  };
  /** Signs the assertions of C3. */
  keyOfC3: SigningKey;
  people: { user: Account; disabled: Account; admin: Account };
  /** A service client that may see users and clients, and change nothing. */
  partialAdmin: App;
  /** A service that may ask about the tokens of all. */
  guard: App;
  /** Ends the second process and starts it again. */
  restartSecond(): Promise<void>;
  /** One request under the issuer's host name, to the first process or to the one that is named. */
  send(path: string, request?: HttpRequest & { process?: 0 | 1 }): Promise<HttpResponse>;
  /** Everything that both processes have said so far. */
  output(): string;
  dispose(): Promise<void>;
}

export interface AttackedOptions {
  /** Settings of the second process only. */
  second?: Record<string, string>;
  /** Settings of both. */
  both?: Record<string, string>;
}

export async function startAttacked({ second = {}, both = {} }: AttackedOptions = {}): Promise<Attacked> {
  // Rows are counted: nothing else may remove any meanwhile.
  const secrets = { ...makeSecrets(), GATEHOUSE_JANITOR_INTERVAL: '1d', ...both };
  const first = await startGatehouse({ database: 'postgres', issuerPath: '', env: secrets });
  const { issuer, bootstrap, database } = first;
  if (database === 'embedded') throw new Error('the attacks need a database that two processes can share');
  const [other, rest] = await Promise.all([
    startGatehouse({ database, bootstrap, env: { ...secrets, GATEHOUSE_ISSUER: issuer, ...second } }),
    populate(first),
  ]);
  const servers: [RunningGatehouse, RunningGatehouse] = [first, other];
  const view = await viewDatabase(database);
  return {
    issuer,
    servers,
    database: view,
    ...rest,
    send: (path, { process = 0, headers = {}, ...request } = {}) =>
      exchange(`http://127.0.0.1:${servers[process].port}${path}`, {
        ...request,
        headers: { host: new URL(issuer).host, ...headers },
      }),
    async restartSecond() {
      servers[1] = await servers[1].startAgain();
    },
    output: () => servers.map((server) => server.output()).join(''),
    async dispose() {
      await view.close();
      await servers[1].stop('SIGKILL');
      await first.dispose();
    },
  };
}

async function populate(
  server: RunningGatehouse,
): Promise<Pick<Attacked, 'apps' | 'keyOfC3' | 'people' | 'partialAdmin' | 'guard'>> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk: JWK = { ...(await exportJWK(publicKey)), use: 'sig', alg: 'ES256', kid: 'c3' };
  const own = { skip_consent: true };
  const user = await addAccount(server, 'pw-user@example.org');
  const disabled = await addAccount(server, 'disabled-user@example.org', { status: 'disabled' });
  const { body } = await server.admin('GET', `users?email=${encodeURIComponent(server.bootstrap.email)}`);
  return {
    apps: {
      c1: await registerApp(server, { ...own, client_id: 'c1', token_endpoint_auth_method: 'none' }),
      c2: await registerApp(server, { ...own, client_id: 'c2' }),
      c3: await registerApp(server, {
        ...own,
        client_id: 'c3',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk] },
      }),
      c4: await registerApp(server, { client_id: 'c4', redirect_uris: ['https://other.example/callback'] }),
    },
    keyOfC3: privateKey,
    people: {
      user,
      disabled,
      admin: {
        sub: String(body.items?.[0]?.sub),
        username: server.bootstrap.email,
        password: server.bootstrap.password,
      },
    },
    partialAdmin: await registerService(server, {
      client_id: 'partial-admin',
      scope: 'users:read clients:read',
    }),
    guard: await registerService(server, { client_id: 'guard', introspection_scope: 'any' }),
  };
}
