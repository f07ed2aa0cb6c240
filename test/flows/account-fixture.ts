import { openDatabase } from '../../adapters/postgres/connection/database.ts';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makePerson, type Person } from '../support/person.ts';
import { type Account, addAccount, registerApp } from './protocol/app.ts';

/** Somebody with a token for the account API. */
export interface ApiUser {
  who: Account;
  /** Their browser, signed in. */
  person: Person;
  token: string;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { errors?: { field: string }[] };
}

export interface AccountServer extends RunningGatehouse {
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Adds somebody and signs them in at an app that may do everything with their account. */
  apiUser(claims?: Record<string, unknown>): Promise<ApiUser>;
  signInToApi(who: Account, person?: Person): Promise<ApiUser>;
}

const scope = 'openid account:read account:write account:security';

/** A real server on a real PostgreSQL, with an app that people use the account API through. */
export async function startAccountServer(env: Record<string, string> = {}): Promise<AccountServer> {
  const server = await startGatehouse({ database: 'postgres', env });
  if (server.database === 'embedded') throw new Error('not on PostgreSQL');
  const database = openDatabase({
    where: { kind: 'url', url: server.database.url },
    poolMax: 2,
    acquireTimeout: 10_000,
    connectTimeout: 10_000,
    statementTimeout: 10_000,
  });
  const app = await registerApp(server, { skip_consent: true, scope });
  let count = 0;
  const signInToApi = async (who: Account, person = makePerson(server.issuer)): Promise<ApiUser> => {
    const resource = `${server.issuer}/api/account`;
    const { body } = await app.signIn(person, who, { scope, resource });
    const token = String(body.access_token);
    return {
      who,
      person,
      token,
      async request(method, path, sent, headers = {}) {
        const answer = await fetch(`${resource}/v1${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(sent === undefined ? {} : { body: typeof sent === 'string' ? sent : JSON.stringify(sent) }),
        });
        const text = await answer.text();
        return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
      },
    };
  };
  return {
    ...server,
    rows: (sql, values = []) => database.run(sql, values),
    apiUser: async (claims = {}) =>
      signInToApi(await addAccount(server, `person-${count++}@example.org`, claims)),
    signInToApi,
    async dispose() {
      await database.close();
      await server.dispose();
    },
  };
}
