import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { makeEnvelope } from '../../adapters/crypto/envelope.ts';
import { startEmbeddedDatabase } from '../../adapters/embedded/database.ts';
import { makeLoadCommonPasswords } from '../../adapters/passwords/common-passwords.ts';
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
} from '../../adapters/postgres/connection/database.ts';
import { makeMigrator } from '../../adapters/postgres/connection/migrate.ts';
import { makeAccountStore } from '../../adapters/postgres/stores/account-store.ts';
import { makeAdminLinkStore } from '../../adapters/postgres/stores/admin-link-store.ts';
import { makeAttemptStore } from '../../adapters/postgres/stores/attempt-store.ts';
import { makeAttributeStore } from '../../adapters/postgres/stores/attribute-store.ts';
import { makeAuditLog } from '../../adapters/postgres/stores/audit-log.ts';
import { makeBulkJobs } from '../../adapters/postgres/stores/bulk-jobs.ts';
import { makeClientErrorStore } from '../../adapters/postgres/stores/client-error-store.ts';
import { makeClientSecretStore } from '../../adapters/postgres/stores/client-secret-store.ts';
import { makeClientStore } from '../../adapters/postgres/stores/client-store.ts';
import { makeCredentialStore } from '../../adapters/postgres/stores/credential-store.ts';
import { makeDeletionStore } from '../../adapters/postgres/stores/deletion-store.ts';
import { makeImportStore } from '../../adapters/postgres/stores/import-store.ts';
import { makeInvitationStore } from '../../adapters/postgres/stores/invitation-store.ts';
import { makeKeptAnswers } from '../../adapters/postgres/stores/kept-answers.ts';
import { makeMailAllowance } from '../../adapters/postgres/stores/mail-allowance.ts';
import { makeMailbox } from '../../adapters/postgres/stores/mailbox.ts';
import { makeNotificationAddresses } from '../../adapters/postgres/stores/notification-addresses.ts';
import { makeOneTimeLinkStore } from '../../adapters/postgres/stores/one-time-link-store.ts';
import { makeOutbox } from '../../adapters/postgres/stores/outbox.ts';
import { makeOutboxOffice } from '../../adapters/postgres/stores/outbox-office.ts';
import { makePersonalTraces } from '../../adapters/postgres/stores/personal-traces.ts';
import { makePictureStore } from '../../adapters/postgres/stores/picture-store.ts';
import { makeResourceServerStore } from '../../adapters/postgres/stores/resource-server-store.ts';
import { makeRoleAssignments } from '../../adapters/postgres/stores/role-assignments.ts';
import { makeRoleStore } from '../../adapters/postgres/stores/role-store.ts';
import { makeScopeRestrictions } from '../../adapters/postgres/stores/scope-restrictions.ts';
import { makeSettingStore } from '../../adapters/postgres/stores/setting-store.ts';
import { makeSignUpStore } from '../../adapters/postgres/stores/sign-up-store.ts';
import { makeStandingStore } from '../../adapters/postgres/stores/standing-store.ts';
import { makeSupportSessionStore } from '../../adapters/postgres/stores/support-session-store.ts';
import { makeTermsStore } from '../../adapters/postgres/stores/terms-store.ts';
import { mostAttributes } from '../../server/accounts/attributes/store.ts';
import { delaysOf } from '../../server/authn/lockout/delay.ts';
import { makeFindPasswordFault } from '../../server/authn/password-policy.ts';
import { keptSamples } from '../../server/clients/refusals/client-error.ts';
import { randomIds } from '../../server/ids.ts';
import { startPooler } from '../support/pgbouncer.ts';
import { createDatabase } from '../support/postgres.ts';
import { query } from '../support/postgres-cluster.ts';
import { someLockout, someTime } from './builders.ts';

/** The rules for new passwords, with the real list. */
export const aFindPasswordFault = makeFindPasswordFault({
  commonPasswords: makeLoadCommonPasswords(),
  serviceWords: ['Gatehouse', 'id.example'],
});

const someKeys = [{ id: 'tests', key: randomBytes(32) }];
const anEnvelope = makeEnvelope(someKeys);
const auditKeys = makeAuditKeys(someKeys);

