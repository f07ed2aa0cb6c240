import { signInAndAllow } from '../flows/protocol/app.ts';
import { makePerson } from '../support/person.ts';
import type { Cast } from './tour.ts';

/** What operators do through the admin API. */
export async function operate(cast: Cast): Promise<void> {
  const { server, recorder } = cast;
  const ask = async (name: string, method: string, path: string, body?: unknown, headers = {}) => {
    const answer = await recorder.flow(`admin: ${name}`, () => server.admin(method, path, body, headers));
    if (answer.status >= 300) throw new Error(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  await server.admin('GET', 'clients?limit=1');

  const metadata = { client_name: 'Made', redirect_uris: ['https://app.example/cb'] };
  const client = await ask('create a client', 'POST', 'clients', metadata);
  const once = { 'idempotency-key': '"made-once"' };
  await ask('create a client with a key', 'POST', 'clients', metadata, once);
  await ask('create a client with the same key', 'POST', 'clients', metadata, once);
  await ask('rehearse a creation', 'POST', 'clients?dry_run=true', metadata);
  const clientPath = `clients/${String(client.client_id)}`;
  await ask('read a client', 'GET', clientPath);
  await ask('change a client', 'PATCH', clientPath, { client_name: 'Changed' });
  const page = await ask('list clients', 'GET', 'clients?limit=2');
  await ask('list clients, next page', 'GET', `clients?limit=2&after=${String(page.next)}`);
  await ask('search clients', 'GET', 'clients?search=chan');
  const secret = await ask('add a secret', 'POST', `${clientPath}/secrets`, { expire_others_in: 60 });
  const secretPath = `${clientPath}/secrets/${String(secret.id)}`;
  const secrets = await ask('list secrets', 'GET', `${clientPath}/secrets?limit=1`);
  await ask('list secrets, next page', 'GET', `${clientPath}/secrets?limit=1&after=${String(secrets.next)}`);
  await ask('read a secret', 'GET', secretPath);
  await ask('change a secret', 'PATCH', secretPath, { description: 'Changed' });
  await ask('delete a secret', 'DELETE', secretPath);
  await ask('delete a client', 'DELETE', clientPath);

  await manageResourceServers(ask, String(cast.service.registration.clientId));
  const attribute = { name: 'shelf', display_name: { default: 'Shelf' }, type: 'text' };
  await ask('define an attribute', 'POST', 'user-attributes', attribute);
  await ask('read an attribute', 'GET', 'user-attributes/shelf');
  await ask('change an attribute', 'PATCH', 'user-attributes/shelf', { person_access: 'write' });
  await ask('list attributes', 'GET', 'user-attributes');
  await ask('delete an attribute', 'DELETE', 'user-attributes/shelf');
  await ask('list refusals', 'GET', 'client-errors?limit=2');
  await ask('refusals of one client', 'GET', `clients/${cast.app.registration.clientId}/errors`);
  await ask('refusals of no client', 'GET', 'client-errors?unattributed=true&code=client_unknown');
  await ask('refusals of one kind', 'GET', 'client-errors?code=secret_wrong');
  await ask('a refusal by its page', 'GET', `client-errors?error_id=${'A'.repeat(22)}`);
  await ask('a refusal by its request', 'GET', `client-errors?request_id=${'A'.repeat(22)}`);

  const email = 'made@example.org';
  const password = 'correct horse battery staple';
  const user = await ask('create a user', 'POST', 'users', {
    email,
    email_verified: true,
    name: 'Made',
    password,
  });
  const userPath = `users/${String(user.sub)}`;
  await ask('read a user', 'GET', userPath);
  await ask('change a user', 'PATCH', userPath, { name: 'Changed', preferred_username: 'made' });
  const users = await ask('list users', 'GET', 'users?limit=1');
  await ask('list users, next page', 'GET', `users?limit=1&after=${String(users.next)}`);
  await ask('search users', 'GET', 'users?search=ma');
  for (const sort of ['-created_at', 'email', '-username', 'sub'])
    await ask(`list users sorted by ${sort}`, 'GET', `users?limit=1&sort=${sort}`);
  for (const query of [
    'email_prefix=ma',
    'username_prefix=ma',
    'role=admin',
    'created_from=1&created_before=2',
  ])
    await ask(`list users by ${query}`, 'GET', `users?limit=1&${query}`);
  const byAddress = await ask('list users by address', 'GET', 'users?limit=1&sort=email');
  await ask(
    'list users by address, next page',
    'GET',
    `users?limit=1&sort=email&after=${String(byAddress.next)}`,
  );
  await ask('list clients by name', 'GET', 'clients?limit=1&sort=-client_name');
  await ask('find a user by e-mail address', 'GET', `users?email=${email}`);
  await ask('find a user by user name', 'GET', 'users?username=made');
  const who = { sub: String(user.sub), username: email, password };
  await signInAndAllow(cast.app, makePerson(server.issuer), who);
  await ask('send a link for a password', 'POST', `${userPath}/reset-password`);
  await ask('disable a user', 'PATCH', userPath, { status: 'disabled' });
  await ask('delete a user', 'DELETE', userPath);
}

async function manageResourceServers(
  ask: (name: string, method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>,
  clientId: string,
): Promise<void> {
  const server = {
    resource: 'https://made.example',
    name: 'Made',
    scopes: [{ name: 'read' }, { name: 'write' }],
    clients: [clientId],
  };
  const made = await ask('create a resource server', 'POST', 'resource-servers', server);
  await ask('create another resource server', 'POST', 'resource-servers', {
    ...server,
    resource: 'urn:other',
  });
  const path = `resource-servers/${String(made.id)}`;
  await ask('read a resource server', 'GET', path);
  await ask('change a resource server', 'PATCH', path, { scopes: [{ name: 'read' }] });
  const page = await ask('list resource servers', 'GET', 'resource-servers?limit=3');
  await ask('list resource servers, next page', 'GET', `resource-servers?limit=3&after=${String(page.next)}`);
  await ask('search resource servers', 'GET', 'resource-servers?search=mad');
  await ask('delete a resource server', 'DELETE', path);
}
