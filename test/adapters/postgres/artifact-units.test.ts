import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { makeEnvelope } from '../../../adapters/crypto/envelope.ts';
import { makeAccountArtifacts } from '../../../adapters/postgres/artifacts/account-artifacts.ts';
import { makeArtifactAdapter } from '../../../adapters/postgres/artifacts/adapter.ts';
import { makeRequestUnits } from '../../../adapters/postgres/artifacts/request-unit.ts';
import { describeArtifactProofs } from '../../contracts/artifact-proofs.ts';
import { type ArtifactUnitsUnderTest, describeArtifactUnits } from '../../contracts/artifact-units.ts';
import { openStores, type Stores } from '../../contracts/stores.ts';

const places = ['PostgreSQL', 'PostgreSQL behind PgBouncer', 'embedded database'] as const;

describe.each(places)('on %s', (where) => {
  let stores: Stores;
  let under: ArtifactUnitsUnderTest;
  beforeAll(async () => {
    stores = await openStores(where);
    const { database } = stores;
    const units = makeRequestUnits(database);
    const sealer = makeEnvelope([{ id: 'test', key: randomBytes(32) }]);
    under = {
      ...stores,
      units,
      adapterOf: makeArtifactAdapter(database, { sealer, units, replayWindow: 0 }),
      ...makeAccountArtifacts(database),
      hasSessions: where !== 'embedded database',
    };
  });
  afterAll(() => stores.close());

  describeArtifactUnits(where, () => under);
  describeArtifactProofs(where, () => under);
});
