import { type Attacked, startAttacked } from '../../attacks/fixture.ts';
import { makePerson, type Person } from '../../support/person.ts';
import { query } from '../../support/postgres-cluster.ts';
import { basic, type TokenAnswer } from '../../support/relying-party.ts';
import { type Account, type App, addAccount, isConsent } from './app.ts';

/** Two processes on one database, and what it takes to make APIs and use them. */
export interface Apis extends Attacked {
  /** Makes a resource server with the scopes `read`, `write` and `refund`. */
  make(changes?: Record<string, unknown>): Promise<Api>;
  /** Somebody new, at a browser of their own. */
  somebody(): Promise<{ who: Account; person: Person }>;
  /** Has a role made that confers this scope, as a role that was made before. */
  addRole(name: string, resource: string, scope: string): Promise<void>;
  giveRole(name: string, who: Account): Promise<void>;
  takeRole(name: string, who: Account): Promise<void>;
  giveRoleToClient(name: string, app: App): Promise<void>;
  dropRole(name: string): Promise<void>;
  /** A request of a client to an endpoint below /oauth2/ at one of the two processes. */
  post(process: 0 | 1, app: App, endpoint: string, body: Record<string, string>): Promise<TokenAnswer>;
}

export interface Api {
  id: string;
  resource: string;
  change(changes: Record<string, unknown>): Promise<void>;
  remove(): Promise<void>;
}

export const scopes = [
  { name: 'read', description: 'See your orders' },
  { name: 'write', description: 'Change your orders' },
  { name: 'refund', description: 'Pay money back', restricted: true },
];

export async function startApis(): Promise<Apis> {
  const attacked = await startAttacked();
  const [server] = attacked.servers;
  if (server.database === 'embedded') throw new Error('not on PostgreSQL');
  const { superuserUrl } = server.database;
  const ask = async (expected: number, method: string, path: string, body?: unknown) => {
    const answer = await server.admin(method, path, body);
    if (answer.status !== expected)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  let number = 0;
  return {
    ...attacked,
    async make(changes = {}) {
      number += 1;
      const given = { resource: `https://api-${number}.example`, name: `API ${number}`, scopes, ...changes };
      const id = String((await ask(201, 'POST', 'resource-servers', given)).id);
      return {
        id,
        resource: given.resource,
        change: async (change) => void (await ask(200, 'PATCH', `resource-servers/${id}`, change)),
        remove: async () => void (await ask(204, 'DELETE', `resource-servers/${id}`)),
      };
    },
    async somebody() {
      number += 1;
      const who = await addAccount(server, `person-${number}@example.org`);
      return { who, person: makePerson(attacked.issuer) };
    },
    async addRole(name, resource, scope) {
      await query(
        superuserUrl,
        `insert into role (name, description, created_at) values ('${name}', '', now()) on conflict do nothing;
         insert into role_permission (role_name, resource, scope) values ('${name}', '${resource}', '${scope}')`,
      );
    },
    giveRole: (name, { sub }) =>
      query(
        superuserUrl,
        `insert into account_role (account_id, role_name, granted_at) values ('${sub}', '${name}', now())`,
      ),
    dropRole: (name) =>
      query(
        superuserUrl,
        `delete from account_role where role_name = '${name}'; delete from role where name = '${name}'`,
      ),
    giveRoleToClient: (name, { registration: { clientId } }) =>
      query(
        superuserUrl,
        `insert into client_role (client_id, role_name, granted_at) values ('${clientId}', '${name}', now())`,
      ),
    takeRole: (name, { sub }) =>
      query(superuserUrl, `delete from account_role where account_id = '${sub}' and role_name = '${name}'`),
    async post(process, { registration: { clientId, clientSecret } }, endpoint, body) {
      const answer = await attacked.send(`/oauth2/${endpoint}`, {
        process,
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(clientSecret === undefined ? {} : { authorization: basic(clientId, clientSecret) }),
        },
        body: new URLSearchParams({
          ...(clientSecret === undefined ? { client_id: clientId } : {}),
          ...body,
        }).toString(),
      });
      return { status: answer.status, headers: new Headers(), body: JSON.parse(answer.text || '{}') };
    },
  };
}

/** Asks an app's way for these resources; the person signs in where that is asked for, and agrees. */
export async function authorize(
  app: App,
  { who, person }: { who: Account; person: Person },
  scope: string,
  resources: readonly string[],
) {
  const attempt = app.begin({ scope });
  for (const resource of resources) attempt.url.searchParams.append('resource', resource);
  let seen = await person.visit(attempt.url);
  if (seen.kind === 'page' && seen.forms.some(({ fields }) => fields.includes('password')))
    seen = await person.signIn(who);
  const asked = isConsent(seen) && seen.kind === 'page' ? seen.text : undefined;
  if (asked !== undefined) seen = await person.submit({}, { button: 'allow' });
  return { attempt, seen, asked };
}

/** The same up to the tokens. */
export async function obtain(
  app: App,
  someone: { who: Account; person: Person },
  scope: string,
  resources: readonly string[],
  extra: Record<string, string> = {},
) {
  const { attempt, seen, asked } = await authorize(app, someone, scope, resources);
  const answer = await app.redeem(attempt, seen, extra);
  return {
    ...answer,
    asked,
    access: String(answer.body.access_token),
    refresh: String(answer.body.refresh_token),
  };
}
