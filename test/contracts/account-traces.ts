import { beforeAll, describe, expect, it } from '@jest/globals';
import { anAccount, aWord, someTime } from './builders.ts';
import { aLink } from './one-time-link-store.ts';
import { readAudit, type Stores } from './stores.ts';

/** The promises of the ports DeletionStore, PersonalTraces, LastOfRole and PictureStore. */
export function describeAccountTraces(name: string, open: () => Stores): void {
  describe(`${name}: what is left of accounts`, () => {
    let stores: Stores;
    beforeAll(() => {
      stores = open();
    });

    const insert = async (overrides: Parameters<typeof anAccount>[0] = {}) => {
      const account = anAccount(overrides);
      await stores.accounts.insert(account);
      return account;
    };
    const inSeconds = (seconds: number): Date => new Date(someTime.getTime() + seconds * 1000);

    it('lists deletions when they are due, the longest due first, and gives each to one of many takers', async () => {
      const [early, late, never] = [await insert(), await insert(), await insert()];
      await stores.deletions.schedule(late.id, someTime, inSeconds(20));
      await stores.deletions.schedule(early.id, someTime, inSeconds(10));
      await stores.deletions.schedule(never.id, someTime, inSeconds(30));
      await expect(stores.deletions.listDue(inSeconds(20), 10)).resolves.toEqual([early.id, late.id]);
      await expect(stores.deletions.listDue(inSeconds(20), 1)).resolves.toEqual([early.id]);
      await expect(stores.deletions.find(never.id)).resolves.toEqual(inSeconds(30));
      const taken = await Promise.all(Array.from({ length: 10 }, () => stores.deletions.take(early.id)));
      expect(taken.filter((isTaken) => isTaken)).toHaveLength(1);
      await stores.accounts.delete(never.id);
      await expect(stores.deletions.find(never.id)).resolves.toBeUndefined();
      await stores.deletions.take(late.id);
    });

    it('removes links, mail and the personal part of the audit log, and nothing of others', async () => {
      const [gone, stays] = [await insert(), await insert()];
      for (const { id, email } of [gone, stays]) {
        const address = email ?? '';
        await stores.oneTimeLinks.issue(aLink({ subjectId: id, address }));
        await stores.oneTimeLinks.issue(aLink({ subjectId: `${id}/undo`, address: 'old@example.net' }));
        const by = { kind: 'account', id, ip: '192.0.2.1', userAgent: 'Browser' } as const;
        const change = { after: { email } };
        await stores.audit.append({ type: 'user.updated', accountId: id, change }, by);
        await stores.mailbox.send({ to: address, subject: 'x', text: 'x', html: 'x' });
        const message = { kind: 'account_deletion_cancelled', params: { link: 'x' } } as const;
        await stores.outbox.enqueue({ to: address, accountId: id, message });
        await stores.outbox.enqueueLogouts([
          { clientId: 'shop', accountId: id, sid: null, expiresAt: someTime },
        ]);
      }
      await stores.traces.erase(gone.id, [(gone.email ?? '').toUpperCase()]);
      const countOf = async (table: string, column: string, value: string) =>
        (await stores.database.run(`select 1 from ${table} where ${column} = ?`, [value])).length;
      const left = async ({ id, email }: typeof gone) => [
        await countOf('one_time_link', 'subject_id', id),
        await countOf('one_time_link', 'subject_id', `${id}/undo`),
        await countOf('mailbox_message', 'recipient', email ?? ''),
        await countOf('outbox_message', 'account_id', id),
      ];
      await expect(left(gone)).resolves.toEqual([0, 0, 0, 1]);
      await expect(left(stays)).resolves.toEqual([1, 1, 1, 2]);
      await expect(readAudit(stores.database, gone.id)).resolves.toEqual([
        { type: 'user.updated', data: {} },
      ]);
      expect(JSON.stringify(await readAudit(stores.database, stays.id))).toContain(stays.email);
    });

    it('knows the last active one with a role, also of two who leave at once', async () => {
      const role = aWord();
      await stores.database.run(
        `insert into role (name, description, created_at) values (?, 'of a test', now())`,
        [role],
      );
      const roles = [role];
      const [one, two] = [await insert({ roles }), await insert({ roles })];
      await insert({ roles, status: 'disabled' });
      const leave = (id: string) =>
        stores.inTransaction(async () => {
          const isLast = await stores.accounts.isLastWithRole(id, role);
          if (!isLast) await stores.accounts.delete(id);
          return isLast;
        });
      const outcomes = await Promise.all([leave(one.id), leave(two.id)]);
      expect(new Set(outcomes)).toEqual(new Set([true, false]));
      for (const { id } of [one, two]) await stores.accounts.delete(id);
    });

    it('finds a picture by its name until another one takes its place', async () => {
      const { id } = await insert();
      const [first, second] = [aWord(), aWord()];
      const picture = (name: string) => ({ name, image: Buffer.from(name), uploadedAt: someTime });
      await stores.pictures.save(id, picture(first));
      await expect(stores.pictures.find(first)).resolves.toEqual(Buffer.from(first));
      await stores.pictures.save(id, picture(second));
      await expect(stores.pictures.find(first)).resolves.toBeUndefined();
      await expect(stores.pictures.remove(id)).resolves.toBe(true);
      await expect(stores.pictures.remove(id)).resolves.toBe(false);
      await stores.pictures.save(id, picture(second));
      await stores.accounts.delete(id);
      await expect(stores.pictures.find(second)).resolves.toBeUndefined();
    });
  });
}
