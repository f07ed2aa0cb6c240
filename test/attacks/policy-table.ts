/** What somebody gets by an operation, beside what it is about. */
export type Gift = 'nothing' | 'within' | 'beyond';

/** Names that rows put into bodies: roles that confer what a partial administrator has, and more than that. */
export interface Gifts {
  role: string | undefined;
  scope: string;
  permissions: readonly { resource: string; scope: string }[];
}

/** Of one operation that changes something: whom or what it is about, and what it gives. */
export interface PolicyRow {
  /** Whose rank counts; none: nobody is above or below anybody in it. */
  about?: 'user' | 'client' | 'role';
  /** Why rank does not count, where nothing is given either. */
  why?: string;
  /** What else stands in its path. */
  path?: Readonly<Record<string, string>>;
  body?(gifts: Gifts): unknown;
  /** Its body gives something, so it is tried with each gift. */
  gives?: true;
}

const roleNames = ({ role }: Gifts): string[] => (role === undefined ? [] : [role]);
const held = (gifts: Gifts) => roleNames(gifts).map((name) => ({ name }));
const metadata = ({ scope }: Gifts) => ({
  client_name: 'Made',
  redirect_uris: [],
  grant_types: ['client_credentials'],
  scope,
});
const parts = ({ role, permissions }: Gifts) => ({
  permissions,
  roles: role === undefined ? [] : [role],
});
const anApi = 'an API is no operator: what its scopes are worth is decided where roles confer them';
const inJobs = 'each operation of a job is decided when it is run, as it would be alone: flows/jobs.test.ts';
const ofServer = 'what belongs to the whole server has no rank';
const ofData = 'which details people have is for all of them alike';
const ofEach =
  'it is asked of each one, whose it is: what is of people above stays (test/flows/admin-sessions.test.ts)';
const noId = '0'.repeat(32);

/** Every operation of the admin API that changes something; one that is not here fails the test. */
export const policy: Readonly<Record<string, PolicyRow>> = {
  createUser: {
    gives: true,
    body: (gifts) => ({ email: 'policy@example.org', roles: roleNames(gifts) }),
  },
  patchUser: {
    about: 'user',
    gives: true,
    body: (gifts) => ({ nickname: 'Changed', ...(gifts.role === undefined ? {} : { roles: [gifts.role] }) }),
  },
  deleteUser: { about: 'user' },
  disableUser: { about: 'user', body: () => ({}) },
  enableUser: { about: 'user' },
  scheduleUserDeletion: { about: 'user', body: () => ({ delete_in: 60 }) },
  removeUserPassword: { about: 'user' },
  removeUserPicture: { about: 'user' },
  unlockUser: { about: 'user' },
  resetUserPassword: { about: 'user' },
  resendUserVerification: { about: 'user' },
  endUserSession: { about: 'user', path: { sid: noId } },
  endUserSessions: { about: 'user' },
  withdrawUserGrant: { about: 'user', path: { client: 'nobody' } },
  withdrawUserGrants: { about: 'user' },
  endSession: { why: ofEach },
  endSessions: { why: ofEach },
  withdrawGrant: { why: ofEach },
  withdrawGrants: { why: ofEach },
  setUserRoles: { about: 'user', gives: true, body: (gifts) => ({ roles: held(gifts) }) },
  addUserRole: { about: 'user', gives: true, body: ({ role = 'policy-empty' }) => ({ name: role }) },
  removeUserRole: { about: 'user', path: { role: 'nobody' } },
  askForSupportSession: {
    why: 'no service may, and a person needs all that the other has: support-sessions.test.ts',
  },
  endSupportSession: {
    why: 'to end what somebody does in the place of a person takes nothing from the person',
  },
  createInvitation: {
    gives: true,
    body: (gifts) => ({ email: 'policy@example.org', roles: roleNames(gifts) }),
  },
  revokeInvitation: { why: 'one that gives roles is tried by itself, below' },
  createClient: { gives: true, body: metadata },
  replaceClient: { about: 'client', gives: true, body: metadata },
  patchClient: { about: 'client', gives: true, body: ({ scope }) => ({ scope }) },
  deleteClient: { about: 'client' },
  createClientSecret: { about: 'client', body: () => ({}) },
  patchClientSecret: { about: 'client', path: { secret: 'nobody' }, body: () => ({ description: 'x' }) },
  deleteClientSecret: { about: 'client', path: { secret: 'nobody' } },
  setClientRoles: { about: 'client', gives: true, body: (gifts) => ({ roles: held(gifts) }) },
  addClientRole: { about: 'client', gives: true, body: ({ role = 'policy-empty' }) => ({ name: role }) },
  removeClientRole: { about: 'client', path: { role: 'nobody' } },
  createRole: { gives: true, body: (gifts) => ({ name: 'policy-made', ...parts(gifts) }) },
  replaceRole: { about: 'role', gives: true, body: parts },
  patchRole: { about: 'role', gives: true, body: parts },
  deleteRole: { about: 'role' },
  createUserJob: { why: inJobs },
  cancelUserJob: { why: inJobs },
  createClientJob: { why: inJobs },
  cancelClientJob: { why: inJobs },
  createResourceServer: { why: anApi },
  replaceResourceServer: { why: anApi },
  patchResourceServer: { why: anApi },
  deleteResourceServer: { why: anApi },
  createUserAttribute: { why: ofData },
  replaceUserAttribute: { why: ofData },
  patchUserAttribute: { why: ofData },
  deleteUserAttribute: { why: ofData },
  patchSettings: { why: ofServer },
  retryOutboxMessage: { why: ofServer },
  discardOutboxMessage: { why: ofServer },
};
