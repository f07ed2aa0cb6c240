import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { createDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { basic } from '../support/relying-party.ts';

/** A service and its secret, as the process that has made it tells them. */
export interface Service {
  id: string;
  secret: string;
}

/** Two processes on one database, as one runs them for availability. */
export async function startTwo(
  env: Record<string, string> = {},
): Promise<[RunningGatehouse, RunningGatehouse]> {
  const database = await createDatabase();
  // Behind a pooler the session cannot set it, and that of the tests has it off.
  const name = new URL(database.url).pathname.slice(1);
  await query(database.superuserUrl, `alter database ${name} set synchronous_commit = on`);
  const one = await startGatehouse({ database, env });
  const { dataDir, bootstrap } = one;
  return [one, await startGatehouse({ database, dataDir, bootstrap, env })];
}

export async function makeService(server: RunningGatehouse): Promise<Service> {
  const { status, body } = await server.admin('POST', 'clients', {
    grant_types: ['client_credentials'],
    scope: 'clients:read',
  });
  if (status !== 201) throw new Error(`The service was not made: ${status} ${JSON.stringify(body)}`);
  return { id: String(body.client_id), secret: String(body.client_secret) };
}

/** Asks for a token of the admin API, a JWT that no storage needs to know of; the status of the answer. */
export async function askForToken(
  server: RunningGatehouse,
  { id, secret }: Service,
  headers: Record<string, string> = {},
): Promise<number> {
  const answer = await fetch(`${server.issuer}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: basic(id, secret), ...headers },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: `${server.issuer}/api/admin`,
      scope: 'clients:read',
    }),
  });
  await answer.text();
  return answer.status;
}

/** Takes the secret away and makes another one. */
export async function replaceSecret(server: RunningGatehouse, service: Service): Promise<Service> {
  const path = `clients/${service.id}`;
  const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] };
  const without = await server.admin('PATCH', path, { token_endpoint_auth_method: 'private_key_jwt', jwks });
  const { status, body } = await server.admin('PATCH', path, {
    token_endpoint_auth_method: 'client_secret_basic',
    jwks: null,
  });
  if (without.status !== 200 || status !== 200)
    throw new Error(`The secret was not replaced: ${JSON.stringify([without.body, body])}`);
  return { ...service, secret: String(body.client_secret) };
}

/**
 * Uses the service at `there` without a break, so that it is known there, and meanwhile makes the change, until it is refused.
 *
 * @returns how many milliseconds after the change was acknowledged the last request was begun that was still served
 */
export async function servedAfter(
  there: RunningGatehouse,
  service: Service,
  change: () => Promise<unknown>,
): Promise<number> {
  let acknowledged = Number.POSITIVE_INFINITY;
  let last = 0;
  const user = async (): Promise<void> => {
    for (;;) {
      const began = performance.now();
      const status = await askForToken(there, service);
      if (status === 200) last = Math.max(last, began - acknowledged);
      else if (began > acknowledged) return;
    }
  };
  const known = Promise.all([1, 2, 3].map(() => askForToken(there, service)));
  if ((await known).some((status) => status !== 200)) throw new Error('The service is not known.');
  const users = Promise.all([user(), user()]);
  await change();
  acknowledged = performance.now();
  await users;
  return last;
}

/** The value of a metric at the management port; its sum where it has labels. */
export async function metricOf({ managementUrl }: RunningGatehouse, name: string): Promise<number> {
  const lines = (await (await fetch(`${managementUrl}/metrics`)).text()).split('\n');
  const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (values.length === 0) throw new Error(`There is no metric ${name}.`);
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
