import { keepRow, lockKept, type Seen } from './kept.ts';
import { keepSession, lockSession, type ReadSession } from './kept-session.ts';
import { inserts, type NewArtifact, type Sql, together } from './row.ts';
import { noteSeen, type Origin } from './session-detail.ts';

/** What a request of a browser writes. */
export interface BrowserWrites {
  kind: 'browser';
  /** Interactions that this request has ended: it must be the one that did. */
  ended: Buffer[];
  /** The pushed request that it has used: it must be the one that did. */
  used: Buffer | undefined;
  /** Sessions that it has ended, whatever their cookie is by now. */
  signedOut: ReadSession[];
  /** Grants that it has ended. */
  revoked: Set<string>;
  session: { row: NewArtifact; read: ReadSession | undefined } | undefined;
  /** What it has read and changed: it must still be as it was read. */
  kept: { row: NewArtifact; seen: Seen }[];
  /** New grants, codes, interactions. */
  added: NewArtifact[];
  /**
   * If this request does what it does because somebody has proven who they are: when all sessions of the account had been
   * ended last, as it was then; null if they never were.
   */
  provenAfter: string | null | undefined;
  /** The consent that a grant was filled from: it must not have been withdrawn meanwhile. */
  consent: { accountId: string; clientId: string; grantedAt: Date } | undefined;
  /** From where the request comes. */
  origin: Origin;
  /** The engine has made a session that nobody needs. */
  isSessionSpared: boolean;
}

/** What the statement answers. */
export interface BrowserVerdict {
  won: boolean;
  /** Whether the interaction that was ended was open, and the proof in it still counts. */
  is_current: boolean;
  /** Whether the session has its cookie from this request. */
  given: boolean | null;
  /** What the sessions that were ended had done for clients. */
  left_behind: Record<string, { grantId?: string; persistsLogout?: boolean }>[] | null;
}

type Part = Sql & { name: string };

/** That all that is needed holds; true in every part of the statement or in none, whatever happens meanwhile. */
const won = '(select is_current and is_as_read from verdict)';

/**
 * One statement with everything that the request writes. First it locks the rows that it relies on, in an order that is the
 * same for all, and looks whether they are as they must be; then it writes all or nothing. It does not when meanwhile
 * - another request has ended the same interaction, or used the same pushed request,
 * - the session has been ended or became somebody else's, or another tab has begun a grant for the same client,
 * - a grant or device code that the request goes on with has been ended or changed,
 * - what the person agreed to, and a grant was filled from, has been withdrawn, or
 * - the account has been disabled, or all of its sessions were ended after the person's proof was looked up.
 * The account's row comes first: who ends an account's sessions locks it too, so one of both sees what the other did.
 */
export function commitBrowser(writes: BrowserWrites): Sql {
  const { current, asRead } = locksOf(writes);
  const holds = (locks: readonly (Part & { rows: number })[]) =>
    ['true', ...locks.map(({ name, rows }) => `(select count(*) from ${name}) = ${rows}`)].join(' and ');
  const verdict = {
    name: 'verdict',
    text: `select ${holds(current)} as is_current, ${holds(asRead)} as is_as_read`,
    values: [],
  };
  const changes = changesOf(writes);
  const given = changes.some(({ name }) => name === 'kept_session')
    ? '(select given from kept_session)'
    : 'null';
  const left =
    writes.signedOut.length > 0
      ? '(select jsonb_agg(clients) from signed_out where clients is not null)'
      : 'null';
  return together(
    [...current, ...asRead, verdict, ...changes],
    `select ${won} as won, is_current, ${given} as given, ${left} as left_behind from verdict`,
  );
}

