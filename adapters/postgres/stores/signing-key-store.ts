import { StartError } from '../../../server/errors.ts';
import type { PrivateJwk, SigningKey, SigningKeyStore } from '../../../server/keys/signing-key.ts';
import type { Sealer } from '../artifacts/payload.ts';
import type { Database } from '../connection/database.ts';

/** Signing keys, each encrypted on its own and bound to its `kid`: a row moved to another id does not open. */
export function makeSigningKeyStore(database: Database, sealer: Sealer): SigningKeyStore {
  return {
    async load() {
      const rows: KeyRow[] = await database
        .current()('signing_key')
        .select('kid', 'purpose', 'jwk_encrypted', 'created_at')
        .orderBy(['created_at', 'kid']);
      return rows.map((row) => open(row, sealer));
    },

    async insertIfEmpty(keys) {
      return database.inTransaction(async () => {
        // Excludes other writers, not readers: of two processes that start at once the second waits and finds keys.
        await database.current().raw('lock table signing_key in share row exclusive mode');
        const rows = await database.current()('signing_key').select('kid').limit(1);
        if (rows.length > 0) return false;
        await database
          .current()('signing_key')
          .insert(
            keys.map(({ kid, purpose, jwk, createdAt }) => ({
              kid,
              purpose,
              jwk_encrypted: sealer.seal(Buffer.from(JSON.stringify(jwk)), contextOf(kid)),
              created_at: createdAt,
            })),
          );
        return true;
      });
    },
  };
}

interface KeyRow {
  kid: string;
  purpose: SigningKey['purpose'];
  jwk_encrypted: string;
  created_at: Date;
}

const contextOf = (kid: string): string => `signing_key.${kid}`;

function open(row: KeyRow, sealer: Sealer): SigningKey {
  try {
    const jwk: PrivateJwk = JSON.parse(sealer.open(row.jwk_encrypted, contextOf(row.kid)).toString());
    return { kid: row.kid, purpose: row.purpose, jwk, createdAt: row.created_at };
  } catch (cause) {
    throw new StartError(
      'The signing keys in the database cannot be decrypted with GATEHOUSE_ENCRYPTION_KEYS.',
      'Set the keys that this database was used with (old ones may stand behind a new first one), or connect the right database.',
      78,
      cause,
    );
  }
}
