import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeAccountLikeness } from '../../contracts/account-likeness.ts';
import { describeAccountList } from '../../contracts/account-list.ts';
import { describeAccountStore } from '../../contracts/account-store.ts';
import { describeAccountTraces } from '../../contracts/account-traces.ts';
import { describeAdminLinkStore } from '../../contracts/admin-link-store.ts';
import { describeAttemptNetworks } from '../../contracts/attempt-networks.ts';
import { describeAttemptStore } from '../../contracts/attempt-store.ts';
import { describeAuditLog } from '../../contracts/audit-log.ts';
import { describeClientSecretStore } from '../../contracts/client-secret-store.ts';
import { describeClientStore } from '../../contracts/client-store.ts';
import { describeCredentialStore } from '../../contracts/credential-store.ts';
import { describeImportStore } from '../../contracts/import-store.ts';
import { describeInvitationStore } from '../../contracts/invitation-store.ts';
import { describeMailAllowance } from '../../contracts/mail-allowance.ts';
import { describeMailbox } from '../../contracts/mailbox.ts';
import { describeNotificationAddresses } from '../../contracts/notification-addresses.ts';
import { describeOneTimeLinkStore } from '../../contracts/one-time-link-store.ts';
import { describeOutbox } from '../../contracts/outbox.ts';
import { describeResourceServerStore } from '../../contracts/resource-server-store.ts';
import { describeRoleAssignments } from '../../contracts/role-assignments.ts';
import { describeRoleStore } from '../../contracts/role-store.ts';
import { describeSignUpStore } from '../../contracts/sign-up-store.ts';
import { openStores, type Stores } from '../../contracts/stores.ts';
import { describeTermsStore } from '../../contracts/terms-store.ts';

const places = ['PostgreSQL', 'PostgreSQL behind PgBouncer', 'embedded database'] as const;

describe.each(places)('on %s', (where) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(where);
  }, 60_000);
  afterAll(() => stores.close(), 60_000);

  describeAccountStore(where, () => stores);
  describeAccountList(where, () => stores);
  describeAccountLikeness(where, () => stores);
  describeClientStore(where, () => stores);
  describeClientSecretStore(where, () => stores);
  describeCredentialStore(where, () => stores);
  describeAttemptStore(where, () => stores);
  describeAttemptNetworks(where, () => stores);
  describeResourceServerStore(where, () => stores);
  describeRoleStore(where, () => stores);
  describeRoleAssignments(where, () => stores);
  describeAdminLinkStore(where, () => stores);
  describeAuditLog(where, () => stores);
  describeImportStore(where, () => stores);
  describeMailbox(where, () => stores);
  describeOneTimeLinkStore(where, () => stores);
  describeNotificationAddresses(where, () => stores);
  describeAccountTraces(where, () => stores);
  describeMailAllowance(where, () => stores);
  describeSignUpStore(where, () => stores);
  describeTermsStore(where, () => stores);
  describeInvitationStore(where, () => stores);
  describeOutbox(where, () => stores);
});
