import { inserts, type NewArtifact, type Sql, together } from './row.ts';

/** A session that this request has read: `uidHash` stays, `idHash` is that of the cookie which this browser sent. */
export interface ReadSession {
  uidHash: Buffer;
  idHash: Buffer;
}

/** What a request of a browser writes. */
export interface BrowserWrites {
  kind: 'browser';
  /** Interactions that this request has ended: it must be the one that did. */
  ended: Buffer[];
  /** Sessions that it has ended, whatever their cookie is by now. */
  signedOut: ReadSession[];
  session: { row: NewArtifact; read: ReadSession | undefined } | undefined;
  /** Grants that this request has read and added to: they must still be there. */
  grants: NewArtifact[];
  /** New grants, codes, interactions. */
  added: NewArtifact[];
  /** When the person began to prove who they are, by the database's clock, if they did so for this request. */
  provenSince: string | undefined;
}

/**
 * One statement with everything that the request writes. `won` is false, and nothing is begun, when meanwhile
 * - another request has ended the same interaction,
 * - the session has been ended, or a grant that the request goes on with, or
 * - the account has been disabled, or all of its sessions were ended after the person began to sign in.
 * The account's row is locked before the rest is looked at: who ends an account's sessions locks it too, so one of both sees
 * what the other did. `mine` is false when another tab has given the session a new cookie: this answer must not set one.
 */
export function commitBrowser(writes: BrowserWrites): Sql {
  const parts: (Sql & { name: string })[] = [];
  const conditions: string[] = [];
  const condition = () => (conditions.length === 0 ? 'true' : conditions.join(' and '));

  const accountId = accountOf(writes);
  if (accountId !== undefined) {
    parts.push({ name: 'who', ...lockAccount(accountId, writes.provenSince) });
    conditions.push('exists (select 1 from who)');
  }
  if (writes.ended.length > 0) {
    parts.push({
      name: 'ended',
      text: `delete from oidc_artifact where model = 'Interaction' and id_hash = any (?::bytea[]) and ${condition()} returning 1`,
      values: [writes.ended],
    });
    conditions.push(`(select count(*) from ended) = ${writes.ended.length}`);
  }
  if (writes.signedOut.length > 0)
    parts.push({
      name: 'signed_out',
      text: `delete from oidc_artifact where model = 'Session' and (uid_hash = any (?::bytea[]) or id_hash = any (?::bytea[])) returning 1`,
      values: [writes.signedOut.map(({ uidHash }) => uidHash), writes.signedOut.map(({ idHash }) => idHash)],
    });
  for (const [index, grant] of writes.grants.entries()) {
    parts.push({ name: `granted_${index}`, ...keepGrant(grant, condition()) });
    conditions.push(`exists (select 1 from granted_${index})`);
  }
  let mine = 'true';
  const { session } = writes;
  if (session?.read !== undefined) {
    parts.push({ name: 'kept', ...keepSession(session.row, session.read, condition()) });
    conditions.push('exists (select 1 from kept)');
    mine = '(select bool_and(mine) from kept)';
  }
  const added = [
    ...writes.added,
    ...(session !== undefined && session.read === undefined ? [session.row] : []),
  ];
  const stored = inserts(added, condition()).map((part, index) => ({ name: `stored_${index}`, ...part }));
  return together([...parts, ...stored], `select ${condition()} as won, ${mine} as mine`);
}

/** Whose it is, where something begins for an account; keeping a session as it is is decided by its own row. */
function accountOf({ session, added }: BrowserWrites): string | undefined {
  const begun = added.find(({ model, accountId }) => model === 'Grant' && accountId !== null)?.accountId;
  const isKept = session?.read?.idHash.equals(session.row.idHash) === true;
  return begun ?? (isKept ? undefined : session?.row.accountId) ?? undefined;
}

function lockAccount(accountId: string, provenSince: string | undefined): Sql {
  return {
    text: `select 1 from account where id = ? and status = 'active'
      and (?::timestamptz is null or sessions_ended_at is null or sessions_ended_at < ?::timestamptz) for share`,
    values: [accountId, provenSince ?? null, provenSince ?? null],
  };
}

/** A grant as it is now, unless it has been revoked. */
export function keepGrant(row: NewArtifact, condition = 'true'): Sql {
  return {
    text: `update oidc_artifact set payload = ?, expires_at = to_timestamp(?::float8)
      where model = 'Grant' and id_hash = ? and (expires_at is null or expires_at > now()) and ${condition} returning 1`,
    values: [row.payload, row.expiresAt, row.idHash],
  };
}

/**
 * By its uid: another tab may have given it a new cookie, which then stays. What tabs have done for different clients is kept
 * together, for the same person.
 */
export function keepSession(row: NewArtifact, read: ReadSession, condition = 'true'): Sql {
  return {
    text: `update oidc_artifact a set
        payload = case when a.account_id is not distinct from ?::text
          then ?::jsonb || jsonb_build_object('authorizations',
            coalesce(a.payload->'authorizations', '{}') || coalesce(?::jsonb->'authorizations', '{}'))
          else ?::jsonb end,
        account_id = ?, expires_at = to_timestamp(?::float8),
        id_hash = case when a.id_hash = ? then ? else a.id_hash end
      where a.model = 'Session' and a.uid_hash = ? and (a.expires_at is null or a.expires_at > now()) and ${condition}
      returning a.id_hash = ? as mine`,
    values: [
      row.accountId,
      row.payload,
      row.payload,
      row.payload,
      row.accountId,
      row.expiresAt,
      read.idHash,
      row.idHash,
      read.uidHash,
      row.idHash,
    ],
  };
}
