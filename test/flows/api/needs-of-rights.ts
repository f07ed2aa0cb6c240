import { randomBytes } from 'node:crypto';
import { waitFor } from '../../support/wait-for.ts';
import { addAccount, registerApp } from '../protocol/app.ts';
import type { Need } from './calls.ts';
import type { Stage } from './stage.ts';

const aWord = (): string => `w${randomBytes(8).toString('hex')}`;

const aUser = async ({ server }: Stage): Promise<string> =>
  (await addAccount(server, `${aWord()}@example.org`)).sub;

const aClient = async ({ server }: Stage): Promise<string> =>
  (await registerApp(server)).registration.clientId;

async function aRole({ server }: Stage): Promise<string> {
  const name = aWord();
  const { status } = await server.admin('POST', 'roles', { name });
  if (status !== 201) throw new Error(`no role: ${status}`);
  return name;
}

const anAttribute = (name: string) => ({
  name,
  display_name: { default: 'Shoe size' },
  type: 'number',
});

const forRole =
  (body?: unknown): Need =>
  async (stage) => ({ params: { name: await aRole(stage) }, body });

const forAttribute =
  (body?: unknown): Need =>
  async (stage) => {
    const name = aWord();
    const { status } = await stage.server.admin('POST', 'user-attributes', anAttribute(name));
    if (status !== 201) throw new Error(`no attribute: ${status}`);
    return { params: { name }, body };
  };

/** A job that changes nothing: nobody of that name is there. */
const aJob = (count: number) => ({
  operations: Array.from({ length: count }, () => ({ op: 'delete', id: 'nobody' })),
});
const forJob =
  (kind: 'user' | 'client', count: number): Need =>
  async ({ server }) => {
    const { status, body } = await server.admin('POST', `${kind}-jobs`, aJob(count));
    if (status !== 202) throw new Error(`no job: ${status}`);
    return { params: { id: String(body.id) } };
  };

const holder = { user: aUser, client: aClient };

/** Who is to get a role, and the role. */
const forHolder =
  (kind: keyof typeof holder, body?: (role: string) => unknown): Need =>
  async (stage) => ({ params: { id: await holder[kind](stage) }, body: body?.(await aRole(stage)) });

/** Who has a role. */
const forHeld =
  (kind: keyof typeof holder): Need =>
  async (stage) => {
    const [id, role] = [await holder[kind](stage), await aRole(stage)];
    const { status } = await stage.server.admin('POST', `${kind}s/${id}/roles`, oneOf(role));
    if (status >= 300) throw new Error(`no role given: ${status}`);
    return { params: { id, role } };
  };

const oneOf = (name: string) => ({ name, expires_at: null });
const allOf = (name: string) => ({ roles: [oneOf(name)] });

/** What the operations need that are about rights, and about what was done with them. */
export const needsOfRights: Readonly<Record<string, Need>> = {
  createUserJob: async () => ({ body: aJob(2) }),
  readUserJob: forJob('user', 1),
  listUserJobResults: forJob('user', 1),
  cancelUserJob: forJob('user', 1000),
  createClientJob: async () => ({ body: aJob(2) }),
  readClientJob: forJob('client', 1),
  listClientJobResults: forJob('client', 1),
  cancelClientJob: forJob('client', 1000),
  createRole: async () => ({ body: { name: aWord() } }),
  readRole: forRole(),
  replaceRole: forRole({ description: 'Replaced' }),
  patchRole: forRole({ description: 'Patched' }),
  deleteRole: forRole(),
  listRoleUsers: forRole(),
  listRoleClients: forRole(),
  listUserRoles: forHolder('user'),
  setUserRoles: forHolder('user', allOf),
  addUserRole: forHolder('user', oneOf),
  removeUserRole: forHeld('user'),
  listClientRoles: forHolder('client'),
  setClientRoles: forHolder('client', allOf),
  addClientRole: forHolder('client', oneOf),
  removeClientRole: forHeld('client'),
  createUserAttribute: async () => ({ body: anAttribute(aWord()) }),
  readUserAttribute: forAttribute(),
  replaceUserAttribute: forAttribute({ display_name: { default: 'Replaced' }, type: 'number' }),
  patchUserAttribute: forAttribute({ display_name: { default: 'Patched' } }),
  deleteUserAttribute: forAttribute(),
  readAuditEvent: async ({ server }) => {
    const { body } = await server.admin('GET', 'audit-events?limit=1');
    return { params: { id: String(body.items?.[0]?.id) } };
  },
  listErrorsOfClient: async (stage) => ({ params: { id: await aClient(stage) } }),
  readClientError: async ({ server }) => {
    await fetch(`${server.issuer}/oauth2/authorize?client_id=nobody&response_type=code`);
    const error = await waitFor('the refusal is told of', async () => {
      const { body } = await server.admin('GET', 'client-errors');
      return body.items?.[0];
    });
    return { params: { id: String(error.id) } };
  },
  listSupportSessions: async (stage) => ({ params: { id: await aUser(stage) } }),
};

/** Operations that are there for people alone: the operator of the tests is a program. */
export const forPeopleOnly: readonly string[] = ['askForSupportSession', 'endSupportSession'];
