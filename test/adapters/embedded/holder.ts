/**
 * A process that holds a data directory, for tests that kill it. Says in lines of JSON what it does:
 * `{"found": [..]}` the numbers that are there, `{"acknowledged": n}` for each number that it writes on top of them.
 */
import { startEmbeddedDatabase } from '../../../adapters/embedded/database.ts';
import { openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { StartError } from '../../../server/errors.ts';

const [, , dataDirectory = '', work = 'hold'] = process.argv;
const say = (fact: object): void => void process.stdout.write(`${JSON.stringify(fact)}\n`);

try {
  const embedded = await startEmbeddedDatabase(dataDirectory);
  process.once('SIGTERM', () => void embedded.close());
  const database = openDatabase({
    where: { kind: 'socket', directory: embedded.socketDirectory },
    poolMax: 4,
    acquireTimeout: 20_000,
    connectTimeout: 10_000,
    statementTimeout: 20_000,
  });
  const run = async (sql: string, values: (string | number)[] = []) =>
    (await database.current().raw(sql, values)).rows;
  await run('create table if not exists written (number integer primary key, filler text)');
  const numbers = (await run('select number from written order by number')).map(
    (row: { number: number }) => row.number,
  );
  say({ found: numbers });
  // A kill may leave a number out: the others of its four are there.
  if (work === 'write') await write((numbers.at(-1) ?? -1) + 1);
  else await database.close();

  /** Four at a time, as a server's pool does, and now and then with a checkpoint in between. */
  async function write(from: number): Promise<never> {
    for (let next = from; ; next += 4) {
      await Promise.all(
        [0, 1, 2, 3].map(async (offset) => {
          await run('insert into written values (?, ?)', [next + offset, 'x'.repeat(2000)]);
          say({ acknowledged: next + offset });
        }),
      );
      if (next % 100 === 0) await run('checkpoint');
    }
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n${error.remedy}\n`);
  process.exit(error.exitCode);
}
