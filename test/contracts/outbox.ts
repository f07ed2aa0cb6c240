import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { LogoutQueue } from '../../server/outbox/logout-queue.ts';
import type { MailQueue, OwedMail } from '../../server/outbox/mail-queue.ts';
import type { OutboxOffice, OutboxStore } from '../../server/outbox/outbox-store.ts';
import type { TaskQueue } from '../../server/outbox/task-queue.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { aWord, someTime } from './builders.ts';

export interface OutboxUnderTest {
  outbox: OutboxStore & MailQueue & TaskQueue & LogoutQueue;
  outboxOffice: OutboxOffice & {
    forgetFinished(before: Date, most: number): Promise<number>;
    expireWaiting(now: Date, most: number): Promise<number>;
  };
  inTransaction: InTransaction;
  database: Database;
}

const aMail = (overrides: Partial<OwedMail> = {}): OwedMail => ({
  to: `${aWord()}@example.com`,
  message: {
    kind: 'admin_welcome',
    params: { address: 'a@example.com', link: `https://id.example/${aWord()}` },
  },
  ...overrides,
});

/** The promises of the ports OutboxStore and MailQueue. */
export function describeOutbox(name: string, open: () => OutboxUnderTest): void {
  describe(`${name}: outbox`, () => {
    let outbox: OutboxUnderTest['outbox'];
    let office: OutboxUnderTest['outboxOffice'];
    let inTransaction: InTransaction;
    let database: Database;
    beforeAll(() => {
      ({ outbox, outboxOffice: office, inTransaction, database } = open());
    });

    const empty = () => database.current()('outbox_message').delete();

    it('gives what was put in to one of many who take at once', async () => {
      await empty();
      const mails = Array.from({ length: 20 }, () => aMail());
      for (const mail of mails) await outbox.enqueue(mail);
      const taken = (await Promise.all(Array.from({ length: 10 }, () => outbox.take(3, 60)))).flat();
      const rest = await outbox.take(100, 60);
      const all = [...taken, ...rest].map(({ payload }) => payload);
      expect(all).toHaveLength(mails.length);
      expect(all).toEqual(expect.arrayContaining(mails));
    });

    it('ends what nobody delivers when it is of no use any more, and forgets what was in it', async () => {
      await empty();
      const at = (seconds: number) => new Date(someTime.getTime() + seconds * 1000);
      const logout = { clientId: 'shop', accountId: aWord(), sid: null };
      await outbox.enqueueLogouts([
        { ...logout, expiresAt: at(60) },
        { ...logout, expiresAt: at(60) },
        { ...logout, expiresAt: at(600) },
      ]);
      await outbox.enqueue(aMail());
      await outbox.enqueue(aMail({ expiresAt: at(60) }));
      // Held for a delivery that is under way.
      await outbox.take(10, 300, ['admin_welcome']);
      await expect(office.expireWaiting(at(59), 10)).resolves.toBe(0);
      await expect(office.expireWaiting(at(61), 1)).resolves.toBe(1);
      await expect(office.expireWaiting(at(61), 10)).resolves.toBe(1);
      await expect(office.expireWaiting(at(301), 10)).resolves.toBe(1);
      const rows: { state: string; payload_encrypted: string | null }[] = await database
        .current()('outbox_message')
        .select('state', 'payload_encrypted')
        .where({ state: 'expired' });
      expect(rows.map(({ payload_encrypted: sealed }) => sealed)).toEqual([null, null, null]);
      await expect(office.forgetFinished(at(302), 10)).resolves.toBe(3);
    });

    it('keeps nothing of a transaction that fails', async () => {
      await empty();
      const failing = inTransaction(async () => {
        await outbox.enqueue(aMail());
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      await expect(outbox.take(10, 60)).resolves.toEqual([]);
    });

    it('holds no word of it that could be read, and nothing at all once it is delivered', async () => {
      await empty();
      const mail = aMail();
      await outbox.enqueue(mail);
      const readRow = () => database.current()('outbox_message').first();
      expect(JSON.stringify(await readRow())).not.toContain(mail.to);
      const [taken] = await outbox.take(1, 60);
      await outbox.deliver(taken?.id ?? '');
      await expect(readRow()).resolves.toMatchObject({ state: 'delivered', payload_encrypted: null });
      await expect(outbox.take(10, 0)).resolves.toEqual([]);
    });

    it('gives it out again when its time was over, or as soon as it was to be tried again', async () => {
      await empty();
      await outbox.enqueue(aMail());
      await expect(outbox.take(1, 0)).resolves.toMatchObject([{ attempt: 1 }]);
      const [again] = await outbox.take(1, 60);
      expect(again).toMatchObject({ attempt: 2 });
      await outbox.postpone(again?.id ?? '', new Date(someTime.getTime() + 1), 'busy');
      await expect(outbox.take(1, 60)).resolves.toEqual([]);
      await outbox.postpone(again?.id ?? '', someTime, 'busy');
      await expect(outbox.take(1, 60)).resolves.toMatchObject([{ attempt: 3 }]);
    });

    it('gives nothing out that was given up; what is dead can still be opened, what has expired cannot', async () => {
      await empty();
      for (const state of ['dead', 'expired'] as const) {
        await outbox.enqueue(aMail());
        const [taken] = await outbox.take(1, 60);
        await outbox.giveUp(taken?.id ?? '', state, 'no');
      }
      await expect(outbox.take(10, 0)).resolves.toEqual([]);
      const rows = await database
        .current()('outbox_message')
        .select('state', 'payload_encrypted')
        .orderBy('state');
      expect(rows).toEqual([
        { state: 'dead', payload_encrypted: expect.any(String) },
        { state: 'expired', payload_encrypted: null },
      ]);
    });

    it('takes only what is of the kinds that are asked for, and leaves the rest untouched', async () => {
      await empty();
      await outbox.enqueue(aMail());
      const payload = { name: 'somebody', by: { kind: 'anonymous' } } as const;
      await outbox.enqueueTask({ kind: 'password_reset_request', payload });
      await expect(outbox.take(10, 60, ['of another program'])).resolves.toEqual([]);
      const taken = await outbox.take(10, 60, ['password_reset_request']);
      expect(taken).toMatchObject([{ kind: 'password_reset_request', attempt: 1, payload }]);
      await expect(outbox.take(10, 60)).resolves.toMatchObject([{ kind: 'admin_welcome', attempt: 1 }]);
    });

    it('shows operators what has become of everything, by state, kind and account, and nothing of what is in it', async () => {
      await empty();
      const concerned = aWord();
      await outbox.enqueue(aMail({ accountId: concerned }));
      const [dead] = await outbox.take(1, 60);
      await outbox.giveUp(dead?.id ?? '', 'dead', 'no such mailbox');
      await outbox.enqueue(aMail());
      const all = await office.list({ limit: 10 });
      expect(all.items.map(({ state }) => state).sort()).toEqual(['dead', 'waiting']);
      expect(JSON.stringify(all)).not.toContain('https://id.example');
      const entry = { id: dead?.id, accountId: concerned, lastError: 'no such mailbox', attempts: 1 };
      for (const query of [{ state: 'dead' }, { accountId: concerned }] as const)
        await expect(office.list({ limit: 10, ...query })).resolves.toMatchObject({
          items: [entry],
          next: null,
        });
      await expect(office.list({ limit: 10, kind: 'nothing' })).resolves.toMatchObject({ items: [] });
      await expect(office.find(dead?.id ?? '')).resolves.toMatchObject(entry);
      await expect(office.find(aWord())).resolves.toBeUndefined();
      await expect(office.depth()).resolves.toMatchObject({
        waiting: 1,
        dead: 1,
        oldestDue: expect.any(Date),
      });
      const first = await office.list({ limit: 1 });
      const second = await office.list({ limit: 1, after: first.next ?? '' });
      expect([...first.items, ...second.items].map(({ id }) => id).sort()).toEqual(
        all.items.map(({ id }) => id).sort(),
      );
    });

    it('tries a dead one again for one of many who ask, and nothing else', async () => {
      await empty();
      const mail = aMail();
      await outbox.enqueue(mail);
      const [taken] = await outbox.take(1, 60);
      const id = taken?.id ?? '';
      await expect(office.retry(id)).resolves.toBe(false);
      await outbox.giveUp(id, 'dead', 'no');
      const retried = await Promise.all(Array.from({ length: 10 }, () => office.retry(id)));
      expect(retried.filter((won) => won)).toHaveLength(1);
      await expect(outbox.take(1, 60)).resolves.toMatchObject([{ id, attempt: 1, payload: mail }]);
    });

    it('throws away what waits or is dead, and not what is on its way or finished', async () => {
      await empty();
      await outbox.enqueue(aMail());
      const [taken] = await outbox.take(1, 60);
      const id = taken?.id ?? '';
      await expect(office.discard(id)).resolves.toBe(false);
      await outbox.postpone(id, someTime, 'busy');
      await expect(office.discard(id)).resolves.toBe(true);
      await expect(office.discard(id)).resolves.toBe(false);
      await expect(office.retry(id)).resolves.toBe(false);
      await expect(outbox.take(10, 0)).resolves.toEqual([]);
      const row = await database.current()('outbox_message').first('state', 'payload_encrypted');
      expect(row).toEqual({ state: 'discarded', payload_encrypted: null });
    });

    it('forgets what was finished long ago, and nothing that waits', async () => {
      await empty();
      await outbox.enqueue(aMail());
      await outbox.enqueue(aMail());
      const [taken] = await outbox.take(1, 60);
      await outbox.deliver(taken?.id ?? '');
      await expect(office.forgetFinished(someTime, 10)).resolves.toBe(0);
      await expect(office.forgetFinished(new Date(someTime.getTime() + 1), 10)).resolves.toBe(1);
      await expect(office.list({ limit: 10 })).resolves.toMatchObject({ items: [{ state: 'waiting' }] });
    });

    it('says so when what it holds cannot be opened any more', async () => {
      await empty();
      await outbox.enqueue(aMail());
      await database.current()('outbox_message').update({ payload_encrypted: 'v1.gone.AAAA' });
      await expect(outbox.take(1, 60)).resolves.toMatchObject([{ payload: undefined }]);
    });
  });
}
