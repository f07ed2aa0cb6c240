import { createHash, randomBytes } from 'node:crypto';
import { type Database, openDatabase } from '../../adapters/postgres/database.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';

/** A row of the audit log. */
export interface AuditRow {
  type: string;
  actor_kind: string;
  actor_id: string | null;
  actor_client_id: string | null;
  client_id: string | null;
  account_id: string | null;
  ip: string | null;
  request_id: string | null;
  data: Record<string, unknown>;
}

export interface AdminServer extends RunningGatehouse {
  /** What the audit log says of one request, by the id in its answer. */
  auditOf(headers: Headers): Promise<AuditRow[]>;
  /** Rows in the tables that the admin API writes to, without the audit log. */
  countRows(): Promise<Record<string, number>>;
  /** Everything that is stored, as text. */
  dump(): Promise<string>;
}

const tables = ['account', 'login_name', 'account_role', 'password_credential', 'client', 'client_secret'];

/** A real server on a real PostgreSQL, whose tables can be looked into. */
export async function startAdminServer(): Promise<AdminServer> {
  const server = await startGatehouse({ database: 'postgres' });
  if (server.database === 'embedded') throw new Error('not on PostgreSQL');
  const database = openDatabase({
    where: { kind: 'url', url: server.database.url },
    poolMax: 2,
    acquireTimeout: 10_000,
    connectTimeout: 10_000,
    statementTimeout: 10_000,
  });
  return {
    ...server,
    auditOf: (headers) =>
      database
        .current()('audit_event')
        .where({ request_id: headers.get('x-request-id') })
        .orderBy('id'),
    countRows: () => countRows(database),
    async dump() {
      const rows = await Promise.all(
        [...tables, 'audit_event'].map((table) => database.current()(table).select()),
      );
      return JSON.stringify(rows);
    },
    async dispose() {
      await database.close();
      await server.dispose();
    },
  };
}

async function countRows(database: Database): Promise<Record<string, number>> {
  const counts = await Promise.all(
    tables.map(async (table): Promise<[string, number]> => {
      const rows: { count: string }[] = await database.current()(table).count();
      return [table, Number(rows[0]?.count)];
    }),
  );
  return Object.fromEntries(counts);
}

/** An access token through client credentials, of a fresh service client with these scopes. */
export async function serviceToken(
  server: RunningGatehouse,
  { scope, resource }: { scope: string; resource?: string },
): Promise<string> {
  const { body } = await server.admin('POST', 'clients', { grant_types: ['client_credentials'], scope });
  return fetchToken(server, String(body.client_id), String(body.client_secret), {
    grant_type: 'client_credentials',
    ...(resource === undefined ? {} : { resource, scope }),
  }).then(({ access_token }) => access_token);
}

export interface TokenAnswer {
  access_token: string;
  id_token: string;
  refresh_token: string;
}

/** The tokens of the administrator in an app that may ask for everything. */
export async function personTokens(server: RunningGatehouse, resource?: string): Promise<TokenAnswer> {
  const redirectUri = 'https://app.example.com/callback';
  const scopes = resource === undefined ? 'openid profile' : 'openid users:read account:read';
  const { body } = await server.admin('POST', 'clients', {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    skip_consent: true,
    scope: scopes,
  });
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: String(body.client_id),
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(resource === undefined ? {} : { resource }),
  });
  const person = makePerson(server.issuer);
  await person.visit(`${server.issuer}/oauth2/authorize?${query}`);
  const { email, password } = server.bootstrap;
  const arrived = await person.signIn({ username: email, password });
  const code = arrived.url.searchParams.get('code');
  if (arrived.kind !== 'elsewhere' || code === null) throw new Error(`no code, but ${arrived.url.href}`);
  return fetchToken(server, String(body.client_id), String(body.client_secret), {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

async function fetchToken(
  server: RunningGatehouse,
  clientId: string,
  secret: string,
  parameters: Record<string, string>,
): Promise<TokenAnswer> {
  const answer = await fetch(`${server.issuer}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams(parameters),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${text}`);
  return JSON.parse(text);
}
