import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAccountArtifacts } from '../../../adapters/postgres/artifacts/account-artifacts.ts';
import type { Account } from '../../../server/accounts/account.ts';
import { type CreateAccountInput, makeCreateAccount } from '../../../server/accounts/create-account.ts';
import { makeDeleteAccount } from '../../../server/accounts/delete-account.ts';
import { makeUpdateAccount, type UpdateAccountInput } from '../../../server/accounts/update-account.ts';
import { randomIds } from '../../../server/ids.ts';
import { aWord, someTime } from '../../contracts/builders.ts';
import { aHasher } from '../../contracts/hasher.ts';
import { aLink } from '../../contracts/one-time-link-store.ts';
import { openStores, readAudit, type Stores } from '../../contracts/stores.ts';

const by = { kind: 'client', id: 'operator-tool' } as const;
const later = new Date(someTime.getTime() + 60_000);

describe('accounts', () => {
  let stores: Stores;
  const hasher = aHasher();
  beforeAll(async () => {
    stores = await openStores('PostgreSQL');
  }, 60_000);
  afterAll(() => stores.close());

  const create = (overrides: Partial<CreateAccountInput> = {}) =>
    makeCreateAccount({ ...stores, hasher, ids: randomIds, clock: { now: () => someTime } })({
      email: `${aWord()}@example.com`,
      username: null,
      profile: {},
      roles: [],
      status: 'active',
      by,
      ...overrides,
    });
  const update = (account: Account, changes: Partial<UpdateAccountInput>) => {
    const artifacts = makeAccountArtifacts(stores.database);
    const { id, email, username, profile, roles, status, version: expectedVersion } = account;
    return makeUpdateAccount({ ...stores, artifacts, clock: { now: () => later } })({
      ...{ id, email, username, profile, roles, status, expectedVersion, by },
      ...changes,
    });
  };
  const remove = (id: string, expectedVersion?: number) =>
    makeDeleteAccount({
      ...stores,
      artifacts: makeAccountArtifacts(stores.database),
      notificationAddresses: stores.addresses.allOf,
    })({
      ...{ id, expectedVersion, by },
    });
  const created = async (overrides: Partial<CreateAccountInput> = {}): Promise<Account> => {
    const outcome = await create(overrides);
    if (outcome.kind !== 'created') throw new Error(`not created: ${JSON.stringify(outcome)}`);
    return outcome.account;
  };
  const eventsOf = async (id: string) => (await readAudit(stores.database, id)).map(({ type }) => type);
  /** A token of the account, and whether it is still there. */
  const issueToken = async (accountId: string) => {
    const token = { model: 'AccessToken', id_hash: Buffer.from(aWord()) };
    await stores.database
      .current()('oidc_artifact')
      .insert({ ...token, payload: '{}', account_id: accountId });
    return async () =>
      (await stores.database.current()('oidc_artifact').where(token).first('model')) !== undefined;
  };

  describe('creating', () => {
    it('makes the account with password and roles, and writes what was made, without the password', async () => {
      const word = aWord();
      const outcome = await create({
        email: `${word}@example.com`,
        emailVerified: true,
        username: word,
        profile: { given_name: 'Ann' },
        roles: ['admin', 'admin'],
        password: 'a password',
      });
      const account = {
        id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
        email: `${word}@example.com`,
        emailVerified: true,
        username: word,
        profile: { given_name: 'Ann' },
        roles: ['admin'],
        status: 'active',
        createdAt: someTime,
        updatedAt: someTime,
        version: 1,
      };
      expect(outcome).toEqual({ kind: 'created', account });
      const stored = await stores.accounts.findByLoginName(word);
      expect(stored).toEqual(account);
      const password = await stores.credentials.findPassword(stored?.id ?? '');
      await expect(hasher.verify('a password', password)).resolves.toMatchObject({ kind: 'match' });
      const events = await readAudit(stores.database, stored?.id ?? '');
      expect(events.map(({ type }) => type)).toEqual(['user.created']);
      expect(events[0]?.data).toMatchObject({
        change: { after: { preferred_username: word, roles: ['admin'] } },
        passwordSet: true,
      });
      expect(JSON.stringify(events)).not.toContain('a password');
    });

    it('names every bad field at once and writes nothing', async () => {
      const outcome = await create({
        email: 'a@b@example.com',
        username: 'a b',
        password: 'short',
        roles: ['admin', 'no such role'],
      });
      expect(outcome).toMatchObject({
        kind: 'refused',
        fields: [
          { field: 'email' },
          { field: 'preferred_username' },
          { field: 'password' },
          { field: 'roles', message: 'No such role: "no such role".' },
        ],
      });
    });

    it('wants an address or a user name', async () => {
      await expect(create({ email: null })).resolves.toMatchObject({
        kind: 'refused',
        fields: [{ field: 'email' }],
      });
      await expect(create({ email: null, username: aWord() })).resolves.toMatchObject({ kind: 'created' });
    });

    it('refuses a taken login name and leaves no event behind', async () => {
      const { email } = await created();
      const rows = async () => (await stores.database.current()('audit_event').count())[0];
      const before = await rows();
      await expect(create({ email })).resolves.toEqual({ kind: 'login_name_taken' });
      await expect(rows()).resolves.toEqual(before);
    });

    it('makes exactly one account of 50 that want the same name at once', async () => {
      const username = aWord();
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => create({ username, password: 'a password' })),
      );
      expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === 'login_name_taken')).toHaveLength(49);
    });

    it('does not call an address verified that is not there', async () => {
      const account = await created({ email: null, username: aWord(), emailVerified: true });
      expect(account.emailVerified).toBe(false);
    });
  });

  describe('updating', () => {
    it('writes the new state and an event with what differs', async () => {
      const before = await created({ profile: { name: 'Old', nickname: 'N' }, emailVerified: true });
      const username = aWord();
      const outcome = await update(before, { username, profile: { name: 'New' }, roles: ['admin'] });
      const account = {
        ...before,
        username,
        profile: { name: 'New' },
        roles: ['admin'],
        updatedAt: later,
        version: 2,
      };
      expect(outcome).toEqual({ kind: 'updated', account });
      await expect(stores.accounts.find(before.id)).resolves.toEqual(account);
      const events = await readAudit(stores.database, before.id);
      expect(events.slice(1)).toEqual([
        {
          type: 'user.updated',
          data: {
            change: {
              before: { preferred_username: null, name: 'Old', nickname: 'N', roles: [] },
              after: { preferred_username: username, name: 'New', nickname: null, roles: ['admin'] },
            },
          },
        },
      ]);
    });

    it('writes nothing when nothing differs', async () => {
      const account = await created({ profile: { name: 'Same' } });
      const profile = { name: 'Same', nickname: undefined };
      await expect(update(account, { profile })).resolves.toEqual({ kind: 'updated', account });
      await expect(eventsOf(account.id)).resolves.toEqual(['user.created']);
    });

    it.each([
      ['is unverified when the address is new', { email: `${aWord()}@example.com` }, false],
      ['stays verified when the address stays', { profile: { name: 'X' } }, true],
      [
        'is verified when the operator says so',
        { email: `${aWord()}@example.com`, emailVerified: true },
        true,
      ],
      ['is unverified when the operator says so', { emailVerified: false }, false],
    ])('the address %s', async (_what, changes, emailVerified) => {
      const account = await created({ emailVerified: true });
      await expect(update(account, changes)).resolves.toMatchObject({ account: { emailVerified } });
    });

    it('tells stale from missing, and both from a taken name', async () => {
      const [account, other] = [await created(), await created()];
      await expect(update(account, { expectedVersion: 7, status: 'disabled' })).resolves.toEqual({
        kind: 'stale',
      });
      await expect(update(account, { id: aWord(), status: 'disabled' })).resolves.toEqual({
        kind: 'missing',
      });
      await expect(update(account, { email: other.email })).resolves.toEqual({ kind: 'login_name_taken' });
      await expect(eventsOf(account.id)).resolves.toEqual(['user.created']);
    });

    it('refuses bad fields as creating does', async () => {
      const account = await created();
      await expect(update(account, { email: null, roles: ['nope'] })).resolves.toMatchObject({
        kind: 'refused',
        fields: [{ field: 'email' }, { field: 'roles' }],
      });
    });

    it('ends every session and token when the account is disabled, and only then', async () => {
      const account = await created();
      const isLive = await issueToken(account.id);
      const foreign = await issueToken(aWord());
      const renamed = await update(account, { profile: { name: 'X' } });
      await expect(isLive()).resolves.toBe(true);
      if (renamed.kind === 'updated') await update(renamed.account, { status: 'disabled' });
      await expect(isLive()).resolves.toBe(false);
      await expect(foreign()).resolves.toBe(true);
    });

    it('ends a link that sets a password when the address changes, and only then', async () => {
      const account = await created();
      const link = aLink({ subjectId: account.id });
      await stores.oneTimeLinks.issue(link);
      const renamed = await update(account, { profile: { name: 'X' } });
      await expect(stores.oneTimeLinks.find(link.tokenHash)).resolves.toMatchObject({ endedAt: null });
      if (renamed.kind === 'updated') await update(renamed.account, { email: `${aWord()}@example.com` });
      await expect(stores.oneTimeLinks.find(link.tokenHash)).resolves.toMatchObject({ endedAt: later });
    });
  });

  describe('deleting', () => {
    it('deletes the person with all that hangs on them, and writes that it was, not who', async () => {
      const account = await created({ password: 'a password' });
      const isLive = await issueToken(account.id);
      await expect(remove(account.id, 1)).resolves.toEqual({ kind: 'deleted' });
      await expect(stores.accounts.find(account.id)).resolves.toBeUndefined();
      await expect(stores.credentials.findPassword(account.id)).resolves.toBeUndefined();
      await expect(isLive()).resolves.toBe(false);
      const events = await readAudit(stores.database, account.id);
      expect(events.at(-1)).toMatchObject({
        type: 'user.deleted',
        data: { change: { before: { status: 'active', roles: [] } } },
      });
      expect(JSON.stringify(events)).not.toContain(account.email);
    });

    it('tells stale from missing and ends nothing then', async () => {
      const account = await created();
      const isLive = await issueToken(account.id);
      await expect(remove(account.id, 2)).resolves.toEqual({ kind: 'stale' });
      await expect(isLive()).resolves.toBe(true);
      await expect(remove(aWord(), 2)).resolves.toEqual({ kind: 'missing' });
      await expect(remove(account.id)).resolves.toEqual({ kind: 'deleted' });
      await expect(remove(account.id)).resolves.toEqual({ kind: 'missing' });
    });
  });
});
