import type { Sealer } from '../../adapters/postgres/artifacts/payload.ts';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeAccountStore } from '../../adapters/postgres/stores/account-store.ts';
import { makeAdminLinkStore } from '../../adapters/postgres/stores/admin-link-store.ts';
import { makeAttemptStore } from '../../adapters/postgres/stores/attempt-store.ts';
import { makeClientSecretStore } from '../../adapters/postgres/stores/client-secret-store.ts';
import { makeClientStore } from '../../adapters/postgres/stores/client-store.ts';
import { makeConsentStore } from '../../adapters/postgres/stores/consent-store.ts';
import { makeCredentialStore } from '../../adapters/postgres/stores/credential-store.ts';
import { makeDeletionStore } from '../../adapters/postgres/stores/deletion-store.ts';
import { makeExportSource } from '../../adapters/postgres/stores/export-source.ts';
import { makeInvitationStore } from '../../adapters/postgres/stores/invitation-store.ts';
import { makeMailAllowance } from '../../adapters/postgres/stores/mail-allowance.ts';
import { makeMailbox } from '../../adapters/postgres/stores/mailbox.ts';
import { makeNotificationAddresses } from '../../adapters/postgres/stores/notification-addresses.ts';
import { makeOneTimeLinkStore } from '../../adapters/postgres/stores/one-time-link-store.ts';
import { makePersonalTraces } from '../../adapters/postgres/stores/personal-traces.ts';
import { makePictureStore } from '../../adapters/postgres/stores/picture-store.ts';
import { makeSettingStore } from '../../adapters/postgres/stores/setting-store.ts';
import { makeSignUpStore } from '../../adapters/postgres/stores/sign-up-store.ts';
import { makeSigningKeyStore } from '../../adapters/postgres/stores/signing-key-store.ts';
import { makeStandingStore } from '../../adapters/postgres/stores/standing-store.ts';
import { makeTermsStore } from '../../adapters/postgres/stores/terms-store.ts';
import { delaysOf } from '../authn/lockout/delay.ts';
import { announcing } from '../clients/announcing-store.ts';
import { announcingSecrets } from '../clients/secrets/secret-store.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Changes } from './changes.ts';
import { makeRoleStores } from './roles.ts';

export interface StoresDeps {
  config: Config;
  database: Database;
  clock: Clock;
  changes: Changes;
  envelope: Sealer;
}

/** What is kept in the database, as the domain wants it. `clientRows`: clients as they are, without a word to others. */
export function makeStores({ config, database, clock, changes, envelope }: StoresDeps) {
  const clientRows = makeClientStore(database, clock);
  return {
    clientRows,
    accounts: makeAccountStore(database),
    credentials: makeCredentialStore(database, clock),
    attempts: makeAttemptStore(database, { ...config.lockout, delays: delaysOf(config.lockout) }),
    ...makeRoleStores(database, changes),
    clients: announcing(clientRows, () => changes.changed('client')),
    clientSecrets: announcingSecrets(makeClientSecretStore(database), () => changes.changed('client')),
    consents: makeConsentStore(database),
    links: makeAdminLinkStore(database),
    signingKeys: makeSigningKeyStore(database, envelope),
    mailbox: makeMailbox(database, clock),
    oneTimeLinks: makeOneTimeLinkStore(database),
    addresses: makeNotificationAddresses(database),
    pictures: makePictureStore(database),
    exportSource: makeExportSource(database),
    deletions: makeDeletionStore(database),
    standings: makeStandingStore(database),
    settings: makeSettingStore(database, () => changes.changed('setting')),
    traces: makePersonalTraces(database),
    mailAllowance: makeMailAllowance(database),
    signUps: makeSignUpStore(database),
    terms: makeTermsStore(database),
    invitations: makeInvitationStore(database),
  };
}
