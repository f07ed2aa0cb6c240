import type { KnownStart } from '../../../server/audit/note-start.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import type { PayloadSealer } from './outbox.ts';

type Values = Record<string, string | null>;

interface Row {
  settings: Values;
  secrets_encrypted: string | null;
  migrations: number[];
  present: number[];
}

const context = 'audit_known_start';

/** One row; the schema tells itself what it has. */
export function makeKnownStart(database: Database, sealer: PayloadSealer): KnownStart {
  return {
    async read() {
      const [row] = await runSql<Row>(
        database,
        `select settings, secrets_encrypted, migrations,
           array(select number from schema_migration order by number)::integer[] as present
         from audit_known_start for update`,
        [],
      );
      if (row === undefined) throw new Error('the row of the schema is missing in audit_known_start');
      const { settings, secrets_encrypted: sealed, migrations, present } = row;
      const secrets = sealed === null ? {} : open(sealer, sealed);
      return { known: { settings, secrets, migrations }, present };
    },

    async save({ settings, secrets, migrations }) {
      const sealed = sealer.seal(Buffer.from(JSON.stringify(secrets), 'utf8'), context);
      await runSql(
        database,
        'update audit_known_start set settings = ?, secrets_encrypted = ?, migrations = ?',
        [JSON.stringify(settings), sealed, migrations],
      );
    },
  };
}

function open(sealer: PayloadSealer, sealed: string): Values | undefined {
  try {
    return JSON.parse(sealer.open(sealed, context).toString('utf8'));
  } catch {
    return undefined;
  }
}
