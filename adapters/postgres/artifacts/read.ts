import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type ArtifactRow, rowColumns, type Sealer, sha256 } from './payload.ts';
import type { RequestUnits } from './request-unit.ts';
import { mayBeShortLived } from './row.ts';

export interface ArtifactOptions {
  sealer: Sealer;
  units: RequestUnits;
  /** Seconds in which a used refresh token is still shown as unused; see server/oidc/refresh-replay.ts. */
  replayWindow: number;
}

const live = '(t.expires_at is null or t.expires_at > now())';

export type Column = 'id_hash' | 'uid_hash' | 'user_code_hash';

/** One artifact that is alive, by the hash of its id or of another thing that names it. */
export async function findArtifact(
  database: Database,
  model: string,
  column: Column,
  value: string,
): Promise<ArtifactRow | undefined> {
  const lookUp = (table: string) =>
    `select ${rowColumns('t')} from ${table} t where t.model = ? and t.${column} = ? and ${live}`;
  const values = [model, sha256(value)];
  const rows =
    mayBeShortLived(model) && column === 'id_hash'
      ? await runSql<ArtifactRow>(
          database,
          `${lookUp('short_lived_artifact')} union all ${lookUp('oidc_artifact')} limit 1`,
          [...values, ...values],
        )
      : await runSql<ArtifactRow>(database, `${lookUp('oidc_artifact')} limit 1`, values);
  return rows[0];
}
