import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { makeEnvelope } from '../../../adapters/crypto/envelope.ts';
import { makeAccountArtifacts } from '../../../adapters/postgres/artifacts/account-artifacts.ts';
import { makeArtifactAdapter } from '../../../adapters/postgres/artifacts/adapter.ts';
import { makeRequestUnits } from '../../../adapters/postgres/artifacts/request-unit.ts';
import { makeSeenOnce } from '../../../adapters/postgres/artifacts/seen-once.ts';
import { makeSessionUse } from '../../../adapters/postgres/artifacts/session-detail.ts';
import { makeAllGrants } from '../../../adapters/postgres/stores/all-grants.ts';
import { makeAllSessions } from '../../../adapters/postgres/stores/all-sessions.ts';
import { makeConnectedApps } from '../../../adapters/postgres/stores/connected-apps.ts';
import { makeConsentStore } from '../../../adapters/postgres/stores/consent-store.ts';
import { makeSessionStore } from '../../../adapters/postgres/stores/session-store.ts';
import { makeSigningKeyStore } from '../../../adapters/postgres/stores/signing-key-store.ts';
import { describeArtifactEnds } from '../../contracts/artifact-ends.ts';
import { type ArtifactsUnderTest, describeArtifacts } from '../../contracts/artifact-store.ts';
import { describeConsentStore } from '../../contracts/consent-store.ts';
import { describeEverybody } from '../../contracts/everybody.ts';
import { describeSessionStore } from '../../contracts/session-store.ts';
import { describeSigningKeyStore } from '../../contracts/signing-key-store.ts';
import { openStores, type Stores } from '../../contracts/stores.ts';

const places = ['PostgreSQL', 'PostgreSQL behind PgBouncer', 'embedded database'] as const;

describe.each(places)('on %s', (where) => {
  let stores: Stores;
  let under: ArtifactsUnderTest;
  beforeAll(async () => {
    stores = await openStores(where);
    const { database } = stores;
    under = {
      database,
      adapterOf: makeArtifactAdapter(database, {
        sealer: makeEnvelope([{ id: 'test', key: randomBytes(32) }]),
        units: makeRequestUnits(database),
        replayWindow: 0,
      }),
      seenOnce: makeSeenOnce(database),
      ...makeAccountArtifacts(database),
    };
  });
  afterAll(() => stores.close());

  describeArtifacts(where, () => under);
  describeArtifactEnds(where, () => under);
  describeConsentStore(where, () => ({ ...stores, consents: makeConsentStore(stores.database) }));
  describeSessionStore(where, () => ({
    ...stores,
    adapterOf: under.adapterOf,
    sessions: makeSessionStore(stores.database),
    connectedApps: makeConnectedApps(stores.database),
    consents: makeConsentStore(stores.database),
  }));
  describeEverybody(where, () => ({
    ...stores,
    adapterOf: under.adapterOf,
    consents: makeConsentStore(stores.database),
    sessionUse: makeSessionUse(stores.database),
    allSessions: makeAllSessions(stores.database),
    allGrants: (own) => makeAllGrants(stores.database, [own]),
  }));
  describeSigningKeyStore(where, () => ({
    database: stores.database,
    storeWith: (envelope) => makeSigningKeyStore(stores.database, envelope),
  }));
});
