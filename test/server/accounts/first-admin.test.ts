import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  adminLinkMinutes,
  type FirstAdminDeps,
  makeFirstAdmin,
} from '../../../server/accounts/first-admin.ts';
import { randomIds } from '../../../server/ids.ts';
import type { OwedMail } from '../../../server/outbox/mail-queue.ts';
import { anAccount, aWord, someTime } from '../../contracts/builders.ts';
import { aHasher } from '../../contracts/hasher.ts';
import { openStores, readAudit, type Stores } from '../../contracts/stores.ts';

const by = { kind: 'anonymous', ip: '192.0.2.1' } as const;
const password = 'fifteen letters or more';
const linkLife = adminLinkMinutes * 60_000;

describe.each(['PostgreSQL', 'embedded database'] as const)('first administrator on %s', (where) => {
  let stores: Stores;
  const time = { now: someTime };
  const hasher = aHasher();
  const mails: OwedMail[] = [];
  beforeAll(async () => {
    stores = await openStores(where);
  }, 60_000);
  afterAll(() => stores.close(), 60_000);
  afterEach(async () => {
    time.now = someTime;
    await stores.database.current()('account').delete();
  });

  const setUp = (overrides: Partial<FirstAdminDeps> = {}) =>
    makeFirstAdmin({
      ...stores,
      hasher,
      mails: { enqueue: async (mail) => void mails.push(mail) },
      issuer: 'https://id.example',
      ids: randomIds,
      clock: { now: () => time.now },
      ...overrides,
    });
  const issue = async () => (await setUp().issueLink())?.token ?? '';
  const anAddress = () => `${aWord()}@example.com`;
  const countAdmins = async () =>
    (await stores.accounts.list({ limit: 100 })).items.filter(({ roles }) => roles.includes('admin')).length;

  it('gives a link of 256 bits and keeps only its hash', async () => {
    const token = await issue();
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const rows: { token_hash: Buffer }[] = await stores.database.current()('admin_link').select('token_hash');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.token_hash.toString('base64url')).not.toBe(token);
  });

  it('makes an administrator who can sign in, writes it down and sends a welcome', async () => {
    const token = await issue();
    const email = anAddress();
    const outcome = await setUp().claim({ token, email, password, by });
    expect(outcome).toEqual({ kind: 'created', accountId: expect.any(String) });
    const account = await stores.accounts.findByLoginName(email);
    expect(account).toMatchObject({ email, emailVerified: true, roles: ['admin'], status: 'active' });
    const stored = await stores.credentials.findPassword(account?.id ?? '');
    await expect(hasher.verify(password, stored)).resolves.toMatchObject({ kind: 'match' });
    const events = await readAudit(stores.database, account?.id ?? '');
    expect(events.map(({ type }) => type)).toEqual(['user.created', 'admin.bootstrapped']);
    expect(mails.at(-1)).toEqual({
      to: email,
      accountId: account?.id,
      message: { kind: 'admin_welcome', params: { address: email, link: 'https://id.example/account' } },
    });
  });

  it('takes a link once', async () => {
    const token = await issue();
    await setUp().claim({ token, email: anAddress(), password, by });
    await expect(setUp().claim({ token, email: anAddress(), password, by })).resolves.toEqual({
      kind: 'link_invalid',
    });
    await expect(setUp().peek(token)).resolves.toBe(false);
    expect(await countAdmins()).toBe(1);
  });

  it('makes exactly one administrator of 50 parallel claims of one link', async () => {
    const token = await issue();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => setUp().claim({ token, email: anAddress(), password, by })),
    );
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'link_invalid')).toHaveLength(49);
    expect(await countAdmins()).toBe(1);
  });

  it('takes a link until its time is over', async () => {
    const token = await issue();
    time.now = new Date(someTime.getTime() + linkLife - 1);
    await expect(setUp().peek(token)).resolves.toBe(true);
    time.now = new Date(someTime.getTime() + linkLife);
    await expect(setUp().peek(token)).resolves.toBe(false);
    await expect(setUp().claim({ token, email: anAddress(), password, by })).resolves.toEqual({
      kind: 'link_invalid',
    });
  });

  it('ends the earlier link when the next start gives a new one', async () => {
    const earlier = await issue();
    const later = await issue();
    await expect(setUp().peek(earlier)).resolves.toBe(false);
    await expect(setUp().peek(later)).resolves.toBe(true);
  });

  it('takes no link that it never gave, however it looks', async () => {
    await issue();
    for (const token of ['', 'x', '\0', 'ü'.repeat(1000), randomIds.secret()]) {
      await expect(setUp().peek(token)).resolves.toBe(false);
      await expect(setUp().claim({ token, email: 'not an address', password: '', by })).resolves.toEqual({
        kind: 'link_invalid',
      });
    }
  });

  it('leaves the link as it is when a field is bad or the address is taken', async () => {
    const token = await issue();
    const taken = anAccount();
    await stores.accounts.insert(taken);
    const claim = (email: string, secret: string) => setUp().claim({ token, email, password: secret, by });
    await expect(claim('a@b@example.com', 'only 14 chars.')).resolves.toMatchObject({
      kind: 'refused',
      fields: [{ field: 'email' }, { field: 'password', message: 'Use at least 15 characters.' }],
    });
    await expect(claim(taken.email ?? '', password)).resolves.toMatchObject({
      kind: 'refused',
      fields: [{ field: 'email' }],
    });
    await expect(claim(anAddress(), password)).resolves.toMatchObject({ kind: 'created' });
  });

  it('gives no link, and takes none, while an active administrator exists', async () => {
    const token = await issue();
    const admin = anAccount({ roles: ['admin'] });
    await stores.accounts.insert(admin);
    await expect(setUp().issueLink()).resolves.toBeUndefined();
    await expect(setUp().peek(token)).resolves.toBe(false);
    await expect(setUp().claim({ token, email: anAddress(), password, by })).resolves.toEqual({
      kind: 'link_invalid',
    });
    await stores.accounts.update({ ...admin, status: 'disabled' }, 1);
    await expect(setUp().issueLink()).resolves.toEqual({ token: expect.any(String) });
  });

  describe('from the settings', () => {
    it('makes the administrator once, however often and from however many processes it starts', async () => {
      const email = anAddress();
      const starts = await Promise.all(
        Array.from({ length: 10 }, () => setUp().bootstrap({ email, password: 'nut-kiln' })),
      );
      expect(starts.filter(({ kind }) => kind === 'created')).toHaveLength(1);
      expect(starts.filter(({ kind }) => kind === 'exists')).toHaveLength(9);
      await expect(setUp().bootstrap({ email, password: 'another password' })).resolves.toEqual({
        kind: 'exists',
      });
      const account = await stores.accounts.findByLoginName(email);
      const stored = await stores.credentials.findPassword(account?.id ?? '');
      await expect(hasher.verify('nut-kiln', stored)).resolves.toMatchObject({ kind: 'match' });
    });

    it('does not make somebody an administrator who has the name already', async () => {
      const person = anAccount();
      await stores.accounts.insert(person);
      const email = person.email?.toUpperCase() ?? '';
      await expect(setUp().bootstrap({ email, password })).resolves.toEqual({ kind: 'exists' });
      expect(await countAdmins()).toBe(0);
    });

    it('names the bad settings', async () => {
      await expect(setUp().bootstrap({ email: 'admin', password: 'short' })).resolves.toMatchObject({
        kind: 'refused',
        fields: [{ field: 'email' }, { field: 'password', message: 'Use at least 8 characters.' }],
      });
    });
  });
});
