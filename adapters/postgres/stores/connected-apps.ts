import type { ConnectedApp, ConnectedApps } from '../../../server/sessions/connected-apps.ts';
import { type Agreed, mergeAgreed } from '../../../server/sessions/consent.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

export interface ConsentRow {
  client_id: string;
  agreed: Agreed;
  granted_at: Date;
  last_used_at: Date | null;
}

/** A grant as the engine keeps it. */
export interface GrantRow {
  client_id: string;
  since: number | null;
  openid: { scope?: string; claims?: string[] } | null;
  resources: Record<string, string> | null;
}

export const grantColumns = `(payload->>'iat')::float8 as since, payload->'openid' as openid, payload->'resources' as resources`;

/** What people agreed to lies in `consent`, what clients hold lies with the engine's grants. */
export function makeConnectedApps(database: Database): ConnectedApps {
  return {
    async list(accountId) {
      const consents = await runSql<ConsentRow>(
        database,
        'select client_id, agreed, granted_at, last_used_at from consent where account_id = ?',
        [accountId],
      );
      const grants = await runSql<GrantRow>(
        database,
        `select client_id, ${grantColumns}
         from oidc_artifact where account_id = ? and model = 'Grant' and client_id is not null and expires_at > now()`,
        [accountId],
      );
      const clientIds = new Set([...consents, ...grants].map(({ client_id: id }) => id));
      return [...clientIds].map((id) =>
        toApp(
          id,
          consents.find((row) => row.client_id === id),
          grants.filter((row) => row.client_id === id),
        ),
      );
    },

    // In the order in which requests of browsers lock them: the consent, sessions, grants (artifacts/browser-commit.ts).
    async end(accountId, clientId) {
      const consents = await runSql(
        database,
        'delete from consent where account_id = ? and client_id = ? returning 1',
        [accountId, clientId],
      );
      const sessions = await runSql<{ uid_hash: Buffer; sid: string | null; grant: string | null }>(
        database,
        `select uid_hash, payload #>> array['authorizations', ?::text, 'sid'] as sid,
           payload #>> array['authorizations', ?::text, 'grantId'] as grant from oidc_artifact
         where account_id = ? and model = 'Session' and payload #> array['authorizations', ?::text] is not null
         order by uid_hash for update`,
        [clientId, clientId, accountId, clientId],
      );
      if (sessions.length > 0)
        await runSql(
          database,
          `update oidc_artifact set payload = payload #- array['authorizations', ?::text]
           where model = 'Session' and uid_hash = any (?::bytea[])`,
          [clientId, sessions.map(({ uid_hash: hash }) => hash)],
        );
      const grants = await runSql(
        database,
        `with short as (
           delete from short_lived_artifact where account_id = ? and client_id = ?
         ), held as (
           delete from oidc_artifact where account_id = ? and client_id = ? returning 1
         )
         select 1 from held limit 1`,
        [accountId, clientId, accountId, clientId],
      );
      // A session in which the app has only asked has signed nobody in to it.
      const signedIn = sessions.filter(({ grant }) => grant !== null);
      if (consents.length + signedIn.length + grants.length === 0) return undefined;
      return { wasConsented: consents.length > 0, sids: signedIn.flatMap(({ sid }) => sid ?? []) };
    },
  };
}

const nothing: Agreed = { openid: [], claims: [], resources: {} };

/** What was agreed to with a client and what it holds, together. */
export function toApp(
  clientId: string,
  consent: ConsentRow | undefined,
  grants: readonly GrantRow[],
): ConnectedApp {
  const starts = grants.flatMap(({ since }) => since ?? []);
  return {
    clientId,
    agreed: grants.map(agreedIn).reduce(mergeAgreed, consent?.agreed ?? nothing),
    since: consent?.granted_at ?? new Date(Math.min(Date.now(), ...starts.map((start) => start * 1000))),
    isConsented: consent !== undefined,
    lastUsedAt: consent?.last_used_at ?? null,
    isSignedIn: grants.length > 0,
  };
}

function agreedIn({ openid, resources }: GrantRow): Agreed {
  const words = (scope: string | undefined) => (scope ?? '').split(' ').filter((word) => word !== '');
  return {
    openid: words(openid?.scope),
    claims: openid?.claims ?? [],
    resources: Object.fromEntries(
      Object.entries(resources ?? {}).map(([audience, scope]) => [audience, words(scope)]),
    ),
  };
}
