import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '../connection/database.ts';
import type { BrowserWrites } from './browser-commit.ts';
import { type Committed, commitWrites } from './commit.ts';
import { isKept, type Seen } from './kept.ts';
import type { ReadSession } from './kept-session.ts';
import { type ArtifactRow, sha256 } from './payload.ts';
import type { NewArtifact } from './row.ts';
import type { Origin } from './session-detail.ts';
import type { Replay, TokenWrites } from './token-commit.ts';

export interface UnitOptions {
  wait: 'token' | 'browser' | undefined;
  origin?: Origin;
}

interface Unit {
  /** What this request has read already, by what it asked for. */
  reads: Map<string, Promise<unknown>>;
  /** Sessions as they were read, by their uid. */
  sessions: Map<string, ReadSession>;
  /** What else must not be made again once it was read, as it was then, by model and hash. */
  seen: Map<string, Seen>;
  /** Writes that wait for `commit`; undefined where writes are done at once. */
  waiting: TokenWrites | BrowserWrites | undefined;
}

/** What waits in requests of browsers, beside sessions; the rest is decided at once. */
const waitInBrowsers: readonly string[] = ['AuthorizationCode', 'Grant', 'Interaction'];

const seenKey = (model: string, idHash: Buffer): string => `${model}:${idHash.toString('hex')}`;

/**
 * What belongs to one request of the engine. Reads are done once. What a token request or a browser's request writes waits
 * until the answer is known and then is one statement: a kill in between leaves either all of it or nothing, and of several
 * requests with one token or interaction the database lets one through.
 */