/** `current` is what makes an interaction worth resuming; without it, it is not worth trying again. */
function locksOf(writes: BrowserWrites) {
  const { ended, used, session, kept, provenAfter, consent } = writes;
  const current: (Part & { rows: number })[] = [];
  const asRead: (Part & { rows: number })[] = [];
  const accountId = accountOf(writes);
  if (accountId !== undefined)
    (provenAfter === undefined ? asRead : current).push({
      name: 'account_lock',
      rows: 1,
      ...lockAccount(accountId, provenAfter),
    });
  // Before sessions and grants, in which order a consent is withdrawn.
  if (consent !== undefined && beginsGrant(writes))
    asRead.push({
      name: 'consent_lock',
      rows: 1,
      text: `select 1 from consent where account_id = ? and client_id = ? and granted_at = ? for key share`,
      values: [consent.accountId, consent.clientId, consent.grantedAt],
    });
  if (ended.length > 0)
    current.push({
      name: 'interaction_lock',
      rows: ended.length,
      text: `select 1 from oidc_artifact where model = 'Interaction' and id_hash = any (?::bytea[]) for update`,
      values: [ended],
    });
  if (session?.read !== undefined)
    asRead.push({ name: 'session_lock', rows: 1, ...lockSession(session.row, session.read) });
  for (const [index, { seen }] of kept.entries())
    asRead.push({ name: `kept_lock_${index}`, rows: 1, ...lockKept(seen) });
  if (used !== undefined)
    asRead.push({
      name: 'pushed_lock',
      rows: 1,
      text: `select 1 from short_lived_artifact where model = 'PushedAuthorizationRequest' and id_hash = ?
        and consumed_at is null and expires_at > now() for update`,
      values: [used],
    });
  return { current, asRead };
}

function changesOf({ ended, used, signedOut, session, kept, added, origin }: BrowserWrites): Part[] {
  const parts: Part[] = [];
  if (ended.length > 0)
    parts.push({
      name: 'ended',
      text: `delete from oidc_artifact where model = 'Interaction' and id_hash = any (?::bytea[]) and ${won}`,
      values: [ended],
    });
  if (used !== undefined)
    parts.push({
      name: 'used',
      text: `update short_lived_artifact set consumed_at = now()
        where model = 'PushedAuthorizationRequest' and id_hash = ? and ${won}`,
      values: [used],
    });
  if (signedOut.length > 0)
    parts.push({
      name: 'signed_out',
      text: `delete from oidc_artifact where model = 'Session' and uid_hash = any (?::bytea[]) and ${won}
        returning payload->'authorizations' as clients`,
      values: [signedOut.map(({ uidHash }) => uidHash)],
    });
  if (session?.read !== undefined)
    parts.push({ name: 'kept_session', ...keepSession(session.row, session.read, won) });
  for (const [index, { row, seen }] of kept.entries())
    parts.push({ name: `kept_${index}`, ...keepRow(row, seen, won) });
  const { uidHash = null, accountId = null } = session?.row ?? {};
  if (uidHash !== null && accountId !== null)
    parts.push({ name: 'seen_session', ...noteSeen({ uidHash, accountId, origin }, won) });
  const begun = session !== undefined && session.read === undefined ? [session.row] : [];
  const stored = inserts([...added, ...begun], won);
  return [...parts, ...stored.map((part, index) => ({ name: `stored_${index}`, ...part }))];
}

const beginsGrant = ({ added, kept }: BrowserWrites): boolean =>
  [...added, ...kept.map(({ row }) => row)].some(({ model }) => model === 'Grant');

/** Whose it is, where something begins for an account; keeping a session as it is is decided by its own row. */
function accountOf({ session, added }: BrowserWrites): string | undefined {
  const begun = added.find(({ model, accountId }) => model === 'Grant' && accountId !== null)?.accountId;
  const isSame = session?.read?.idHash.equals(session.row.idHash) === true;
  return begun ?? (isSame ? undefined : session?.row.accountId) ?? undefined;
}

function lockAccount(accountId: string, provenAfter: string | null | undefined): Sql {
  return {
    text: `select 1 from account where id = ? and status = 'active'
      and (?::boolean or sessions_ended_at is not distinct from ?::timestamptz) for share`,
    values: [accountId, provenAfter === undefined, provenAfter ?? null],
  };
}
