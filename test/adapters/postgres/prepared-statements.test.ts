import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedDatabase } from '../../../adapters/embedded/database.ts';
import { type Database, openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { runSql } from '../../../adapters/postgres/connection/run-sql.ts';
import { startPooler } from '../../support/pgbouncer.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';
import { query } from '../../support/postgres-cluster.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

const timeouts = { acquireTimeout: 10_000, connectTimeout: 10_000, statementTimeout: 10_000 };
/** One session, so that what it keeps can be looked at. */
const poolMax = 1;

const keptBy = async (database: Database): Promise<string[]> =>
  (
    await database
      .current()
      .raw<{ rows: { statement: string }[] }>(
        'select statement from pg_prepared_statements order by prepare_time',
      )
  ).rows.map(({ statement }) => statement);

describe('statements that a session keeps prepared', () => {
  let made: TestDatabase;
  beforeAll(async () => {
    made = await createDatabase();
    const name = new URL(made.url).pathname.slice(1);
    // A session behind a pooler cannot set it, and that of the tests has it off.
    await query(made.superuserUrl, `alter database ${name} set synchronous_commit = on`);
    await query(made.url, 'create table thing (id integer primary key, word text)');
    await query(made.url, "insert into thing values (1, 'one'), (2, 'two')");
  });
  afterAll(() => made.drop());

  const open = (pooler: 'none' | 'transaction') =>
    openDatabase({ where: { kind: 'url', url: made.url }, pooler, poolMax, ...timeouts });

  it('are those with values, each once, inside of transactions as well', async () => {
    const database = open('none');
    const find = (id: number) => runSql(database, 'select word from thing where id = ?', [id]);
    await expect(find(1)).resolves.toEqual([{ word: 'one' }]);
    await expect(database.inTransaction(() => find(2))).resolves.toEqual([{ word: 'two' }]);
    await expect(database.current()('thing').where({ id: 1 }).first('word')).resolves.toEqual({
      word: 'one',
    });
    await expect(keptBy(database)).resolves.toEqual([
      'select word from thing where id = $1',
      'select "word" from "thing" where "id" = $1 limit $2',
    ]);
    await database.close();
  });

  it('are good after the schema has got more, as a migration beside a running server does', async () => {
    const database = open('none');
    const find = () => runSql(database, 'select word from thing where id = ?', [1]);
    for (let time = 0; time < 6; time += 1) await find();
    await query(made.url, 'alter table thing add column more text');
    await query(made.url, 'create index thing_by_word on thing (word)');
    await expect(find()).resolves.toEqual([{ word: 'one' }]);
    await database.close();
  });

  it('are few: a text that is written for many rows at once is not kept', async () => {
    const database = open('none');
    const rows = Array.from({ length: 700 }, (_, index) => ({ id: 100 + index, word: 'many' }));
    await database.current()('thing').insert(rows);
    for (let count = 1; count < 600; count += 1) await runSql(database, `select ${count} where 1 = ?`, [1]);
    expect((await keptBy(database)).length).toBe(500);
    await expect(runSql(database, 'select word from thing where id = ?', [1])).resolves.toEqual([
      { word: 'one' },
    ]);
    await database.close();
  });

  it('are given up behind a pooler that nobody has told of and that hides: every answer is right', async () => {
    const hidden = ['ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout'];
    const pooler = await startPooler(Number(new URL(made.url).port), 2, hidden);
    const where = { kind: 'url', url: pooler.urlOf(made.url) } as const;
    const databases = [0, 1].map(() => openDatabase({ where, poolMax: 4, ...timeouts }));
    const asked = Array.from({ length: 200 }, (_, index) => 1 + (index % 2));
    const answers = await Promise.all(
      asked.map(async (id, index) => {
        const database = databases[index % databases.length] ?? open('none');
        const text =
          index % 3 === 0
            ? 'select word, id from thing where id = ?'
            : 'select id, word from thing where id = ?';
        return runSql<{ id: number; word: string }>(database, text, [id]);
      }),
    );
    expect(answers).toEqual(asked.map((id) => [{ id, word: id === 1 ? 'one' : 'two' }]));
    for (const database of databases) await database.close();
    await pooler.stop();
  });

  it('are none behind a pooler, which gives the session to others', async () => {
    const database = open('transaction');
    await runSql(database, 'select word from thing where id = ?', [1]);
    await expect(keptBy(database)).resolves.toEqual([]);
    await database.close();
  });

  it('are none on the embedded database, whose connections are all one session', async () => {
    const { path } = await makeTempDir('embedded');
    const embedded = await startEmbeddedDatabase(path);
    const where = { kind: 'socket', directory: embedded.socketDirectory } as const;
    const database = openDatabase({ where, poolMax, ...timeouts });
    await expect(runSql(database, 'select ?::integer as n', [1])).resolves.toEqual([{ n: 1 }]);
    await expect(keptBy(database)).resolves.toEqual([]);
    await database.close();
    await embedded.close();
  });
});
