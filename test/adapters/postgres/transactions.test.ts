import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Database, openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { AppError } from '../../../server/errors.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

let place: TestDatabase;
let database: Database;
beforeAll(async () => {
  place = await createDatabase();
  database = open(place.url);
  await ask('create table tally (id integer primary key, value integer not null)');
});
afterAll(async () => {
  await database.close();
  await place.drop();
});
beforeEach(async () => {
  await ask('delete from tally');
  await ask('insert into tally values (1, 0), (2, 0)');
});

function open(url: string): Database {
  return openDatabase({
    where: { kind: 'url', url },
    poolMax: 50,
    acquireTimeout: 20_000,
    connectTimeout: 10_000,
    statementTimeout: 20_000,
  });
}

const ask = async (sql: string, on = database) => on.current().raw(sql);
const add = (id: number, on = database) => ask(`update tally set value = value + 1 where id = ${id}`, on);
const value = async (id: number): Promise<number> =>
  (await ask(`select value from tally where id = ${id}`)).rows[0].value;

/** A promise that is kept as soon as it has been asked for by so many. */
function meeting(size: number): () => Promise<void> {
  const all = Promise.withResolvers<void>();
  let present = 0;
  return () => {
    present += 1;
    if (present === size) all.resolve();
    return all.promise;
  };
}

describe('a transaction', () => {
  it('leaves nothing when its work throws, and throws the same', async () => {
    const work = database.inTransaction(async () => {
      await add(1);
      throw new RangeError('no further');
    });
    await expect(work).rejects.toThrow(RangeError);
    await expect(value(1)).resolves.toBe(0);
  });

  it('is not acknowledged when a statement in it has failed and nobody minded', async () => {
    const work = database.inTransaction(async () => {
      await add(1);
      await ask('insert into tally values (1, 0)').catch(() => {});
    });
    await expect(work).rejects.toThrow('the transaction was undone');
    await expect(value(1)).resolves.toBe(0);
  });

  it('does its work once more when it met another one in a deadlock', async () => {
    const bothHold = meeting(2);
    let runs = 0;
    const cross = (first: number, second: number) =>
      database.inTransaction(async () => {
        runs += 1;
        await add(first);
        // Met once; whoever comes again finds the meeting over.
        await bothHold();
        await add(second);
      });
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(runs).toBe(3);
    await expect(value(1)).resolves.toBe(2);
    await expect(value(2)).resolves.toBe(2);
  });

  it('does it four times at most, and then says that it is not possible now', async () => {
    let runs = 0;
    const work = database.inTransaction(async () => {
      runs += 1;
      await ask(`do $$ begin raise exception 'met another' using errcode = '40001'; end $$`);
    });
    await expect(work).rejects.toMatchObject({ code: 'unavailable', status: 503, retryAfter: 2 });
    expect(runs).toBe(4);
  });

  it('does it once when something else fails', async () => {
    let runs = 0;
    const work = database.inTransaction(async () => {
      runs += 1;
      await ask('insert into tally values (1, 0)');
    });
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(runs).toBe(1);
  });

  it('is repeated as a whole, from the outermost call', async () => {
    let [outer, inner] = [0, 0];
    await database.inTransaction(async () => {
      outer += 1;
      await add(1);
      await database.inTransaction(async () => {
        inner += 1;
        if (inner === 1) await ask(`do $$ begin raise exception 'met' using errcode = '40P01'; end $$`);
      });
    });
    expect([outer, inner]).toEqual([2, 2]);
    await expect(value(1)).resolves.toBe(1);
  });
});

describe.each(['repeatable read', 'serializable'])(
  '50 writers of one row, where the role demands %s',
  (isolation) => {
    let strict: Database;
    beforeAll(() => {
      const options = `-c default_transaction_isolation=${isolation.replaceAll(' ', '\\ ')}`;
      strict = open(`${place.url}?options=${encodeURIComponent(options)}`);
    });
    afterAll(() => strict.close());

    it.each([
      ['each in one statement', () => add(1, strict)],
      [
        'each reads, then writes, in a transaction',
        () =>
          strict.inTransaction(async () => {
            const { rows } = await ask('select value from tally where id = 1', strict);
            await ask(`update tally set value = ${Number(rows[0].value) + 1} where id = 1`, strict);
          }),
      ],
    ])('%s: what was acknowledged is there, once; the others were told', async (_how, write) => {
      const outcomes = await Promise.allSettled(Array.from({ length: 50 }, write));
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      for (const reason of refused) {
        expect(reason).toBeInstanceOf(AppError);
        expect(reason).toMatchObject({ code: 'unavailable', detail: expect.stringContaining('40001') });
      }
      expect(refused.length).toBeLessThan(50);
      await expect(value(1)).resolves.toBe(50 - refused.length);
    });
  },
);
