import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import { makeChainStore } from '../../adapters/postgres/stores/audit-chain.ts';
import { makeAuditLog } from '../../adapters/postgres/stores/audit-log.ts';
import { makeMonthStore } from '../../adapters/postgres/stores/audit-months.ts';
import { makeVerificationSource } from '../../adapters/postgres/stores/audit-verification.ts';
import type { ChainStore } from '../../server/audit/chain/chain-store.ts';
import { makeDropMonths } from '../../server/audit/chain/drop-months.ts';
import { makeExtendChain } from '../../server/audit/chain/extend.ts';
import type { AuditKeys } from '../../server/audit/chain/keys.ts';
import { makeVerifyAudit } from '../../server/audit/chain/verify.ts';
import { systemClock } from '../../server/clock.ts';
import { aWord } from './builders.ts';
import type { Stores } from './stores.ts';

/** The audit log over months and years: partitions, retention, keys that are replaced, rows that were there before. */
export function describeAuditMonths(name: string, open: () => Stores): void {
  describe(`${name}: the audit log over time`, () => {
    let stores: Stores;
    beforeAll(() => {
      stores = open();
    });

    const run = (sql: string, values: readonly unknown[] = []) =>
      stores.database.run<{ n: string }>(sql, values);
    const verifyWith = (keys: AuditKeys) =>
      makeVerifyAudit({ keys, source: makeVerificationSource(stores.database) })({
        checkpoints: [],
        onProgress: () => {},
      });
    const verify = () => verifyWith(stores.auditKeys);
    /** Extends the chain, at another time if it is given. */
    const extend = (at?: Date) => {
      const chain = makeChainStore(stores.database);
      const then = at && `${at.getTime()}000`;
      const shifted: ChainStore = {
        ...chain,
        next: async (most) => {
          const found = await chain.next(most);
          return { ...found, now: then ?? found.now };
        },
      };
      return makeExtendChain({ keys: stores.auditKeys, chain: shifted })();
    };
    const append = (accountId = aWord()) =>
      stores.audit.append(
        { type: 'signout', accountId },
        { kind: 'account', id: accountId, ip: '192.0.2.1' },
      );
    /** Has what waits for its place recorded at another time. */
    const recordAt = (at: Date) =>
      stores.inTransaction(async () => {
        await run(`select set_config('gatehouse.audit', 'open', true)`);
        await run('update audit_event set recorded_at = ? where id in (select event_id from audit_queue)', [
          at,
        ]);
        await run('update audit_queue set recorded_at = ?', [at]);
      });
    const monthsAgo = (months: number): Date => {
      const now = new Date();
      return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 15));
    };
    const partitionOf = (at: Date): string => at.toISOString().slice(0, 7).replace('-', '_');

    it('chains rows that were there before there was a chain, and holds what they say from then on', async () => {
      const migrator = makeMigrator(stores.database, new URL('../../migrations/', import.meta.url));
      await migrator.down(89);
      await run(
        `insert into audit_event (occurred_at, type, actor_kind, account_id, ip, data)
         select now(), 'signout', 'account', 'somebody', '192.0.2.1', '{"change": {"after": {"email": null}}}' from generate_series(1, 3)`,
      );
      await migrator.up();
      await append();
      await expect(extend()).resolves.toEqual({ kind: 'chained', events: 4 });
      await expect(verify()).resolves.toMatchObject({ links: 4, found: 0 });
      await tampered(`update audit_event set type = 'signin.succeeded' where id = 2`, [
        { kind: 'changed', sequence: 2 },
      ]);
      await tampered('update audit_head set unsealed = 10', [{ kind: 'head_changed', sequence: 4 }]);
      await run('select erase_audit_personal(?)', ['somebody']);
      await expect(verify()).resolves.toMatchObject({ found: 0 });
    });

    async function tampered(sql: string, findings: object[]): Promise<void> {
      let found: unknown;
      await stores
        .inTransaction(async () => {
          await run(`select set_config('gatehouse.audit', 'open', true)`);
          await run(sql);
          found = (await verify()).findings;
          throw new Error('undone');
        })
        .catch(() => {});
      expect(found).toMatchObject(findings);
    }

    it('has a partition for each month before it comes, and moves what came earlier', async () => {
      const months = makeMonthStore(stores.database);
      await expect(months.make(2)).resolves.toBe(0);
      const later = monthsAgo(-2);
      await run(`drop table audit_event_${partitionOf(later)}`);
      await append();
      await recordAt(later);
      await expect(run('select count(*) as n from audit_event_rest')).resolves.toEqual([{ n: '1' }]);
      await expect(months.make(2)).resolves.toBe(1);
      await expect(run(`select count(*) as n from audit_event_${partitionOf(later)}`)).resolves.toEqual([
        { n: '1' },
      ]);
      await recordAt(new Date());
      await extend();
      await expect(verify()).resolves.toMatchObject({ found: 0 });
    });

    it('is verified with the keys that it was made with, as long as they are there', async () => {
      const { auditKeys: old, database } = stores;
      const [next] = [{ id: 'next', key: randomBytes(32) }];
      const keys: AuditKeys = { ...both(makeAuditKeys([next]), old) };
      const audit = makeAuditLog(database, systemClock, keys);
      await append();
      await audit.append({ type: 'signout', accountId: aWord() }, { kind: 'system' });
      await makeExtendChain({ keys, chain: makeChainStore(database) })();
      await expect(verifyWith(keys)).resolves.toMatchObject({ found: 0 });
      const { findings } = await verify();
      expect(new Set(findings.map(({ kind }) => kind))).toContain('unknown_key');
      // As before for the tests that follow.
      await append();
      await makeExtendChain({
        keys: { ...keys, current: old.current, sign: old.sign },
        chain: makeChainStore(database),
      })();
      stores = { ...stores, auditKeys: keys };
    });

    it('drops months whose time is over, and is intact across the cut', async () => {
      await run('truncate audit_queue');
      const migrator = makeMigrator(stores.database, new URL('../../migrations/', import.meta.url));
      await migrator.down(89);
      await run('truncate audit_event');
      await migrator.up();
      const [long, keys] = [monthsAgo(20), stores.auditKeys];
      for (let n = 0; n < 3; n += 1) await append();
      await recordAt(long);
      await extend(long);
      // Of that month as well, but chained much later.
      await append();
      await recordAt(long);
      await extend();
      for (let n = 0; n < 2; n += 1) await append();
      await extend();
      await expect(verify()).resolves.toMatchObject({ links: 6, found: 0 });
      const months = makeMonthStore(stores.database);
      await expect(months.make(2)).resolves.toBe(2);
      const drop = makeDropMonths({
        keys,
        months,
        audit: stores.audit,
        inTransaction: stores.inTransaction,
        clock: systemClock,
        kept: 13,
      });
      await expect(drop()).resolves.toBe(2);
      await expect(drop()).resolves.toBe(0);
      await extend();
      await expect(run('select count(*) as n from audit_event')).resolves.toEqual([{ n: '3' }]);
      await expect(verify()).resolves.toMatchObject({ links: 4, last: 7, found: 0 });
      await tampered('delete from audit_cut', [
        { kind: 'missing', sequence: 1, until: 3 },
        { kind: 'deleted', sequence: 4 },
      ]);
      await tampered(`update audit_cut set before = before + interval '1 month'`, [
        { kind: 'missing', sequence: 1, until: 3 },
        { kind: 'cut_off', sequence: 3 },
        { kind: 'deleted', sequence: 4 },
      ]);
      // As if the row had gone with its month.
      await tampered(`update audit_chain set recorded_at = '${long.toISOString()}' where seq = 5`, [
        { kind: 'link_changed', sequence: 5 },
        { kind: 'unlinked', sequence: null, other: 4 },
      ]);
    });

    it('drops no month that is young, whoever asks', async () => {
      await expect(run('select drop_audit_months(now())')).rejects.toThrow('are kept');
    });

    it('keeps everything where that is wanted', async () => {
      const { auditKeys: keys, audit, inTransaction } = stores;
      const months = makeMonthStore(stores.database);
      await append();
      await recordAt(monthsAgo(40));
      await extend();
      await months.make(2);
      const drop = makeDropMonths({ keys, months, audit, inTransaction, clock: systemClock, kept: 0 });
      await expect(drop()).resolves.toBe(0);
    });
  });
}

/** Keys of which the first are used. */
function both(first: AuditKeys, second: AuditKeys): AuditKeys {
  return {
    current: first.current,
    mac: (id, text) => first.mac(id, text) ?? second.mac(id, text),
    sign: first.sign,
    isSigned: (id, text, signature) =>
      first.isSigned(id, text, signature) ?? second.isSigned(id, text, signature),
    publicKeys: () => [...first.publicKeys(), ...second.publicKeys()],
  };
}
