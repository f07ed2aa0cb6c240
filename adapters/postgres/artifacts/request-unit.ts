import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '../database.ts';
import { runSql } from '../run-sql.ts';
import { type BrowserWrites, commitBrowser, type ReadSession } from './browser-commit.ts';
import type { ArtifactRow } from './payload.ts';
import type { NewArtifact, Sql } from './row.ts';
import { commitToken, type Replay, type TokenWrites } from './token-commit.ts';

interface Unit {
  /** What this request has read already, by what it asked for. */
  reads: Map<string, Promise<unknown>>;
  /** Sessions that were read, by their uid. */
  sessions: Map<string, ReadSession>;
  /** Grants that were read, by the hash of their id in hex. */
  grants: Set<string>;
  /** Writes that wait for `commit`; undefined where writes are done at once. */
  waiting: TokenWrites | BrowserWrites | undefined;
}

/** `mine` is false when the session has another cookie by now. */
export type Committed = { kind: 'committed'; mine: boolean } | { kind: 'lost' };

/** What waits in requests of browsers; the rest is decided at once. */
const waitInBrowsers: readonly string[] = ['AuthorizationCode', 'Grant', 'Interaction', 'Session'];

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
    /** @param options.wait whose writes wait for `commit`; what is not committed is forgotten */
    run<T>(options: { wait: 'token' | 'browser' | undefined }, work: () => Promise<T>): Promise<T> {
      return units.run(
        { reads: new Map(), sessions: new Map(), grants: new Set(), waiting: begin(options.wait) },
        work,
      );
    },

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

    /** A session that was read: it may be kept or ended by this request, but not begun. */
    noteSession(uid: string, session: ReadSession): void {
      units.getStore()?.sessions.set(uid, session);
    },

    /** The session of this uid, if this request has read it. */
    sessionRead: (uid: string | undefined): ReadSession | undefined =>
      uid === undefined ? undefined : units.getStore()?.sessions.get(uid),

    /** A grant that was read, unless this request has made it itself: it may be added to, but not made. */
    noteGrant(idHash: Buffer): void {
      const isNew = units.getStore()?.waiting?.added.some((row) => row.idHash.equals(idHash)) === true;
      if (!isNew) units.getStore()?.grants.add(idHash.toString('hex'));
    },

    /** Whether this request has read the grant. */
    grantRead: (idHash: Buffer): boolean => units.getStore()?.grants.has(idHash.toString('hex')) === true,

    /** When the person began to prove who they are, if that is why this request does what it does. */
    noteProof(since: string): void {
      const browser = waitingIn('browser');
      if (browser !== undefined) browser.provenSince = since;
    },

    /** Whether the row waits; if not, the caller must write it. */
    add(row: NewArtifact): boolean {
      const token = waitingIn('token');
      // crash point: artifact_added
      if (token !== undefined) return token.added.push(row) > 0;
      const browser = waitingIn('browser');
      if (browser === undefined || !waitInBrowsers.includes(row.model)) return false;
      browser.added = insteadOf(browser.added, row);
      return true;
    },

    /** Whether what was added to a grant waits; if not, the caller must write it. */
    keepGrant(row: NewArtifact): boolean {
      const browser = waitingIn('browser');
      if (browser === undefined) return false;
      browser.grants = insteadOf(browser.grants, row);
      return true;
    },

    /** Whether the session waits; if not, the caller must write it. */
    addSession(row: NewArtifact, read: ReadSession | undefined): boolean {
      const browser = waitingIn('browser');
      if (browser === undefined) return false;
      browser.session = { row, read };
      if (read !== undefined)
        browser.signedOut = browser.signedOut.filter(({ uidHash }) => uidHash !== read.uidHash);
      return true;
    },

    /** Whether the end waits; if not, the caller must do it. */
    end(model: string, idHash: Buffer): boolean {
      const unit = units.getStore();
      const browser = waitingIn('browser');
      if (unit === undefined || browser === undefined) return false;
      if (model === 'Interaction') return browser.ended.push(idHash) > 0;
      if (model !== 'Session') return false;
      const read = [...unit.sessions.values()].find((session) => session.idHash.equals(idHash));
      return browser.signedOut.push(read ?? { idHash, uidHash: idHash }) > 0;
    },

    /** Whether the use waits; if not, the caller must do it. */
    consume(model: string, idHash: Buffer): boolean {
      const token = waitingIn('token');
      if (token === undefined || token.consumed !== undefined) return false;
      token.consumed = { model, idHash };
      // crash point: use_noted
      return true;
    },

    /**
     * Does what waits. `lost` says that what the request relied on was used or ended by somebody else meanwhile.
     *
     * @param replay kept with the used token
     */
    async commit(replay: Replay | undefined): Promise<Committed> {
      const unit = units.getStore();
      const sql = unit?.waiting && statementOf(unit.waiting, replay);
      if (unit === undefined || sql === undefined) return { kind: 'committed', mine: true };
      unit.waiting = begin(unit.waiting?.kind);
      const [row] = await runSql<{ won: boolean; mine?: boolean }>(database, sql.text, sql.values);
      return row?.won === true ? { kind: 'committed', mine: row.mine !== false } : { kind: 'lost' };
    },
  };
}

export type RequestUnits = ReturnType<typeof makeRequestUnits>;

/** What is saved twice is written once, as it was saved last. */
function insteadOf(rows: readonly NewArtifact[], row: NewArtifact): NewArtifact[] {
  return [...rows.filter(({ model, idHash }) => model !== row.model || !idHash.equals(row.idHash)), row];
}

function begin(kind: 'token' | 'browser' | undefined): Unit['waiting'] {
  if (kind === 'token') return { kind, consumed: undefined, added: [] };
  if (kind === undefined) return undefined;
  return {
    kind,
    ended: [],
    signedOut: [],
    session: undefined,
    grants: [],
    added: [],
    provenSince: undefined,
  };
}

function statementOf(waiting: TokenWrites | BrowserWrites, replay: Replay | undefined): Sql | undefined {
  if (waiting.kind === 'token')
    return waiting.consumed === undefined && waiting.added.length === 0
      ? undefined
      : commitToken(waiting, replay);
  const { ended, signedOut, session, grants, added } = waiting;
  const writes = [...ended, ...signedOut, ...grants, ...added];
  const isIdle = session === undefined && writes.length === 0;
  return isIdle ? undefined : commitBrowser(waiting);
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
