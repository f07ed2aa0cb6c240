import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeAuditMonths } from '../../contracts/audit-months.ts';
import { openStores, type Stores } from '../../contracts/stores.ts';

const places = ['PostgreSQL', 'embedded database'] as const;

describe.each(places)('on %s', (where) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(where);
  }, 60_000);
  afterAll(() => stores.close(), 60_000);

  describeAuditMonths(where, () => stores);
});
