import { makeAuditKeys } from '../../adapters/crypto/audit-keys.ts';
import { makeChainStore } from '../../adapters/postgres/stores/audit-chain.ts';
import { makeAuditLog } from '../../adapters/postgres/stores/audit-log.ts';
import { makeVerificationSource } from '../../adapters/postgres/stores/audit-verification.ts';
import { makeAddresses, withAddresses } from '../audit/addresses.ts';
import { makeExtendChain } from '../audit/chain/extend.ts';
import { makeSignCheckpoint } from '../audit/chain/make-checkpoint.ts';
import { makeVerifyAudit } from '../audit/chain/verify.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Storage } from './storage.ts';

/** The audit log, what keeps its chain, and what checks it. */
export function makeAudit(config: Config, { database, secrets }: Storage, clock: Clock) {
  const keys = makeAuditKeys(secrets.encryptionKeys);
  const auditAddresses = makeAddresses({ detail: config.audit.addresses, keys: secrets.encryptionKeys });
  const chain = makeChainStore(database);
  const source = makeVerificationSource(database);
  return {
    auditKeys: keys,
    auditAddresses,
    audit: withAddresses(makeAuditLog(database, clock, keys), auditAddresses),
    auditChain: {
      look: chain.look,
      extend: makeExtendChain({ keys, chain }),
      waiting: source.waiting,
      verify: makeVerifyAudit({ keys, source }),
      checkpoint: makeSignCheckpoint({ keys, source, clock }),
    },
  };
}
