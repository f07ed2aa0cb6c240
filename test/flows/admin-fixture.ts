import { type Database, openDatabase } from '../../adapters/postgres/connection/database.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson } from '../support/person.ts';
import { makeRelyingParty, type RelyingParty } from '../support/relying-party.ts';

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

/** The pages of a list, by following `next`. `query` has no cursor. */
export async function* pagesOf(
  server: RunningGatehouse,
  path: string,
  query: string,
): AsyncGenerator<Record<string, unknown>[]> {
  for (let after = ''; ; ) {
    const { status, body } = await server.admin('GET', `${path}?${query}${after}`);
    if (status !== 200) throw new Error(`no page: ${status}`);
    yield body.items ?? [];
    if (body.next === null) return;
    after = `&after=${textOf(body.next)}`;
  }
}

/** An access token through client credentials, of a fresh service client with these scopes. */
export async function serviceToken(
  server: RunningGatehouse,
  { scope, resource }: { scope: string; resource?: string },
): Promise<string> {
  const app = await register(server, { grant_types: ['client_credentials'], scope });
  const asked = resource === undefined ? {} : { resource, scope };
  const { body } = await app.post('token', { grant_type: 'client_credentials', ...asked });
  return textOf(body.access_token);
}

/** What a JWT says. */
export function claimsIn(token: string): { sub: string; client_id: string; aud: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}

export interface Tokens {
  access: string;
  id: string;
  refresh: string;
}

/** The administrator's tokens in an app that asks for this resource, or for none. */
export async function personTokens(server: RunningGatehouse, resource?: string): Promise<Tokens> {
  const scope = resource === undefined ? 'openid profile' : 'openid users:read account:read';
  const app = await register(server, {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    skip_consent: true,
    scope,
  });
  const { email: username, password } = server.bootstrap;
  const asked = { scope, ...(resource === undefined ? {} : { resource }) };
  const { body } = await app.signIn(makePerson(server.issuer), { username, password }, asked);
  return {
    access: textOf(body.access_token),
    id: textOf(body.id_token),
    refresh: textOf(body.refresh_token),
  };
}

const redirectUri = 'https://app.example.com/callback';

async function register(server: RunningGatehouse, metadata: object): Promise<RelyingParty> {
  const { body } = await server.admin('POST', 'clients', metadata);
  return makeRelyingParty(server.issuer, {
    clientId: textOf(body.client_id),
    clientSecret: textOf(body.client_secret),
    redirectUri,
  });
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error('the server did not answer with what was asked for');
  return value;
}
