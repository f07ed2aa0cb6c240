import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findSocketDirectory } from '../../adapters/embedded/socket.ts';
import { openDatabase } from '../../adapters/postgres/connection/database.ts';
import { gatehouse } from '../cli/gatehouse-command.ts';
import { makeSecrets, type RunningGatehouse, startGatehouse } from '../support/gatehouse.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

describe.each(['postgres', 'embedded'] as const)('attacks on the audit log of a server on %s', (kind) => {
  let server: RunningGatehouse;
  const secrets = makeSecrets();
  beforeAll(async () => {
    server = await startGatehouse({ ...(kind === 'postgres' ? { database: kind } : {}), env: secrets });
  }, 180_000);
  afterAll(() => server.dispose());

  const settings = (): Record<string, string> =>
    server.database === 'embedded'
      ? { ...secrets, GATEHOUSE_DATA_DIR: server.dataDir }
      : { ...secrets, GATEHOUSE_DATA_DIR: server.dataDir, GATEHOUSE_DATABASE_URL: server.database.url };
  const audit = (...args: string[]) => gatehouse(settings(), ['audit', ...args]);
  /** As somebody at a query prompt who may do everything. */
  async function atPrompt<Row>(...statements: string[]): Promise<Row[]> {
    const where =
      server.database === 'embedded'
        ? ({ kind: 'socket', directory: findSocketDirectory(server.dataDir) } as const)
        : ({ kind: 'url', url: server.database.superuserUrl } as const);
    const times = { acquireTimeout: 20_000, connectTimeout: 20_000, statementTimeout: 20_000 };
    const database = openDatabase({ where, poolMax: 1, ...times });
    try {
      return await database.inTransaction(async () => {
        await database.run('set local session_replication_role = replica', []);
        let rows: Row[] = [];
        for (const statement of statements) rows = await database.run<Row>(statement, []);
        return rows;
      });
    } finally {
      await database.close();
    }
  }
  const untilChained = () =>
    waitFor('everything was chained', async () => {
      const [row] = await atPrompt<{ n: string }>('select count(*) as n from audit_queue');
      return row?.n === '0';
    });

  it('I09 every change that was acknowledged has one row, also of a server that is killed', async () => {
    const created: string[] = [];
    let isOver = false;
    const lane = async (number: number): Promise<void> => {
      for (let count = 0; !isOver; count += 1) {
        const body = { email: `kill.${number}.${count}@example.org` };
        const answer = await server.admin('POST', 'users', body).catch(() => undefined);
        if (answer?.status === 201) created.push(String((answer.body as { sub: string }).sub));
      }
    };
    const lanes = [1, 2, 3, 4].map(lane);
    await waitFor('some were made', () => created.length >= 20);
    await server.kill9();
    isOver = true;
    await Promise.all(lanes);
    server = await server.startAgain();
    const rows = await atPrompt<{ id: string; events: string }>(
      `select a.id, count(e.id) as events from account a left join audit_event e on e.account_id = a.id and e.type = 'user.created'
       group by a.id`,
    );
    expect(rows.filter(({ events }) => events !== '1')).toEqual([]);
    const ids = new Set(rows.map(({ id }) => id));
    expect(created.filter((id) => !ids.has(id))).toEqual([]);
    await untilChained();
    const { code, out } = await audit('verify', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ intact: true, findings: [] })]);
  });

  it('I09 a row that was altered by a superuser is named, beside the running server', async () => {
    const kept = await makeTempDir('checkpoint');
    const checkpoint = await audit('checkpoint');
    expect(checkpoint.code).toBe(0);
    const path = `${kept.path}/kept`;
    await writeFile(path, checkpoint.out);
    expect((await audit('verify', '--checkpoint', path)).code).toBe(0);
    const row = '(select event_id from audit_chain where seq = 7)';
    const [before] = await atPrompt<{ type: string }>(`select type from audit_event where id = ${row}`);
    await atPrompt(`update audit_event set type = 'signout' where id = ${row}`);
    const told = await audit('verify');
    expect(told.code).toBe(1);
    expect(told.out).toMatch(/^7 +changed /m);
    expect(told.err).toContain('not as it was written');
    await atPrompt(`update audit_event set type = '${before?.type}' where id = ${row}`);
    expect((await audit('verify')).code).toBe(0);
    await kept.remove();
  });

  it('I09 has no route by which it could be changed', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
      const { status } = await server.admin(method, 'audit-events', method === 'DELETE' ? undefined : {});
      expect([404, 405]).toContain(status);
    }
  });
});
