import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { makeChainStore } from '../../adapters/postgres/stores/audit-chain.ts';
import { makeAuditLog } from '../../adapters/postgres/stores/audit-log.ts';
import { makeMonthStore } from '../../adapters/postgres/stores/audit-months.ts';
import { makeVerificationSource } from '../../adapters/postgres/stores/audit-verification.ts';
import { makeAddresses, withAddresses } from '../audit/addresses.ts';
import { makeDropMonths } from '../audit/chain/drop-months.ts';
import { makeExtendChain } from '../audit/chain/extend.ts';
import { makeSignCheckpoint } from '../audit/chain/make-checkpoint.ts';
import { makeVerifyAudit } from '../audit/chain/verify.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { InTransaction } from '../transaction.ts';
import type { Storage } from './storage.ts';

/** So long the janitor may fail; what comes later goes into a table of its own, and is put right then. */
const monthsAhead = 2;

/** The audit log, what keeps its chain, and what checks it. */
export function makeAudit(config: Config, storage: Storage, clock: Clock, inTransaction: InTransaction) {
  const { database, secrets } = storage;
  const keys = makeAuditKeys(secrets.encryptionKeys);
  const auditAddresses = makeAddresses({ detail: config.audit.addresses, keys: secrets.encryptionKeys });
  const chain = makeChainStore(database);
  const source = makeVerificationSource(database);
  const audit = withAddresses(makeAuditLog(database, clock, keys), auditAddresses);
  const months = makeMonthStore(database);
  const kept = config.audit.retentionMonths;
  return {
    auditKeys: keys,
    auditAddresses,
    audit,
    auditChain: {
      look: chain.look,
      extend: makeExtendChain({ keys, chain }),
      waiting: source.waiting,
      verify: makeVerifyAudit({ keys, source }),
      makeMonths: () => months.make(monthsAhead),
      dropMonths: makeDropMonths({ keys, months, audit, inTransaction, clock, kept }),
      checkpoint: makeSignCheckpoint({ keys, source, clock }),
    },
  };
}
