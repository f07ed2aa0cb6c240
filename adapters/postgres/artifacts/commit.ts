import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { type BrowserVerdict, type BrowserWrites, commitBrowser } from './browser-commit.ts';
import { endGrants } from './family.ts';
import { commitToken, type Replay, type TokenWrites } from './token-commit.ts';

/** The port is in server/oidc/request-unit.ts. */
export type Committed =
  | { kind: 'committed'; isCookieGiven: boolean }
  | { kind: 'lost'; isWorthRepeating: boolean };

/** Does what has waited for the end of a request. */
export function commitWrites(
  database: Database,
  writes: TokenWrites | BrowserWrites,
  replay: Replay | undefined,
): Promise<Committed> {
  return writes.kind === 'token'
    ? commitTokenWrites(database, writes, replay)
    : commitBrowserWrites(database, writes);
}

async function commitTokenWrites(
  database: Database,
  writes: TokenWrites,
  replay: Replay | undefined,
): Promise<Committed> {
  if (writes.consumed === undefined && writes.added.length === 0)
    return { kind: 'committed', isCookieGiven: true };
  const { text, values } = commitToken(writes, replay);
  const [row] = await runSql<{ won: boolean }>(database, text, values);
  return row?.won === true
    ? { kind: 'committed', isCookieGiven: true }
    : { kind: 'lost', isWorthRepeating: false };
}

async function commitBrowserWrites(database: Database, writes: BrowserWrites): Promise<Committed> {
  const { ended, used, signedOut, revoked, session, kept, added, isSessionSpared } = writes;
  const isIdle = used === undefined && session === undefined;
  const rows = [...ended, ...signedOut, ...revoked, ...kept, ...added];
  if (isIdle && rows.length === 0) return { kind: 'committed', isCookieGiven: !isSessionSpared };
  const isSignOut = signedOut.length + revoked.size > 0;
  const verdict = await (isSignOut
    ? database.inTransaction(() => signOut(database, writes))
    : runBrowser(database, writes));
  if (!verdict.won) return { kind: 'lost', isWorthRepeating: verdict.is_current };
  const isBegun = session !== undefined && session.read === undefined;
  const isCookieGiven = isBegun || (session === undefined ? !isSessionSpared : verdict.given === true);
  return { kind: 'committed', isCookieGiven };
}

/**
 * Also what other tabs have begun in the session since this request has read it. By a statement of its own: the one that
 * waits for the session's row does not see what was written while it waited.
 */
async function signOut(database: Database, writes: BrowserWrites): Promise<BrowserVerdict> {
  const verdict = await runBrowser(database, writes);
  const left = (verdict.left_behind ?? []).flatMap((clients) => Object.values(clients));
  const begun = left.flatMap(({ grantId, persistsLogout }) =>
    grantId === undefined || persistsLogout === true ? [] : [grantId],
  );
  const grantIds = [...new Set([...writes.revoked, ...begun])];
  if (verdict.won && grantIds.length > 0) await endGrants(database, grantIds);
  return verdict;
}

async function runBrowser(database: Database, writes: BrowserWrites): Promise<BrowserVerdict> {
  const { text, values } = commitBrowser(writes);
  const [row] = await runSql<BrowserVerdict>(database, text, values);
  if (row === undefined) throw new Error('a statement without its verdict');
  return row;
}
