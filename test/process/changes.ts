import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { createDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { basic } from '../support/relying-party.ts';
import { waitFor } from '../support/wait-for.ts';

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
 * Uses the service at `there` again and again, so that it is known there, and meanwhile makes the change; the milliseconds
 * from the moment that the change was acknowledged until the first answer with the expected status that was begun after it.
 */
export async function seenAfter(
  there: RunningGatehouse,
  service: Service,
  change: () => Promise<unknown>,
  expected: number,
): Promise<number> {
  for (let use = 0; use < 3; use += 1) await askForToken(there, service);
  let stopped = false;
  const user = (async () => {
    while (!stopped) await askForToken(there, service);
  })();
  await change();
  const acknowledged = performance.now();
  let began = acknowledged;
  await waitFor(
    `the other process answers ${expected}`,
    async () => {
      began = performance.now();
      return (await askForToken(there, service)) === expected;
    },
    { every: 1 },
  );
  stopped = true;
  await user;
  return began - acknowledged;
}

/** The value of a metric at the management port; its sum where it has labels. */
export async function metricOf({ managementUrl }: RunningGatehouse, name: string): Promise<number> {
  const lines = (await (await fetch(`${managementUrl}/metrics`)).text()).split('\n');
  const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (values.length === 0) throw new Error(`There is no metric ${name}.`);
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
