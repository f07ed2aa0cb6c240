import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { MailQueue, OwedMail } from '../../server/outbox/mail-queue.ts';
import type { OutboxStore } from '../../server/outbox/outbox-store.ts';
import type { InTransaction } from '../../server/transaction.ts';
import { aWord, someTime } from './builders.ts';

export interface OutboxUnderTest {
  outbox: OutboxStore & MailQueue;
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
    let inTransaction: InTransaction;
    let database: Database;
    beforeAll(() => {
      ({ outbox, inTransaction, database } = open());
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

    it('says so when what it holds cannot be opened any more', async () => {
      await empty();
      await outbox.enqueue(aMail());
      await database.current()('outbox_message').update({ payload_encrypted: 'v1.gone.AAAA' });
      await expect(outbox.take(1, 60)).resolves.toMatchObject([{ payload: undefined }]);
    });
  });
}
