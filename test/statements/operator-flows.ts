import { signInAndAllow } from '../flows/protocol/app.ts';
import type { AdminBody } from '../support/operator.ts';
import { makePerson } from '../support/person.ts';
import { readAuditLog } from './audit-flows.ts';
import { manageRoles } from './role-flows.ts';
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
  await readAuditLog(cast, String(user.sub));
  const who = { sub: String(user.sub), username: email, password };
  await signInAndAllow(cast.app, makePerson(server.issuer), who);
  await lookAround(cast, ask, String(user.sub));
  await manageRoles(ask, server.issuer, { user: userPath, client: clientPath });
  await ask('delete a client', 'DELETE', clientPath);
  await ask('send a link for a password', 'POST', `${userPath}/reset-password`);
  await ask('take a password away', 'DELETE', `${userPath}/factors/password`);
  await ask('disable a user', 'POST', `${userPath}/disable`, { reason: 'Left us' });
  await ask('enable a user', 'POST', `${userPath}/enable`);
  await ask('delete a user later', 'POST', `${userPath}/schedule-deletion`, { delete_in: 60 });
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

type Ask = (name: string, method: string, path: string, body?: unknown) => Promise<AdminBody>;

/** Sessions, grants and deliveries of everybody, and of one user who is signed in. */
async function lookAround({ app }: Cast, ask: Ask, sub: string): Promise<void> {
  const client = app.registration.clientId;
  await ask('how a user stands', 'GET', `users/${sub}/standing`);
  await ask('factors of a user', 'GET', `users/${sub}/factors`);
  await turnPages(ask, 'sessions', 'sessions?limit=1');
  await turnPages(ask, 'sessions of a client', `sessions?limit=1&client=${client}`);
  const { items: [session] = [] } = await ask(
    'sessions of a user, now',
    'GET',
    `sessions?since=1&user=${sub}`,
  );
  await ask('sessions of a user in a client', 'GET', `sessions?user=${sub}&client=${client}`);
  await ask('read a session', 'GET', `sessions/${String(session?.id)}`);
  await turnPages(ask, 'grants', 'grants?limit=1');
  await turnPages(ask, 'grants of a client', `grants?limit=1&client=${client}`);
  const { items: [grant] = [] } = await ask('grants of a user', 'GET', `grants?user=${sub}`);
  await ask('read a grant', 'GET', `grants/${String(grant?.id)}`);
  await ask('take a grant back', 'DELETE', `grants/${String(grant?.id)}`);
  await ask('end a session', 'DELETE', `sessions/${String(session?.id)}`);
  await turnPages(ask, 'invitations', 'invitations?limit=1');
  await turnPages(ask, 'settings', 'settings?limit=1');
  await ask('change a setting', 'PATCH', 'settings', { TTL_ID_TOKEN: '10m' });
  await ask('take a change of a setting back', 'PATCH', 'settings', { TTL_ID_TOKEN: null });
  for (const filter of ['', '&state=dead', '&kind=password_reset', `&sub=${sub}`])
    await turnPages(ask, `deliveries ${filter}`, `outbox?limit=1${filter}`);
}

/** The first page of a list, and the one after it where there is one. */
async function turnPages(ask: Ask, name: string, path: string): Promise<void> {
  const { next } = await ask(`list ${name}`, 'GET', path);
  if (typeof next === 'string') await ask(`list ${name}, next page`, 'GET', `${path}&after=${next}`);
}
