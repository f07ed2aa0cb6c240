import { beforeAll, describe, expect, it } from '@jest/globals';
import { makeExportSource } from '../../adapters/postgres/stores/export-source.ts';
import type { ExportSource } from '../../server/accounts/export/export-source.ts';
import { anAccount, aWord, someTime } from './builders.ts';
import type { Stores } from './stores.ts';

/** More than two pages. */
const many = 1_001;

/** The promises of the port ExportSource. */
export function describeExportSource(name: string, open: () => Stores): void {
  describe(`${name}: what is exported of an account`, () => {
    let stores: Stores;
    let source: ExportSource;
    beforeAll(() => {
      stores = open();
      source = makeExportSource(stores.database);
    });

    async function all<Item>(pages: AsyncIterable<readonly Item[]>): Promise<Item[]> {
      const items: Item[] = [];
      for await (const page of pages) items.push(...page);
      return items;
    }
    const somebody = async (): Promise<string> => {
      const { id } = anAccount();
      await stores.accounts.insert(anAccount({ id }));
      return id;
    };

    it('tells that there is a password and since when, never what is kept of it', async () => {
      const [one, none] = [await somebody(), await somebody()];
      await stores.credentials.savePassword(one, { hash: 'a hash', keyId: 'k' });
      await expect(source.factors(one)).resolves.toEqual([{ type: 'password', since: someTime }]);
      await expect(source.factors(none)).resolves.toEqual([]);
    });

    it('shows from where only for what somebody did themselves, and nothing of others', async () => {
      const [one, other] = [await somebody(), await somebody()];
      const where = { ip: '192.0.2.1', userAgent: 'Browser' };
      const change = { after: { email: 'a@example.com' } };
      const append = (accountId: string, actor: string) =>
        stores.audit.append(
          { type: 'user.updated', accountId, change },
          { kind: 'account', id: actor, ...where },
        );
      await append(one, one);
      await append(one, other);
      await append(other, one);
      const event = { type: 'user.updated', at: someTime, clientId: null, details: { change } };
      await expect(all(source.events(one))).resolves.toEqual([
        { ...event, ...where },
        { ...event, ip: null, userAgent: null },
      ]);
      await expect(all(source.events(aWord()))).resolves.toEqual([]);
    });

    it('goes through all events, each once and the oldest first, also those of one moment', async () => {
      const [id, other] = [await somebody(), await somebody()];
      await stores.database.run(
        `insert into audit_event (occurred_at, recorded_at, type, actor_kind, account_id, data)
         select now(), now() - interval '1 second' + (number / 700) * interval '1 microsecond', 'user.updated', 'operator',
           case when number % 5 = 4 then ? else ? end, jsonb_build_object('number', number)
         from generate_series(0, ?::int) as number`,
        [other, id, Math.ceil((many * 5) / 4)],
      );
      const numbers = (await all(source.events(id))).map(({ details }) => Number(details.number));
      expect(numbers.length).toBeGreaterThan(many);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((one, two) => one - two));
    });

    it('goes through all mails, the oldest first, without notices to apps', async () => {
      const [id, other] = [await somebody(), await somebody()];
      const message = { kind: 'account_deletion_cancelled', params: { link: 'x' } } as const;
      await stores.outbox.enqueue({ to: 'a@example.com', accountId: other, message });
      await stores.outbox.enqueueLogouts([
        { clientId: 'shop', accountId: id, sid: null, expiresAt: someTime },
      ]);
      await stores.outbox.enqueue({ to: 'a@example.com', accountId: id, message });
      await expect(all(source.mails(id))).resolves.toMatchObject([
        { kind: message.kind, state: expect.any(String), at: expect.any(Date) },
      ]);
    });
  });
}
