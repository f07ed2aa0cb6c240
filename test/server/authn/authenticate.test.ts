import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../../../server/accounts/account.ts';
import { makeAuthenticate, type PasswordAttempt } from '../../../server/authn/authenticate.ts';
import { randomIds } from '../../../server/ids.ts';
import { anAccount, aWord } from '../../contracts/builders.ts';
import { aGate, aNoteFailure } from '../../contracts/gate.ts';
import { aHasher, cheapParameters, someKey } from '../../contracts/hasher.ts';
import { openStores, readAudit, type Stores } from '../../contracts/stores.ts';

const by = { kind: 'anonymous', ip: '192.0.2.1' } as const;
const password = 'correct horse battery';

describe('authentication by password', () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores('PostgreSQL');
  }, 60_000);
  afterAll(() => stores.close());

  const setUp = (hasher = aHasher()) => ({
    hasher,
    authenticate: makeAuthenticate({
      ...stores,
      gate: aGate(stores, hasher),
      noteFailure: aNoteFailure(stores),
      hasher,
      ids: randomIds,
      unknownNameKey: someKey.key,
    }),
  });

  const aPerson = async (overrides: Partial<Account> = {}, hasher = aHasher()) => {
    const account = anAccount({ username: `${aWord()}-Ü`, ...overrides });
    await stores.accounts.insert(account);
    await stores.credentials.savePassword(account.id, await hasher.hash(password));
    return account;
  };

  it.each([
    ['address', (account: Account) => account.email ?? ''],
    ['address in other case', (account: Account) => account.email?.toUpperCase() ?? ''],
    ['address with spaces around it', (account: Account) => ` ${account.email} `],
    ['user name, decomposed', (account: Account) => account.username?.normalize('NFD') ?? ''],
  ])('lets a person in by %s', async (_what, nameOf) => {
    const account = await aPerson();
    const { authenticate, hasher } = setUp();
    await expect(
      authenticate({ username: nameOf(account), password, device: [], clientId: 'shop', by }),
    ).resolves.toEqual({
      kind: 'authenticated',
      accountId: account.id,
      amr: ['pwd'],
      sessionsEndedAt: null,
      device: [expect.stringMatching(/^[\w-]{43}$/)],
    });
    expect(hasher.count.hashes).toBe(1);
    await expect(readAudit(stores.database, account.id)).resolves.toEqual([
      { type: 'signin.succeeded', data: { amr: ['pwd'] } },
    ]);
  });

  const failures: [string, (account: Account) => Partial<PasswordAttempt>, string][] = [
    ['the password is wrong', () => ({ password: 'wrong horse battery' }), 'wrong_password'],
    ['the password is empty', () => ({ password: '' }), 'wrong_password'],
    ['the password is too long', () => ({ password: password.padEnd(1025) }), 'wrong_password'],
    ['the name is unknown', () => ({ username: `${aWord()}@example.com` }), 'unknown_account'],
    ['the name is empty', () => ({ username: ' ' }), 'unknown_account'],
    ['the name is too long', () => ({ username: 'a'.repeat(100_000) }), 'unknown_account'],
    ['the name has a NUL', ({ email }) => ({ username: `${email}\0` }), 'unknown_account'],
    ['the name is a pattern', () => ({ username: '%' }), 'unknown_account'],
  ];

  it.each(failures)('rejects at the price of one hash when %s', async (_what, change, reason) => {
    const account = await aPerson();
    const { authenticate, hasher } = setUp();
    const attempt = { username: account.email ?? '', password, device: [], by, ...change(account) };
    const before = await readAudit(stores.database, null);
    await expect(authenticate(attempt)).resolves.toEqual({ kind: 'rejected' });
    expect(hasher.count.hashes).toBe(1);
    const known = reason !== 'unknown_account';
    const events = await readAudit(stores.database, known ? account.id : null);
    expect(events.slice(known ? 0 : before.length)).toEqual([{ type: 'signin.failed', data: { reason } }]);
  });

  it('rejects a disabled person at the price of one hash, though the password is right', async () => {
    const account = await aPerson({ status: 'disabled' });
    const { authenticate, hasher } = setUp();
    await expect(authenticate({ username: account.email ?? '', password, device: [], by })).resolves.toEqual({
      kind: 'rejected',
    });
    expect(hasher.count.hashes).toBe(1);
    await expect(readAudit(stores.database, account.id)).resolves.toEqual([
      { type: 'signin.failed', data: { reason: 'disabled' } },
    ]);
  });

  it('rejects a person without password at the price of one hash', async () => {
    const account = anAccount();
    await stores.accounts.insert(account);
    const { authenticate, hasher } = setUp();
    await expect(authenticate({ username: account.email ?? '', password, device: [], by })).resolves.toEqual({
      kind: 'rejected',
    });
    expect(hasher.count.hashes).toBe(1);
    await expect(readAudit(stores.database, account.id)).resolves.toEqual([
      { type: 'signin.failed', data: { reason: 'no_password' } },
    ]);
  });

  it('tells the audit log, and nobody else, that the key of a password is gone', async () => {
    const account = await aPerson();
    const { authenticate, hasher } = setUp(aHasher({ keys: [{ id: 'new', key: randomBytes(32) }] }));
    await expect(authenticate({ username: account.email ?? '', password, device: [], by })).resolves.toEqual({
      kind: 'rejected',
    });
    expect(hasher.count.hashes).toBe(1);
    await expect(readAudit(stores.database, account.id)).resolves.toEqual([
      { type: 'signin.failed', data: { reason: 'credential_unusable' } },
    ]);
  });

  it('never writes the name of an unknown account, which may be a password', async () => {
    const { authenticate } = setUp();
    const username = `my-password-${aWord()}`;
    await authenticate({ username, password, device: [], by });
    const rows: unknown[] = await stores.database.current()('audit_event').select('*');
    expect(JSON.stringify(rows)).not.toContain(username);
  });

  it.each([
    ['parameters', aHasher({ parameters: { ...cheapParameters, timeCost: 2 } })],
    ['key', aHasher({ keys: [{ id: 'k0', key: randomBytes(32) }, someKey] })],
  ])('upgrades the stored hash at sign-in when the %s changed', async (_what, hasher) => {
    const account = await aPerson();
    const old = await stores.credentials.findPassword(account.id);
    const { authenticate } = setUp(hasher);
    const attempt = { username: account.email ?? '', password, device: [], by };
    await expect(authenticate(attempt)).resolves.toMatchObject({ kind: 'authenticated' });
    const fresh = await stores.credentials.findPassword(account.id);
    expect(fresh).not.toEqual(old);
    await expect(hasher.verify(password, fresh)).resolves.toEqual({ kind: 'match', upgrade: false });
    await expect(authenticate(attempt)).resolves.toMatchObject({ kind: 'authenticated' });
    await expect(stores.credentials.findPassword(account.id)).resolves.toEqual(fresh);
    const events = await readAudit(stores.database, account.id);
    expect(events.map(({ type }) => type)).toEqual([
      'user.password.upgraded',
      'signin.succeeded',
      'signin.succeeded',
    ]);
  });
});
