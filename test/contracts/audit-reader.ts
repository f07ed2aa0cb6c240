import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeAuditReader } from '../../adapters/postgres/stores/audit-reader.ts';
import type { AuditFilter, AuditQuery, AuditReader } from '../../server/audit/audit-reader.ts';

interface RowChanges {
  type?: string;
  actorKind?: string;
  actor?: string;
  account?: string;
  client?: string;
  ip?: string;
  request?: string;
  /** Seconds after the first. */
  at: number;
}

const start = Date.parse('2026-10-31T23:59:00Z');
const momentOf = (seconds: number) => new Date(start + seconds * 1000);

/** The promises of the port AuditReader. Its rows lie in two months. */
export function describeAuditReader(name: string, open: () => { database: Database }): void {
  describe(`${name}: reading the audit log`, () => {
    let database: Database;
    let reader: AuditReader;
    /** Places in the chain are in the order of ids, which is not that of time. */
    const rows: RowChanges[] = [
      { at: 0, type: 'user.created', account: 'ann', actorKind: 'client', actor: 'tool' },
      {
        at: 10,
        type: 'signin.succeeded',
        account: 'ann',
        actorKind: 'anonymous',
        client: 'shop',
        ip: '192.0.2.1',
      },
      { at: 90, type: 'profile.changed', account: 'ann', actorKind: 'account', actor: 'ann', request: 'r-1' },
      { at: 80, type: 'user.updated', account: 'bob', actorKind: 'account', actor: 'ann' },
      { at: 100, type: 'client.created', client: 'tool', actorKind: 'operator', actor: 'root' },
      { at: 100, type: 'client.updated', client: 'shop', actorKind: 'client', actor: 'shop' },
      { at: 110, type: 'signin.failed', actorKind: 'anonymous', ip: '192.0.2.0/24' },
    ];
    beforeAll(async () => {
      ({ database } = open());
      reader = makeAuditReader(database);
      let place = 0;
      for (const row of rows) {
        const recorded = momentOf(row.at);
        const [made] = await database.run<{ id: string }>(
          `insert into audit_event (recorded_at, occurred_at, type, actor_kind, actor_id, account_id, client_id, ip, request_id, data)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}') returning id`,
          [
            ...[recorded, recorded, row.type, row.actorKind, row.actor ?? null, row.account ?? null],
            ...[row.client ?? null, row.ip ?? null, row.request ?? null],
          ],
        );
        place += 1;
        // The last one has no place yet.
        if (place === rows.length) continue;
        await database.run(
          `insert into audit_chain (seq, chained_at, event_id, recorded_at, key_id, mac) values (?, ?, ?, ?, 'tests', '')`,
          [place, momentOf(200 + place), made?.id, recorded],
        );
      }
    });

    const read = async (query: AuditFilter & Partial<AuditQuery> = {}, limit = 100): Promise<string[]> => {
      const types: string[] = [];
      let after: string | undefined;
      do {
        const page = await reader.page({ order: 'newest', ...query, limit, after });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        types.push(...page.items.map(({ type }) => type));
        after = page.next ?? undefined;
      } while (after !== undefined);
      return types;
    };
    const newestFirst = [
      'signin.failed',
      'client.updated',
      'client.created',
      'profile.changed',
      'user.updated',
      'signin.succeeded',
      'user.created',
    ];

    it.each([1, 2, 3, 100])(
      'tells everything once, by when it was recorded, in pages of %d',
      async (limit) => {
        await expect(read({}, limit)).resolves.toEqual(newestFirst);
        await expect(read({ order: 'oldest' }, limit)).resolves.toEqual(newestFirst.toReversed());
      },
    );

    it.each<[string, AuditFilter, string[]]>([
      [
        'a person, also as who did it',
        { person: 'ann' },
        ['profile.changed', 'user.updated', 'signin.succeeded', 'user.created'],
      ],
      ['a client, also as who did it', { client: 'tool' }, ['client.created', 'user.created']],
      ['a client that did something to itself', { client: 'shop' }, ['client.updated', 'signin.succeeded']],
      ['who did it', { actor: 'ann' }, ['profile.changed', 'user.updated']],
      [
        'types',
        { types: ['user.created', 'user.updated', 'user.deleted'] },
        ['user.updated', 'user.created'],
      ],
      ['a request', { requestId: 'r-1' }, ['profile.changed']],
      [
        'an address in one of its forms',
        { ips: ['192.0.2.1', '192.0.2.0/24'] },
        ['signin.failed', 'signin.succeeded'],
      ],
      ['time', { from: momentOf(10), to: momentOf(90) }, ['user.updated', 'signin.succeeded']],
      ['person and type', { person: 'ann', types: ['user.updated'] }, ['user.updated']],
      ['person, client and time', { person: 'ann', client: 'shop', from: momentOf(1) }, ['signin.succeeded']],
      ['client and type', { client: 'shop', types: ['client.updated'] }, ['client.updated']],
      ['actor and address', { actor: 'ann', ips: ['192.0.2.1'] }, []],
      ['what there is not', { person: 'nobody' }, []],
    ])('finds by %s', async (_what, filter, expected) => {
      for (const limit of [1, 2, 100]) await expect(read(filter, limit)).resolves.toEqual(expected);
      await expect(read({ ...filter, order: 'oldest' })).resolves.toEqual(expected.toReversed());
      const { items } = await reader.chained(filter, 0, 100);
      // In the order of the chain, and without the one that has no place.
      const order = rows.map(({ type }) => type ?? '');
      const chained = expected.filter((type) => type !== 'signin.failed');
      expect(items.map(({ type }) => type)).toEqual(
        chained.toSorted((one, other) => order.indexOf(one) - order.indexOf(other)),
      );
    });

    it('goes through the chain by its places, and tells how far it has looked', async () => {
      const first = await reader.chained({ types: ['user.updated'] }, 0, 3);
      expect(first).toEqual({ items: [], last: 3 });
      const second = await reader.chained({ types: ['user.updated'] }, 3, 3);
      expect(second).toMatchObject({ items: [{ type: 'user.updated', sequence: 4 }], last: 6 });
      await expect(reader.chained({}, 6, 3)).resolves.toEqual({ items: [], last: null });
    });

    it('tells the place of each in the chain, where it has one', async () => {
      const { items } = await reader.page({ order: 'newest', limit: 3 });
      expect(items.map(({ sequence }) => sequence)).toEqual([null, 6, 5]);
      await expect(reader.find(items[1]?.id ?? '')).resolves.toEqual(items[1]);
      await expect(reader.find('999999999')).resolves.toBeUndefined();
    });

    it('looks at a bounded number of rows for a page, and goes on behind them', async () => {
      await database.run(
        `insert into audit_event (recorded_at, occurred_at, type, actor_kind, client_id, data)
         select ?::timestamptz - n * interval '1 millisecond', now(), case when n = 4500 then 'client.deleted' else 'signin.failed' end,
           'anonymous', 'busy', '{}' from generate_series(1, 5000) n`,
        [momentOf(-100)],
      );
      const query = { client: 'busy', types: ['client.deleted'], order: 'newest' } as const;
      const first = await reader.page({ ...query, limit: 10 });
      expect(first).toMatchObject({ items: [], next: expect.any(String) });
      await expect(read(query, 10)).resolves.toEqual(['client.deleted']);
    });
  });
}