/** The stores on a fresh, migrated database, with their clock stopped at `someTime`. */
export async function openStores(where: Where) {
  const { database, close } = await openEmptyDatabase(where);
  await makeMigrator(database, new URL('../../migrations/', import.meta.url)).up();
  const clock = { now: () => someTime };
  return {
    database,
    auditKeys,
    inTransaction: database.inTransaction,
    findPasswordFault: aFindPasswordFault,
    initialPasswords: { areTemporary: false, lifetime: 86_400 },
    accounts: makeAccountStore(database),
    supportSessions: makeSupportSessionStore(database),
    bulkJobs: makeBulkJobs(database, anEnvelope),
    attributes: makeAttributeStore(database, { most: mostAttributes, onChanged: () => {} }),
    presentAttributes: async () => [],
    credentials: makeCredentialStore(database, clock),
    attempts: makeAttemptStore(database, { ...someLockout, delays: delaysOf(someLockout) }),
    clients: makeClientStore(database, clock),
    resourceServers: makeResourceServerStore(database, clock),
    scopeRestrictions: makeScopeRestrictions(database),
    clientSecrets: makeClientSecretStore(database),
    clientErrors: makeClientErrorStore(database, keptSamples),
    roles: makeRoleStore(database),
    assignments: makeRoleAssignments(database),
    links: makeAdminLinkStore(database),
    audit: makeAuditLog(database, clock, auditKeys),
    imports: makeImportStore(database, clock, auditKeys),
    mailbox: makeMailbox(database, clock),
    oneTimeLinks: makeOneTimeLinkStore(database),
    addresses: makeNotificationAddresses(database),
    pictures: makePictureStore(database),
    deletions: makeDeletionStore(database),
    standings: makeStandingStore(database),
    settings: makeSettingStore(database, () => {}),
    traces: makePersonalTraces(database),
    keptAnswers: makeKeptAnswers(database, anEnvelope),
    mailAllowance: makeMailAllowance(database),
    signUps: makeSignUpStore(database),
    terms: makeTermsStore(database),
    invitations: makeInvitationStore(database),
    outbox: makeOutbox(database, { sealer: anEnvelope, clock, ids: randomIds, onAdded: () => {} }),
    outboxOffice: makeOutboxOffice(database, { clock, onAdded: () => {} }),
    close,
  };
}

export type Where = 'PostgreSQL' | 'PostgreSQL behind PgBouncer' | 'embedded database';

/** A database without a schema. */
export async function openEmptyDatabase(
  where: Where,
): Promise<{ database: Database; close(): Promise<void> }> {
  const place = await places[where]();
  const database = openDatabase({
    where: place.where,
    pooler: place.pooler ?? 'none',
    poolMax: 8,
    acquireTimeout: 20_000,
    connectTimeout: 10_000,
    statementTimeout: 20_000,
  });
  return {
    database,
    async close() {
      await database.close();
      await place.close();
    },
  };
}

export type Stores = Awaited<ReturnType<typeof openStores>>;

/** What the audit log says of an account, oldest first. */
export async function readAudit(database: Database, accountId: string | null): Promise<AuditRow[]> {
  return database
    .current()('audit_event')
    .where({ account_id: accountId })
    .orderBy('id')
    .select('type', 'data');
}

export interface AuditRow {
  type: string;
  data: Record<string, unknown>;
}

interface Place {
  where: DatabaseOptions['where'];
  pooler?: 'transaction';
  close(): Promise<void>;
}

const places: Record<Where, () => Promise<Place>> = {
  PostgreSQL: onPostgres,
  'PostgreSQL behind PgBouncer': onPooler,
  'embedded database': onEmbedded,
};

async function onPostgres(): Promise<Place> {
  const database = await createDatabase();
  return { where: { kind: 'url', url: database.url }, close: () => database.drop() };
}

/** Fewer connections than there are callers, so that a session is another one from transaction to transaction. */
async function onPooler(): Promise<Place> {
  const database = await createDatabase();
  const { port, pathname } = new URL(database.url);
  // The cluster of the tests trades that for speed, and behind a pooler it cannot be mended by the session.
  await query(
    database.superuserUrl,
    `alter role gatehouse in database ${pathname.slice(1)} set synchronous_commit = on`,
  );
  const pooler = await startPooler(Number(port), 3);
  return {
    where: { kind: 'url', url: pooler.urlOf(database.url) },
    pooler: 'transaction',
    async close() {
      await pooler.stop();
      await database.drop();
    },
  };
}

async function onEmbedded(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-test-'));
  const embedded = await startEmbeddedDatabase(directory);
  return {
    where: { kind: 'socket', directory: embedded.socketDirectory },
    async close() {
      await embedded.close();
      await rm(directory, { recursive: true });
    },
  };
}