export function makeRequestUnits(database: Database) {
  const units = new AsyncLocalStorage<Unit>();
  const waitingIn = <Kind extends 'token' | 'browser'>(kind: Kind) => {
    const waiting = units.getStore()?.waiting;
    return waiting?.kind === kind ? (waiting as Extract<typeof waiting, { kind: Kind }>) : undefined;
  };
  return {
    /**
     * @param options.wait whose writes wait for `commit`; what is not committed is forgotten
     * @param options.origin from where the request comes, for what people see of their sessions
     */
    run<T>({ wait, origin }: UnitOptions, work: () => Promise<T>): Promise<T> {
      const [reads, sessions, seen] = [new Map(), new Map(), new Map()];
      return units.run({ reads, sessions, seen, waiting: begin(wait, origin) }, work);
    },

    /** Whether what was read on the way is kept for later in the request. */
    isOpen: (): boolean => units.getStore() !== undefined,

    /** The answer of `read`, done once in this request. */
    once<T>(key: string, read: () => Promise<T>): Promise<T> {
      const unit = units.getStore();
      if (unit === undefined) return read();
      const known = unit.reads.get(key) as Promise<T> | undefined;
      if (known !== undefined) return known;
      const fresh = read();
      unit.reads.set(key, fresh);
      return fresh;
    },

    /** Notes what was read on the way. */
    remember(key: string, value: unknown): void {
      units.getStore()?.reads.set(key, Promise.resolve(value));
    },

    /** What was read is no longer so. */
    forget(key: string): void {
      units.getStore()?.reads.delete(key);
    },

    /**
     * Notes a row as the database has it, before the engine changes anything: what this request writes later must not undo what
     * others have done meanwhile.
     */
    note(model: string, row: ArtifactRow): void {
      const unit = units.getStore();
      if (unit === undefined) return;
      const payload = JSON.stringify(row.payload);
      const { uid, result } = row.payload;
      if (model === 'Session' && uid !== undefined)
        unit.sessions.set(uid, { uidHash: sha256(uid), idHash: row.id_hash, payload });
      if (isKept(model)) unit.seen.set(seenKey(model, row.id_hash), { model, idHash: row.id_hash, payload });
      const browser = waitingIn('browser');
      if (model === 'Interaction' && result?.login !== undefined && browser !== undefined) {
        const { sessionsEndedAt } = result.login;
        browser.provenAfter = typeof sessionsEndedAt === 'string' ? sessionsEndedAt : null;
      }
    },

    /** Notes what the person had agreed to as this request read it: a grant that is filled from it begins only while it stands. */
    noteConsent(consent: NonNullable<BrowserWrites['consent']>): void {
      const browser = waitingIn('browser');
      if (browser !== undefined) browser.consent = consent;
    },

    /** The session of this uid, if this request has read it. */
    sessionRead: (uid: string | undefined): ReadSession | undefined =>
      uid === undefined ? undefined : units.getStore()?.sessions.get(uid),

    /** The row as this request has read it, if it has, and if it is of those that must not be made again. */
    seen: ({ model, idHash }: NewArtifact): Seen | undefined =>
      units.getStore()?.seen.get(seenKey(model, idHash)),

    /** Whether the row waits; if not, the caller must write it. */
    add(row: NewArtifact): boolean {
      const token = waitingIn('token');
      // crash point: artifact_added
      if (token !== undefined) return token.added.push(row) > 0;
      const browser = waitingIn('browser');
      if (browser === undefined || !waitInBrowsers.includes(row.model)) return false;
      browser.added = [...browser.added.filter((other) => !isSame(other, row)), row];
      return true;
    },

    /** Whether the change of what was read waits; if not, the caller must write it. */
    keep(row: NewArtifact, seen: Seen): boolean {
      const browser = waitingIn('browser');
      if (browser === undefined) return false;
      browser.kept = [...browser.kept.filter((other) => !isSame(other.row, row)), { row, seen }];
      return true;
    },

    /** Whether the session waits; if not, the caller must write it. */
    addSession(row: NewArtifact, read: ReadSession | undefined): boolean {
      const browser = waitingIn('browser');
      if (browser === undefined) return false;
      // The engine makes one for a cookie that it does not know, which may be the old one of a session that got a new one a
      // moment ago: that one must not be taken from the browser.
      browser.isSessionSpared = read === undefined && isEmpty(row);
      browser.session = browser.isSessionSpared ? undefined : { row, read };
      browser.signedOut = browser.signedOut.filter(({ uidHash }) => uidHash !== read?.uidHash);
      return true;
    },

    /** Whether the end waits; if not, the caller must do it. */
    end(model: string, idHash: Buffer): boolean {
      const unit = units.getStore();
      const browser = waitingIn('browser');
      if (unit === undefined || browser === undefined) return false;
      if (model === 'Interaction') return browser.ended.push(idHash) > 0;
      if (model !== 'Session') return false;
      // Of a session that was not found there is nothing to end.
      const read = [...unit.sessions.values()].find((session) => session.idHash.equals(idHash));
      if (read !== undefined) browser.signedOut.push(read);
      return true;
    },

    /** Whether the end of the grant, with all that hangs from it, waits; if not, the caller must do it. */
    revoke: (grantId: string): boolean => waitingIn('browser')?.revoked.add(grantId) !== undefined,

    /** Whether the use waits; if not, the caller must do it. */
    consume(model: string, idHash: Buffer): boolean {
      const browser = waitingIn('browser');
      if (browser !== undefined && model === 'PushedAuthorizationRequest') {
        browser.used = idHash;
        return true;
      }
      const token = waitingIn('token');
      if (token === undefined || token.consumed !== undefined) return false;
      token.consumed = { model, idHash };
      // crash point: use_noted
      return true;
    },

    /**
     * Does what waits.
     *
     * @param replay kept with the used token
     */
    async commit(replay: Replay | undefined): Promise<Committed> {
      const unit = units.getStore();
      const waiting = unit?.waiting;
      if (unit === undefined || waiting === undefined) return { kind: 'committed', isCookieGiven: true };
      unit.waiting = begin(waiting.kind, waiting.kind === 'browser' ? waiting.origin : undefined);
      return commitWrites(database, waiting, replay);
    },
  };
}

export type RequestUnits = ReturnType<typeof makeRequestUnits>;

function begin(kind: 'token' | 'browser' | undefined, origin: Origin = {}): Unit['waiting'] {
  if (kind === 'token') return { kind, consumed: undefined, added: [] };
  if (kind === undefined) return undefined;
  return {
    kind,
    ended: [],
    used: undefined,
    signedOut: [],
    revoked: new Set(),
    session: undefined,
    kept: [],
    added: [],
    provenAfter: undefined,
    consent: undefined,
    origin,
    isSessionSpared: false,
  };
}

const isSame = (a: NewArtifact, b: NewArtifact): boolean => a.model === b.model && a.idHash.equals(b.idHash);

/** Whether a session holds nothing: no person, no form that is open, nothing done for a client. */
function isEmpty({ accountId, payload }: NewArtifact): boolean {
  const { state, authorizations }: { state?: unknown; authorizations?: unknown } = JSON.parse(payload);
  return accountId === null && state === undefined && authorizations === undefined;
}

/** As it would be read back; what waits must be seen by the request that has written it. */
export function asRead(row: NewArtifact): ArtifactRow {
  return {
    id_hash: row.idHash,
    payload: JSON.parse(row.payload),
    grant_id: row.grantId,
    account_id: row.accountId,
    client_id: row.clientId,
    expires_at: row.expiresAt,
    consumed_at: null,
  };
}
