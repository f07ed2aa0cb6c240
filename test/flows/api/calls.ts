import { randomBytes } from 'node:crypto';
import { makePerson } from '../../support/person.ts';
import { type App, addAccount, registerApp, signInAndAllow } from '../protocol/app.ts';
import { needsOfRights } from './needs-of-rights.ts';
import type { DescribedOperation } from './operations.ts';
import type { Stage } from './stage.ts';

/** A call of an operation that succeeds. */
export interface Call {
  operation: DescribedOperation;
  /** Below the API's root, with ids of objects that exist; it may have a query. */
  path: string;
  body?: unknown;
}

const aWord = (): string => `w${randomBytes(8).toString('hex')}`;
const anAddress = (): string => `${aWord()}@example.org`;

/** What is needed for one operation: the ids in its path, by name, what must stand in its query, and its body. */
export type Need = (
  stage: Stage,
) => Promise<{ params?: Record<string, string>; query?: Record<string, string>; body?: unknown }>;

const aUser = async ({ server }: Stage): Promise<string> => (await addAccount(server, anAddress())).sub;

const anApp = ({ server }: Stage): Promise<App> => registerApp(server);

const aClient = async (stage: Stage): Promise<string> => (await anApp(stage)).registration.clientId;

/** Somebody who has signed in to an app and allowed it something. */
async function aSignedIn(stage: Stage): Promise<{ id: string; sid: string; client: string }> {
  const app = await anApp(stage);
  const who = await addAccount(stage.server, anAddress());
  await signInAndAllow(app, makePerson(stage.server.issuer), who);
  const { body } = await stage.server.admin('GET', `users/${who.sub}/sessions`);
  return { id: who.sub, sid: String(body.items?.[0]?.id), client: app.registration.clientId };
}

/** A mail that nobody takes. */
async function aMessage(stage: Stage, state: 'waiting' | 'dead'): Promise<string> {
  const sub = await aUser(stage);
  await stage.server.admin('POST', `users/${sub}/reset-password`);
  const [row] = await stage.rows<{ id: string }>(
    `update outbox_message set due_at = now() + interval '1 hour', held_until = null, state = $2,
       finished_at = case when $2 = 'dead' then now() end where account_id = $1 returning id`,
    [sub, state],
  );
  return String(row?.id);
}

async function anInvitation({ server }: Stage): Promise<string> {
  return String((await server.admin('POST', 'invitations', { email: anAddress() })).body.id);
}

const aResourceServer = () => ({
  name: 'Photos',
  resource: `https://${aWord()}.example`,
  scopes: [{ name: 'photos:read', description: 'See photos' }],
});

const forResourceServer =
  (body?: unknown): Need =>
  async ({ server }) => ({
    params: { id: String((await server.admin('POST', 'resource-servers', aResourceServer())).body.id) },
    body,
  });

const forUser: Need = async (stage) => ({ params: { id: await aUser(stage) } });
const forSignedIn: Need = async (stage) => ({ params: await aSignedIn(stage) });
const forClient =
  (body?: unknown): Need =>
  async (stage) => ({ params: { id: await aClient(stage) }, body });

/** One more secret of a client. */
const forSecret =
  (body?: unknown): Need =>
  async (stage) => {
    const id = await aClient(stage);
    const made = await stage.server.admin('POST', `clients/${id}/secrets`, {});
    return { params: { id, secret: String(made.body.id) }, body };
  };

const forGrant: Need = async (stage) => {
  const { id: sub } = await aSignedIn(stage);
  const { body } = await stage.server.admin('GET', `grants?user=${sub}`);
  return { params: { id: String(body.items?.[0]?.id) } };
};
const ofSignedIn: Need = async (stage) => ({ query: { user: (await aSignedIn(stage)).id } });
const forStanding =
  (body?: unknown): Need =>
  async (stage) => ({ params: { id: (await aSignedIn(stage)).id }, body });

const redirects = { redirect_uris: ['https://app.example/callback'] };

