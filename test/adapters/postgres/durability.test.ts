import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../../adapters/postgres/connection/database.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';
import { query } from '../../support/postgres-cluster.ts';

describe('what is acknowledged', () => {
  let place: TestDatabase;
  beforeAll(async () => {
    place = await createDatabase();
  });
  afterAll(() => place.drop());

  async function levelWith(url: string): Promise<string> {
    const database = openDatabase({
      where: { kind: 'url', url },
      poolMax: 1,
      acquireTimeout: 10_000,
      connectTimeout: 5000,
      statementTimeout: 5000,
    });
    const { rows } = await database.current().raw('show synchronous_commit');
    await database.close();
    return rows[0].synchronous_commit;
  }

  it.each([
    ['off', 'on'],
    ['local', 'on'],
    ['remote_write', 'on'],
    ['on', 'on'],
    ['remote_apply', 'remote_apply'],
  ])('is on disk: a role with synchronous_commit=%s works with %s', async (set, used) => {
    const role = `alter role gatehouse in database ${new URL(place.url).pathname.slice(1)}`;
    await query(place.superuserUrl, `${role} set synchronous_commit = ${set}`);
    await expect(levelWith(place.url)).resolves.toBe(used);
  });

  it('is not weakened by what the URL asks for either', async () => {
    const options = encodeURIComponent('-c synchronous_commit=off');
    await expect(levelWith(`${place.url}?options=${options}`)).resolves.toBe('on');
  });
});
