import type { Clock } from '../../../server/clock.ts';
import type { NamedKey } from '../../../server/keys/key-list.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** What the store needs of the envelope. */
interface Sealer {
  seal(plaintext: Buffer, context: string): string;
  open(text: string, context: string): Buffer;
}

const contextOf = (id: string): string => `password key ${id}`;

/** Password keys of other servers, kept apart from ours: they only verify, until nobody has a password of theirs any more. */
export function makeBroughtKeys(database: Database, sealer: Sealer, clock: Clock) {
  return {
    async keep({ id, key }: NamedKey): Promise<void> {
      await runSql(
        database,
        `insert into brought_password_key (id, key_encrypted, brought_at) values (?, ?, ?)
         on conflict on constraint brought_password_key_pkey do nothing`,
        [id, sealer.seal(key, contextOf(id)), clock.now()],
      );
    },

    async find(id: string): Promise<Buffer | undefined> {
      const [row] = await runSql<{ key_encrypted: string }>(
        database,
        'select key_encrypted from brought_password_key where id = ?',
        [id],
      );
      try {
        return row && sealer.open(row.key_encrypted, contextOf(id));
      } catch {
        // Sealed under a key that is gone: the password cannot be checked, which is not an error of who presents it.
        return undefined;
      }
    },

    async list(): Promise<NamedKey[]> {
      const rows = await runSql<{ id: string; key_encrypted: string }>(
        database,
        'select id, key_encrypted from brought_password_key order by id',
        [],
      );
      return rows.map(({ id, key_encrypted: sealed }) => ({ id, key: sealer.open(sealed, contextOf(id)) }));
    },
  };
}
