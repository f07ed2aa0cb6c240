import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertNewEnough } from '../../../adapters/postgres/connection/start-checks.ts';
import { openEmptyDatabase } from '../../contracts/stores.ts';

type Opened = Awaited<ReturnType<typeof openEmptyDatabase>>;

describe('the version of the database server', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openEmptyDatabase('PostgreSQL');
  }, 60_000);
  afterAll(() => opened.close(), 60_000);

  it('is enough here', async () => {
    await expect(assertNewEnough(opened.database, 'db')).resolves.toBeUndefined();
  });

  it('is told with what is needed where it is too old', async () => {
    await expect(assertNewEnough(opened.database, 'db', 99)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^The database db is PostgreSQL \d+.* needs 99 or later\.$/),
      remedy: expect.stringContaining('GATEHOUSE_DATABASE_URL'),
    });
  });
});
