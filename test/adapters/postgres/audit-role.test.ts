import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAuditKeys } from '../../../adapters/crypto/audit-keys.ts';
import { type Database, openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../../adapters/postgres/connection/migrate.ts';
import { makeChainStore } from '../../../adapters/postgres/stores/audit-chain.ts';
import { makeAuditLog } from '../../../adapters/postgres/stores/audit-log.ts';
import { makeMonthStore } from '../../../adapters/postgres/stores/audit-months.ts';
import { makeVerificationSource } from '../../../adapters/postgres/stores/audit-verification.ts';
import { makePersonalTraces } from '../../../adapters/postgres/stores/personal-traces.ts';
import { makeExtendChain } from '../../../server/audit/chain/extend.ts';
import { makeVerifyAudit } from '../../../server/audit/chain/verify.ts';
import { systemClock } from '../../../server/clock.ts';
import { startGatehouse } from '../../support/gatehouse.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';
import { query } from '../../support/postgres-cluster.ts';

const role = `app_${randomBytes(6).toString('hex')}`;

/** The statements of docs/postgresql.md that begin like this, for the role of this test. */
function documented(beginning: string): string {
  const manual = readFileSync(new URL('../../../docs/postgresql.md', import.meta.url), 'utf8');
  const [, part = ''] = manual.split('## A role that cannot change the audit log');
  const [, sql = ''] = /```sql\n([\s\S]*?)```/.exec(part) ?? [];
  return sql
    .split('\n')
    .filter((line) => line.startsWith(beginning))
    .join('\n')
    .replaceAll('gatehouse_app', role);
}

describe('a role that may only append to the audit log, as the manual makes it', () => {
  let made: TestDatabase;
  let url: string;
  let database: Database;
  const keys = makeAuditKeys([{ id: 'tests', key: randomBytes(32) }]);

  beforeAll(async () => {
    made = await createDatabase();
    const owner = openAs(made.url);
    await makeMigrator(owner, new URL('../../../migrations/', import.meta.url)).up();
    await owner.close();
    await query(made.superuserUrl, documented('create role').replace("'...'", "'secret'"));
    for (const beginning of ['grant', 'alter default', 'select'])
      for (const statement of documented(beginning).split('\n')) await query(made.url, statement);
    url = Object.assign(new URL(made.url), { username: role, password: 'secret' }).href;
    database = openAs(url);
  });
  afterAll(async () => {
    await database.close();
    await made.drop();
    await query(new URL('/postgres', made.superuserUrl).href, `drop role ${role}`);
  });

  const append = (accountId: string) =>
    makeAuditLog(database, systemClock, keys).append(
      { type: 'signout', accountId },
      { kind: 'account', id: accountId, ip: '192.0.2.1' },
    );
  const partitions = async (): Promise<string[]> => {
    const rows = await database.run<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent in ('audit_event'::regclass, 'audit_chain'::regclass)`,
      [],
    );
    return rows.map(({ name }) => name);
  };

  it('lets the server do everything that it does to it', async () => {
    await append('one');
    await append('two');
    await makeExtendChain({ keys, chain: makeChainStore(database) })();
    await database.inTransaction(async () => {
      await makePersonalTraces(database).erase('one', []);
      await makeAuditLog(database, systemClock, keys).append(
        { type: 'user.deleted', accountId: 'one', change: {} },
        { kind: 'system' },
      );
    });
    await makeExtendChain({ keys, chain: makeChainStore(database) })();
    await expect(makeMonthStore(database).make(4)).resolves.toBe(4);
    const verify = makeVerifyAudit({ keys, source: makeVerificationSource(database) });
    await expect(verify({ checkpoints: [], onProgress: () => {} })).resolves.toMatchObject({
      links: 3,
      found: 0,
    });
  });

  it('lets nobody change or delete a row, nor a part of the log, also one that was made later', async () => {
    expect((await partitions()).length).toBeGreaterThan(10);
    const tables = ['audit_event', 'audit_chain', 'audit_checkpoint', 'audit_cut', ...(await partitions())];
    for (const table of tables)
      for (const statement of [`delete from ${table}`, `truncate ${table}`, `drop table ${table}`])
        await expect(database.run(statement, [])).rejects.toThrow(/permission denied|must be owner/);
    for (const statement of [
      `update audit_event set type = 'x'`,
      `update audit_chain set seq = 1`,
      `update audit_checkpoint set token = 'x'`,
      'alter table audit_event disable trigger all',
      `select set_config('session_replication_role', 'replica', false)`,
      'drop function guard_audit() cascade',
    ])
      await expect(database.run(statement, [])).rejects.toThrow(/permission denied|must be owner/);
  });

  it('drops no month that is young', async () => {
    await expect(database.run('select drop_audit_months(now())', [])).rejects.toThrow('are kept');
  });

  it('is not fooled by tables of one’s own in the place of the log', async () => {
    await database.inTransaction(async () => {
      await database.run(
        'create temp table audit_event (id bigint, account_id text, actor_kind text, actor_id text)',
        [],
      );
      await database.run(`select erase_audit_personal('two')`, []);
      await database.run('drop table pg_temp.audit_event', []);
    });
    await expect(database.run(`select ip from audit_event where account_id = 'two'`, [])).resolves.toEqual([
      { ip: null },
    ]);
  });

  it('is one that a server works with', async () => {
    const server = await startGatehouse({
      database: { ...made, url },
      env: { GATEHOUSE_DATABASE_DIRECT_URL: made.url },
    });
    try {
      const { status } = await server.admin('POST', 'users', { email: 'ada@example.org' });
      expect(status).toBe(201);
    } finally {
      await server.stop();
    }
  });
});

function openAs(url: string): Database {
  return openDatabase({
    where: { kind: 'url', url },
    poolMax: 2,
    acquireTimeout: 20_000,
    connectTimeout: 10_000,
    statementTimeout: 20_000,
  });
}
