import { makeEnvelope } from '../../adapters/crypto/envelope.ts';
import { makeLoadCommonPasswords } from '../../adapters/passwords/common-passwords.ts';
import { makeReadPicture } from '../../adapters/pictures/read-picture.ts';
import { makeAccountArtifacts } from '../../adapters/postgres/artifacts/account-artifacts.ts';
import { makeRefreshReplays } from '../../adapters/postgres/artifacts/refresh-replays.ts';
import { makeRequestUnits } from '../../adapters/postgres/artifacts/request-unit.ts';
import { makeSessionUse } from '../../adapters/postgres/artifacts/session-detail.ts';
import { makeArtifactSweep } from '../../adapters/postgres/artifacts/sweep.ts';
import { makeTokenStanding } from '../../adapters/postgres/artifacts/token-standing.ts';
import { makeBulkJobs } from '../../adapters/postgres/stores/bulk-jobs.ts';
import { makeKeptAnswers } from '../../adapters/postgres/stores/kept-answers.ts';
import { makeLeaseStore } from '../../adapters/postgres/stores/lease-store.ts';
import { makeLockoutSweep } from '../../adapters/postgres/stores/lockout-sweep.ts';
import { makeOutbox } from '../../adapters/postgres/stores/outbox.ts';
import { makeOutboxOffice } from '../../adapters/postgres/stores/outbox-office.ts';
import { fillUsernameSkeletons } from '../../adapters/postgres/stores/username-skeletons.ts';
import { makeCreateAccount } from '../accounts/create-account.ts';
import { makeDeleteAccount } from '../accounts/delete-account.ts';
import { makeFirstAdmin } from '../accounts/first-admin.ts';
import { makeUpdateAccount } from '../accounts/update-account.ts';
import { makeAuthenticate } from '../authn/authenticate.ts';
import { makeHashingQueue } from '../authn/hashing-queue.ts';
import { delayAfter } from '../authn/lockout/delay.ts';
import { makeGate } from '../authn/lockout/gate.ts';
import { makeNoteFailure } from '../authn/lockout/note-failure.ts';
import { makeFindPasswordFault } from '../authn/password-policy.ts';
import { makeProvePassword } from '../authn/prove-password.ts';
import { makeUnlockAccount } from '../authn/unlock-account.ts';
import { makeBootstrapClient } from '../clients/bootstrap-client.ts';
import { makeCreateClient } from '../clients/create-client.ts';
import { makeDeleteClient } from '../clients/delete-client.ts';
import { makeEnsureBuiltInClients } from '../clients/ensure-built-in-clients.ts';
import { makeSecretGuesses } from '../clients/secret-guesses.ts';
import { makeUpdateClient } from '../clients/update-client.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { randomIds } from '../ids.ts';
import { makeLoadSigningKeys } from '../keys/load-signing-keys.ts';
import type { Log } from '../log.ts';
import { makeClientReader } from '../oidc/client-adapter.ts';
import { makeDeliver } from '../outbox/deliver.ts';
import { makeWholeRequests } from '../requests/whole-requests.ts';
import { makeAttributes } from './attributes.ts';
import { makeAudit } from './audit-chain.ts';
import { makeAuditHouse } from './audit-house.ts';
import { makeChanges } from './changes.ts';
import { makeClientSecrets } from './client-secrets.ts';
import { makeHashing } from './hashing.ts';
import { makeMailLanguages } from './mail-texts.ts';
import { makeMailer } from './mailer.ts';
import { makeRecovery } from './recovery.ts';
import { makeRefusals } from './refusals.ts';
import { makeResourceServers } from './resource-servers.ts';
import { makeRoleGraphReader, makeRoles } from './roles.ts';
import { makeSelfService } from './self-service.ts';
import { makeSessions } from './sessions.ts';
import { makeInitialPasswords, makeSignUp } from './sign-up.ts';
import type { Storage } from './storage.ts';
import { makeStores } from './stores.ts';
import { makeSupport } from './support.ts';

