import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeEnvelope } from '../../../adapters/crypto/envelope.ts';
import { readTables } from '../../../adapters/postgres/contents/catalogue.ts';
import { changeRows, changeSealed, makeIsPortable, type Row } from '../../../server/backup/portable-rows.ts';
import {
  type PortableTable,
  portableTables,
  tablesThatStay,
} from '../../../server/backup/portable-tables.ts';
import { someKey } from '../../contracts/hasher.ts';
import { openStores, type Stores } from '../../contracts/stores.ts';

const tables = [
  { name: 'client', columns: ['id', 'built_in'], partitions: [] },
  { name: 'consent', columns: ['account_id', 'client_id'], partitions: [] },
  { name: 'factor', columns: ['id', 'secret'], partitions: [] },
];

async function changed(batches: { table: string; rows: string[] }[], change: (row: Row) => boolean) {
  async function* given() {
    yield* batches;
  }
  const found: { table: string; rows: string[] }[] = [];
  for await (const batch of changeRows(given(), tables, change)) found.push(batch);
  return found;
}

describe('rows that go to another server', () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores('PostgreSQL');
  }, 60_000);
  afterAll(() => stores.close());

  it('are of tables that are on one of two lists: whoever adds a table decides', async () => {
    const all = (await readTables(stores.database)).map(({ name }) => name);
    const listed = [...portableTables.map(({ name }) => name), ...Object.keys(tablesThatStay)];
    expect(listed.toSorted((one, other) => one.localeCompare(other))).toEqual(
      all.toSorted((one, other) => one.localeCompare(other)),
    );
  });

  it('are none of those that a server makes for itself, nor what belongs to them', async () => {
    const given = [
      { table: 'client', rows: ['["gatehouse-account","true"]', '["shop","false"]'] },
      { table: 'consent', rows: ['["a","gatehouse-account"]', '["a","shop"]'] },
    ];
    expect(await changed(given, makeIsPortable())).toEqual([
      { table: 'client', rows: ['["shop","false"]'] },
      { table: 'consent', rows: ['["a","shop"]'] },
    ]);
  });

  it('have what was sealed by the one server sealed by the other', async () => {
    const factor: PortableTable[] = [
      { name: 'factor', sealed: [{ column: 'secret', context: (of) => `factor ${of('id')}` }] },
    ];
    const here = makeEnvelope([someKey]);
    const there = makeEnvelope([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
    const sealed = here.seal(Buffer.from('the seed'), 'factor f1');
    const rows = [JSON.stringify(['f1', sealed]), '["f2",null]'];
    const [opened] = await changed([{ table: 'factor', rows }], (row) => {
      changeSealed(row, 'open', here, factor);
      return true;
    });
    const [arrived] = await changed(opened === undefined ? [] : [opened], (row) => {
      changeSealed(row, 'seal', there, factor);
      return true;
    });
    const [first = '', second] = arrived?.rows ?? [];
    expect(there.open(JSON.parse(first)[1], 'factor f1').toString()).toBe('the seed');
    expect(second).toBe('["f2",null]');
  });
});
