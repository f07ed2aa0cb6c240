import { afterAll, beforeAll, describe } from '@jest/globals';
import { makeMigrator } from '../../../adapters/postgres/connection/migrate.ts';
import { describeAuditReader } from '../../contracts/audit-reader.ts';
import { describeKnownStart } from '../../contracts/known-start.ts';
import { describeSinkStates } from '../../contracts/sink-states.ts';
import { openEmptyDatabase } from '../../contracts/stores.ts';

describe.each(['PostgreSQL', 'embedded database'] as const)('on %s', (where) => {
  let opened: Awaited<ReturnType<typeof openEmptyDatabase>>;
  beforeAll(async () => {
    opened = await openEmptyDatabase(where);
    await makeMigrator(opened.database, new URL('../../../migrations/', import.meta.url)).up();
  }, 60_000);
  afterAll(() => opened.close());

  describeKnownStart(where, () => opened);
  describeSinkStates(where, () => opened);
  describeAuditReader(where, () => opened);
});