/** Every store and use case, wired: what the web, the first start and the CLI share. */
export function makeHouse(config: Config, storage: Storage, log: Log) {
  const { database, secrets } = storage;
  const clock = systemClock;
  const ids = randomIds;
  const changes = makeChanges(config, database, log);
  const { inTransaction } = changes;
  const envelope = makeEnvelope(secrets.encryptionKeys);
  const wholeRequests = makeWholeRequests(changes);
  const { queue, hasher } = makeHashing(config, storage, changes.feed, wholeRequests);
  const { audit, auditAddresses, ...auditing } = makeAudit(config, storage, clock, inTransaction);
  const { clientRows, ...kept } = makeStores({ config, database, clock, changes, envelope });
  const stores = { ...kept, audit };
  const { issuer, serviceName } = config.site;
  const definitions = makeAttributes({
    database,
    changes,
    issuer,
    clock,
    inTransaction,
    audit,
  });
  const mailer = makeMailer(config, stores.mailbox, log);
  const outbox = makeOutbox(database, {
    sealer: envelope,
    clock,
    ids,
    onAdded: () => changes.changed('outbox'),
  });
  const findPasswordFault = makeFindPasswordFault({
    commonPasswords: makeLoadCommonPasswords(),
    serviceWords: [serviceName, new URL(issuer).hostname],
  });
  const clientReader = makeClientReader(clientRows, changes.feed, definitions.attributeClaims);
  const { revokeAll, revokeAllBut, ...sessions } = makeSessions({
    config,
    database,
    clientReader,
    logouts: outbox,
    clock,
    audit,
    inTransaction,
  });
  const artifacts = { ...makeAccountArtifacts(database), revokeAll, revokeAllBut };
  const ports = { hasher, findPasswordFault, inTransaction, clock, ids, artifacts, mails: outbox };
  const notificationAddresses = stores.addresses.allOf;
  const common = { ...stores, ...definitions, ...ports, notificationAddresses, issuer };
  // One at a time: each takes up to 64 MB and a core.
  const pictureQueue = makeHashingQueue({ concurrency: 1, maxWaiting: 16 });
  const readPicture = makeReadPicture((work) => pictureQueue.run(work));
  const gate = makeGate({ ...common, lockout: config.lockout });
  const shared = { ...common, gate, noteFailure: makeNoteFailure(common) };
  const roleGraph = makeRoleGraphReader(issuer, stores.roles, changes.feed);
  const provePassword = makeProvePassword(shared);
  const recovery = makeRecovery({ ...shared, provePassword, tasks: outbox });
  const signUp = makeSignUp(config, { ...shared, tasks: outbox });
  const resourceServers = makeResourceServers({ ...shared, database, changes });
  const [passwordKey] = secrets.passwordKeys;
  if (passwordKey === undefined) throw new Error('at least one password key is needed');
  return {
    ...shared,
    ...recovery,
    ...signUp,
    ...sessions,
    ...resourceServers,
    ...makeClientSecrets(shared),
    ...makeSupport(database, { ...shared, ...roleGraph, ...sessions, limit: config.support.limit }),
    ...makeRoles({ ...shared, conferScopes: resourceServers.conferScopes }),
    ...makeRefusals({ database, ...secrets, clock, ids, log, clientReader }),
    ...makeSelfService({ ...shared, ...config.selfService, readPicture }),
    queue,
    // Enough at work to keep the hashing going, and no more: a crowd waits where it costs nothing.
    signIns: makeHashingQueue({
      concurrency: 2 * config.hashing.concurrency,
      maxWaiting: config.hashing.queue,
    }),
    units: makeRequestUnits(database),
    refreshReplays: makeRefreshReplays(database),
    wholeRequests,
    keptAnswers: makeKeptAnswers(database, envelope),
    bulkJobs: makeBulkJobs(database, envelope),
    leases: makeLeaseStore(database),
    ...auditing,
    artifactSweep: makeArtifactSweep(database),
    fillUsernameSkeletons: () => fillUsernameSkeletons(database),
    lockoutSweep: makeLockoutSweep(database),
    tokenStanding: makeTokenStanding(database),
    sessionUse: makeSessionUse(database),
    envelope,
    clientReader,
    roleGraph,
    changes,
    mailer,
    authenticate: makeAuthenticate({
      ...shared,
      unknownNameKey: passwordKey.key,
    }),
    provePassword,
    unlockAccount: makeUnlockAccount(shared),
    lockout: config.lockout,
    secretGuesses: makeSecretGuesses(secretGuessRule, () => performance.now() / 1000),
    createAccount: makeCreateAccount({ ...shared, initialPasswords: makeInitialPasswords(config) }),
    updateAccount: makeUpdateAccount(shared),
    deleteAccount: makeDeleteAccount(shared),
    createClient: makeCreateClient(shared),
    updateClient: makeUpdateClient(shared),
    deleteClient: makeDeleteClient(shared),
    ensureBuiltInClients: makeEnsureBuiltInClients(shared),
    bootstrapClient: makeBootstrapClient(shared),
    firstAdmin: makeFirstAdmin(shared),
    outbox,
    outboxOffice: makeOutboxOffice(database, { clock, onAdded: () => changes.changed('outbox') }),
    deliver: makeDeliver({
      outbox,
      mailer,
      tasks: {
        password_reset_request: recovery.answerResetRequest,
        sign_up_request: signUp.sendConfirmation,
      },
      audit,
      inTransaction,
      clock,
      serviceName,
      chance: Math.random,
      languageFor: makeMailLanguages(),
      onFailure: (failure) => log.warn('something in the outbox could not be delivered', failure),
    }),
    ...makeAuditHouse({ ...shared, config, database, envelope, auditAddresses }),
    loadSigningKeys: makeLoadSigningKeys({ ...shared, store: stores.signingKeys }),
  };
}

/** Programs repeat what has failed: a wrong secret that is being mended must not keep a client out for long. */
const secretGuessRule = {
  softAfter: 20,
  delayAfter: (failures: number) => delayAfter(failures, { softAfter: 20, longestDelay: 60 }),
  window: 600,
  most: 10_000,
};

export type House = ReturnType<typeof makeHouse>;
