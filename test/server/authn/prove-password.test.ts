import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeProvePassword } from '../../../server/authn/prove-password.ts';
import { anAccount, anAttempt, someLockout, someTime } from '../../contracts/builders.ts';
import { aGate, aNoteFailure } from '../../contracts/gate.ts';
import { aHasher } from '../../contracts/hasher.ts';
import { openStores, readAudit, type Stores } from '../../contracts/stores.ts';

const password = 'correct horse battery';

describe('proving oneself by password once more', () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores('PostgreSQL');
  }, 60_000);
  afterAll(() => stores.close());

  const setUp = async () => {
    const hasher = aHasher();
    const account = anAccount();
    await stores.accounts.insert(account);
    await stores.credentials.savePassword(account.id, await hasher.hash(password));
    hasher.count.hashes = 0;
    const provePassword = makeProvePassword({
      ...stores,
      gate: aGate(stores, hasher),
      noteFailure: aNoteFailure(stores),
    });
    const by = { kind: 'account', id: account.id, ip: '192.0.2.1' } as const;
    const prove = (given: string) =>
      provePassword({ accountId: account.id, password: given, device: [], by });
    return { hasher, account, prove };
  };

  it('succeeds with the password, and then nothing is counted', async () => {
    const { prove, account } = await setUp();
    await prove('wrong');
    await expect(prove(password)).resolves.toEqual({ kind: 'proven', sessionsEndedAt: null });
    await expect(stores.attempts.find(account.id)).resolves.toBeUndefined();
  });

  it('is rejected with another one, which is counted and written down', async () => {
    const { prove, account } = await setUp();
    await expect(prove('wrong')).resolves.toEqual({ kind: 'rejected' });
    await expect(stores.attempts.find(account.id)).resolves.toMatchObject({ failures: 1 });
    await expect(readAudit(stores.database, account.id)).resolves.toEqual([
      { type: 'reauth.failed', data: { reason: 'wrong_password' } },
    ]);
  });

  it('shares its count with the sign-in, and is told how long to wait', async () => {
    const { prove, account } = await setUp();
    await stores.attempts.admit(anAttempt({ name: account.email ?? '' }));
    for (let count = 1; count < someLockout.softAfter; count += 1) await prove('wrong');
    await expect(prove(password)).resolves.toEqual({
      kind: 'locked',
      until: new Date(someTime.getTime() + 1000),
    });
    const events = await readAudit(stores.database, account.id);
    expect(events.slice(-2)).toEqual([
      {
        type: 'signin.locked',
        data: { failures: someLockout.softAfter, isClosed: false, isKnownDevice: false },
      },
      { type: 'reauth.failed', data: { reason: 'locked' } },
    ]);
  });
});