/** What operations need that their description does not tell: objects in a state in which they can be changed so. */
const needs: Readonly<Record<string, Need>> = {
  createClient: async () => ({ body: redirects }),
  readClient: forClient(),
  replaceClient: forClient({ ...redirects, client_name: 'Replaced' }),
  patchClient: forClient({ client_name: 'Patched' }),
  deleteClient: forClient(),
  listClientSecrets: forClient(),
  createClientSecret: forClient({ description: 'Blue', expire_others_in: 60 }),
  readClientSecret: forSecret(),
  patchClientSecret: forSecret({ description: 'Green' }),
  deleteClientSecret: forSecret(),
  readKey: async ({ server }) => {
    const { body } = await server.admin('GET', 'keys');
    return { params: { kid: String(body.items?.[0]?.kid) } };
  },
  readSetting: async () => ({ params: { name: 'SIGN_UP' } }),
  patchSettings: async () => ({ body: { TTL_ID_TOKEN: '9m' } }),
  endSessions: ofSignedIn,
  readSession: forSignedIn,
  endSession: forSignedIn,
  withdrawGrants: ofSignedIn,
  readGrant: forGrant,
  withdrawGrant: forGrant,
  readUserStanding: forUser,
  disableUser: forStanding({ reason: 'Left us' }),
  enableUser: async (stage) => {
    const { sub } = await addAccount(stage.server, anAddress(), { status: 'disabled' });
    return { params: { id: sub } };
  },
  scheduleUserDeletion: forStanding({ delete_in: 3600 }),
  listUserFactors: forUser,
  removeUserPassword: forStanding(),
  removeUserPicture: forStanding(),
  createUser: async () => ({ body: { email: anAddress(), password: 'seven otters paint blue doors' } }),
  readUser: forUser,
  patchUser: async (stage) => ({ params: { id: await aUser(stage) }, body: { name: 'Patched' } }),
  deleteUser: forSignedIn,
  readUserLock: forUser,
  unlockUser: forUser,
  resetUserPassword: forUser,
  resendUserVerification: async ({ server }) => ({
    params: { id: (await addAccount(server, anAddress(), { email_verified: false })).sub },
  }),
  listUserSessions: forSignedIn,
  endUserSession: forSignedIn,
  endUserSessions: forSignedIn,
  listUserGrants: forSignedIn,
  withdrawUserGrant: forSignedIn,
  withdrawUserGrants: forSignedIn,
  readOutboxMessage: async (stage) => ({ params: { id: await aMessage(stage, 'waiting') } }),
  retryOutboxMessage: async (stage) => ({ params: { id: await aMessage(stage, 'dead') } }),
  discardOutboxMessage: async (stage) => ({ params: { id: await aMessage(stage, 'waiting') } }),
  createInvitation: async () => ({ body: { email: anAddress() } }),
  readInvitation: async (stage) => ({ params: { id: await anInvitation(stage) } }),
  createResourceServer: async () => ({ body: aResourceServer() }),
  readResourceServer: forResourceServer(),
  replaceResourceServer: async (stage) => {
    const { body } = await stage.server.admin('POST', 'resource-servers', aResourceServer());
    return { params: { id: String(body.id) }, body: { ...body, name: 'Replaced' } };
  },
  patchResourceServer: forResourceServer({ name: 'Patched' }),
  deleteResourceServer: forResourceServer(),
  revokeInvitation: async (stage) => ({ params: { id: await anInvitation(stage) } }),
};

/** Makes what an operation needs, and says how it is called. */
export async function prepareCall(stage: Stage, operation: DescribedOperation): Promise<Call> {
  const need = needs[operation.operationId] ?? needsOfRights[operation.operationId];
  const {
    params = {},
    query = {},
    body,
  }: Awaited<ReturnType<Need>> = need === undefined ? { body: operation.example } : await need(stage);
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = params[name];
    if (value === undefined)
      throw new Error(`${operation.operationId}: say in test/flows/api/calls.ts what it needs`);
    return encodeURIComponent(value);
  });
  const asked = new URLSearchParams(query).toString();
  return {
    operation,
    path: `${path.slice(1)}${asked === '' ? '' : `?${asked}`}`,
    ...(body === undefined ? {} : { body }),
  };
}
