type Ask = (name: string, method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;

/** What operators do with roles; the paths are those of somebody and of a client. */
export async function manageRoles(
  ask: Ask,
  issuer: string,
  { user, client }: { user: string; client: string },
): Promise<void> {
  const permissions = [{ resource: `${issuer}/api/admin`, scope: 'users:read' }];
  await ask('create a role', 'POST', 'roles', { name: 'made', permissions });
  await ask('create a role that contains one', 'POST', 'roles', { name: 'made-of-it', roles: ['made'] });
  await ask('read a role', 'GET', 'roles/made');
  await ask('change a role', 'PATCH', 'roles/made', { description: 'Changed.' });
  await ask('list roles', 'GET', 'roles?limit=1');
  const later = Math.floor(Date.now() / 1000) + 86_400;
  for (const [whose, path] of [
    ['a user', user],
    ['a client', client],
  ]) {
    await ask(`give ${whose} a role`, 'POST', `${path}/roles`, { name: 'made-of-it', expires_at: later });
    await ask(`give ${whose} roles`, 'PUT', `${path}/roles`, { roles: [{ name: 'made' }] });
    await ask(`read the roles of ${whose}`, 'GET', `${path}/roles`);
  }
  for (const kind of ['users', 'clients']) {
    await ask(`list ${kind} with a role`, 'GET', `roles/made/${kind}?effective=true&limit=1`);
  }
  await ask('take a role', 'DELETE', `${user}/roles/made`);
  await ask('delete a role', 'DELETE', 'roles/made?take_away=true');
}
