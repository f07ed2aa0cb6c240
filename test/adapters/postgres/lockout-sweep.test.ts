import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeLockoutSweep } from '../../../adapters/postgres/stores/lockout-sweep.ts';
import { anAccount, aWord } from '../../contracts/builders.ts';
import { openStores, type Stores } from '../../contracts/stores.ts';

const places = ['PostgreSQL', 'embedded database'] as const;

describe.each(places)('what the janitor removes of failed sign-ins, on %s', (where) => {
  let stores: Stores;
  let accountId: string;
  beforeAll(async () => {
    stores = await openStores(where);
  }, 60_000);
  afterAll(() => stores.close(), 60_000);
  beforeEach(async () => {
    const account = anAccount();
    await stores.accounts.insert(account);
    accountId = account.id;
  });

  const insert = (table: string, row: object) => stores.database.current()(table).insert(row);
  const count = async (table: string): Promise<number> =>
    Number((await stores.database.current()(table).count('* as rows'))[0]?.rows);
  const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);
  const day = 24 * 60 * 60;

  const counter = (subject: string, age: number, of: string | null) =>
    insert('sign_in_counter', {
      subject,
      account_id: of,
      failures: 3,
      refused: 0,
      open_at: ago(age),
      last_at: ago(age),
      attempt: aWord(),
    });
  const device = (id: string, age: number) =>
    insert('known_device', {
      id,
      account_id: accountId,
      token_hash: randomBytes(32),
      first_seen_at: ago(age),
      last_seen_at: ago(age),
    });

  it('is the counter of a name without account after a day, and never that of an account', async () => {
    await counter('unknown 1', 2 * day, null);
    await counter('unknown 2', day / 2, null);
    await counter(`account ${accountId}`, 900 * day, accountId);
    const sweep = makeLockoutSweep(stores.database);
    await expect(sweep.forgetUnknownNames(100)).resolves.toBe(1);
    await expect(sweep.forgetUnknownNames(100)).resolves.toBe(0);
    await expect(stores.attempts.find(accountId)).resolves.toMatchObject({ failures: 3 });
  });

  it('is a failure that is too old to count, a few at a time', async () => {
    for (const age of [700, 650, 601, 500, 1])
      await insert('failed_sign_in', { attempt: aWord(), at: ago(age), network: 'a', subject: 'unknown 1' });
    const sweep = makeLockoutSweep(stores.database);
    await expect(sweep.forgetFailures(600, 2)).resolves.toBe(2);
    await expect(sweep.forgetFailures(600, 2)).resolves.toBe(1);
    await expect(sweep.forgetFailures(600, 2)).resolves.toBe(0);
    await expect(count('failed_sign_in')).resolves.toBe(2);
  });

  it('is a device that has not signed in for longer than its cookie lasts, with its counter', async () => {
    const [old, young] = [aWord(), aWord()];
    await device(old, 367 * day);
    await device(young, 364 * day);
    await counter(`device ${old}`, 367 * day, accountId);
    await counter(`device ${young}`, 364 * day, accountId);
    const sweep = makeLockoutSweep(stores.database);
    await expect(sweep.forgetDevices(100)).resolves.toBe(1);
    await expect(sweep.forgetDevices(100)).resolves.toBe(0);
    const left: unknown[] = await stores.database
      .current()('sign_in_counter')
      .where({ account_id: accountId })
      .select('subject');
    expect(left).toEqual([{ subject: `device ${young}` }]);
  });

  it('is an event that has ended', async () => {
    await insert('sign_in_alarm', { subject: aWord(), event: aWord(), until: ago(1) });
    await insert('sign_in_alarm', { subject: aWord(), event: aWord(), until: ago(-60) });
    const sweep = makeLockoutSweep(stores.database);
    await expect(sweep.forgetAlarms(100)).resolves.toBe(1);
    await expect(sweep.forgetAlarms(100)).resolves.toBe(0);
  });
});
