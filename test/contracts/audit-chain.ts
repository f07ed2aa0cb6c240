import { beforeAll, describe, expect, it } from '@jest/globals';
import { makeChainStore } from '../../adapters/postgres/stores/audit-chain.ts';
import { makeVerificationSource } from '../../adapters/postgres/stores/audit-verification.ts';
import { makeExtendChain } from '../../server/audit/chain/extend.ts';
import { makeSignCheckpoint } from '../../server/audit/chain/make-checkpoint.ts';
import { type AuditReport, makeVerifyAudit } from '../../server/audit/chain/verify.ts';
import { systemClock } from '../../server/clock.ts';
import { contents, middle, tamperings } from './audit-tampering.ts';
import { aWord } from './builders.ts';
import type { Stores } from './stores.ts';

/** The chain of the audit log: that it holds, and that every change is told of. */
export function describeAuditChain(name: string, open: () => Stores): void {
  describe(`${name}: the chain of the audit log`, () => {
    let stores: Stores;
    let tools: ReturnType<typeof makeTools>;
    const people = Array.from({ length: 9 }, () => aWord());
    const append = (accountId: string) =>
      stores.audit.append(
        {
          type: 'user.updated',
          accountId,
          change: { before: { email: 'a@b.example' }, after: { email: null } },
        },
        {
          kind: 'account',
          id: accountId,
          clientId: 'console',
          ip: '192.0.2.7',
          userAgent: 'curl/8',
          requestId: 'r',
          sessionId: 's',
        },
      );
    /** Does it, verifies, and undoes it. */
    async function tampered(sql: readonly string[], extend = false): Promise<AuditReport> {
      let report: AuditReport | undefined;
      const undo = new Error('undone');
      const doing = stores.database.inTransaction(async () => {
        await stores.database.run(`select set_config('gatehouse.audit', 'open', true)`, []);
        for (const statement of sql) await stores.database.run(statement, []);
        if (extend) await tools.extend();
        report = await tools.verify();
        throw undo;
      });
      await expect(doing).rejects.toBe(undo);
      if (report === undefined) throw new Error('nothing was reported');
      return report;
    }

    beforeAll(async () => {
      stores = open();
      tools = makeTools(stores);
      for (const person of people) await append(person);
      await expect(tools.extend()).resolves.toEqual({ kind: 'chained', events: 9 });
    });

    it('is intact as it was written', async () => {
      await expect(tools.verify()).resolves.toEqual({
        links: 9,
        last: 9,
        findings: [],
        found: 0,
        waiting: { events: 0, seconds: 0 },
      });
    });

    it('has the events in the order in which they were written, each once', async () => {
      const rows = await stores.database.run<{ account_id: string }>(
        `select account_id from audit_chain c join audit_event e on e.id = c.event_id and e.recorded_at = c.recorded_at order by seq`,
        [],
      );
      expect(rows.map(({ account_id: id }) => id)).toEqual(people);
    });

    it.each(tamperings)('tells of $title', async ({ sql, found }) => {
      const { findings } = await tampered(sql);
      expect(findings).toEqual(found.map((finding) => expect.objectContaining(finding)));
    });

    it.each([
      {
        title: 'a row that was put in with a place in the queue',
        sql: [
          `insert into audit_event (occurred_at, type, actor_kind, data) values (now(), 'signout', 'system', '{}')`,
          'insert into audit_queue select id, recorded_at from audit_event order by id desc limit 1',
        ],
        found: [{ kind: 'inserted', sequence: 10 }],
      },
      {
        title: 'a row that was copied, with a place in the queue',
        sql: [
          `insert into audit_event (${contents}) select ${contents} from audit_event where ${middle}`,
          'insert into audit_queue select id, recorded_at from audit_event order by id desc limit 1',
        ],
        found: [{ kind: 'copied', sequence: 10, other: 5 }],
      },
      {
        title: 'a row that was deleted before it had its place',
        sql: ['insert into audit_queue select 1000000, now()'],
        found: [{ kind: 'deleted', sequence: 10 }],
      },
    ])('tells of $title', async ({ sql, found }) => {
      const { findings } = await tampered(sql, true);
      expect(findings).toEqual(found.map((finding) => expect.objectContaining(finding)));
    });

    it('tells of a row that was changed before it had its place', async () => {
      let report: AuditReport | undefined;
      await stores.database
        .inTransaction(async () => {
          await append(aWord());
          await stores.database.run(`select set_config('gatehouse.audit', 'open', true)`, []);
          await stores.database.run(
            `update audit_event set type = 'signout' where id = (select event_id from audit_queue)`,
            [],
          );
          await tools.extend();
          report = await tools.verify();
          throw new Error('undone');
        })
        .catch(() => {});
      expect(report?.findings).toMatchObject([{ kind: 'changed', sequence: 10 }]);
    });

    it('is not continued behind an end that was changed', async () => {
      let outcome: unknown;
      const undo = new Error('undone');
      const doing = stores.database.inTransaction(async () => {
        await append(aWord());
        await stores.database.run('update audit_head set seq = 8', []);
        outcome = await tools.extend();
        throw undo;
      });
      await expect(doing).rejects.toBe(undo);
      expect(outcome).toEqual({ kind: 'broken' });
    });

    it('refuses changes that are made by mistake', async () => {
      for (const statement of [
        `update audit_event set type = 'signout'`,
        'delete from audit_event',
        'delete from audit_chain',
        'truncate audit_event',
      ])
        await expect(stores.database.run(statement, [])).rejects.toThrow('only appended to');
    });

    it('tells of an end that was moved behind a checkpoint that somebody has kept', async () => {
      const outcome = await tools.checkpoint();
      if (outcome.kind !== 'signed') throw new Error(outcome.kind);
      await expect(tools.verify([outcome.token])).resolves.toMatchObject({ found: 0 });
      const [, body = ''] = outcome.token.split('.');
      await expect(tools.verify([`${outcome.token.slice(0, -4)}AAAA`, body])).resolves.toMatchObject({
        findings: [{ kind: 'checkpoint_forged' }, { kind: 'checkpoint_forged' }],
      });
      let report: AuditReport | undefined;
      await stores.database
        .inTransaction(async () => {
          await stores.database.run(
            'create temp table kept_head on commit drop as select * from audit_head',
            [],
          );
          await append(aWord());
          await tools.extend();
          const later = await tools.checkpoint();
          if (later.kind !== 'signed') throw new Error(later.kind);
          // Whoever has kept a copy of the whole database can put it back; all that it says is true.
          await stores.database.run(`select set_config('gatehouse.audit', 'open', true)`, []);
          await stores.database.run(
            'delete from audit_event where id > (select event_id from audit_chain where seq = 9)',
            [],
          );
          await stores.database.run('delete from audit_chain where seq > 9', []);
          await stores.database.run(
            `update audit_head set (seq, mac, chained_at, key_id, proof) = (select seq, mac, chained_at, key_id, proof from kept_head)`,
            [],
          );
          report = await tools.verify([later.token]);
          throw new Error('undone');
        })
        .catch(() => {});
      expect(report?.findings).toEqual([{ kind: 'truncated', sequence: 10 }]);
    });

    it('holds when a person is erased, and what was left of them is gone', async () => {
      const [gone] = people;
      await stores.database.inTransaction(async () => {
        await stores.traces.erase(gone ?? '', []);
        await stores.audit.append(
          {
            type: 'user.deleted',
            accountId: gone ?? '',
            change: { before: { status: 'active', roles: [] } },
          },
          { kind: 'system' },
        );
      });
      await tools.extend();
      await expect(tools.verify()).resolves.toMatchObject({ links: 10, found: 0 });
      const rows = await stores.database.run(
        'select ip, user_agent, salt, data from audit_event where account_id = ? order by id',
        [gone],
      );
      expect(rows[0]).toEqual({ ip: null, user_agent: null, salt: null, data: {} });
    });

    it('has room for what strangers can write', async () => {
      await stores.audit.append(
        { type: 'signin.failed', accountId: aWord(), reason: 'a\0b\ud800c', clientId: '\udc00' },
        { kind: 'anonymous', userAgent: '\ud800'.repeat(600), ip: '\0', requestId: '"\\\u2028' },
      );
      await tools.extend();
      await expect(tools.verify()).resolves.toMatchObject({ found: 0 });
    });
  });
}

function makeTools({ database, auditKeys: keys }: Stores) {
  const source = makeVerificationSource(database);
  const verify = makeVerifyAudit({ keys, source });
  return {
    extend: makeExtendChain({ keys, chain: makeChainStore(database) }),
    checkpoint: makeSignCheckpoint({ keys, source, clock: systemClock }),
    verify: (checkpoints: readonly string[] = []) => verify({ checkpoints, onProgress: () => {} }),
  };
}
