import type { KeptSession as SessionWithoutGrants } from '../accounts/artifacts.ts';

/** A browser session that is alive. */
export interface BrowserSession {
  /** Names it for people and programs. Neither its cookie nor the engine's own name for it can be told from this. */
  id: string;
  /** Whether it is the one that was named as the present one. */
  isCurrent: boolean;
  ip: string | null;
  userAgent: string | null;
  /** Null where nobody has noted it: sessions older than that note. */
  firstSeenAt: Date | null;
  lastSeenAt: Date | null;
  /** The last time that the person has proven who they are in it. */
  signedInAt: Date | null;
  /** How, in the words of RFC 8176. */
  amr: string[];
  acr: string | null;
  /** When it ends if it is not used again. */
  expiresAt: Date;
  /** Clients that the person has signed in to. */
  clientIds: string[];
}

/** A client that somebody was signed out of. */
export interface SignedOutOf {
  clientId: string;
  /** What this client knows the session by (Back-Channel Logout 1.0 2.4); null where only tokens were left of it. */
  sid: string | null;
}

/** What stays when everything else of an account ends. */
export interface KeptSession {
  /** The engine's name for the session. */
  uid: string | undefined;
  /** A grant that stays although its session may have ended before: that of the token by which somebody asks. */
  grantId?: string | undefined;
}

/** The browser sessions of people, and what hangs from them. */
export interface SessionStore {
  /** Of an account, the one used last first; at most 200. */
  list(accountId: string, current: string | undefined): Promise<BrowserSession[]>;
  /**
   * Ends a session with every grant that it has, offline ones too. MUST be part of the transaction that is open, and reach what
   * another request begins in that session at the same moment. Undefined when the account has no such session.
   */
  end(accountId: string, id: string): Promise<SignedOutOf[] | undefined>;
  /**
   * Ends every session and grant of an account, and each sign-in that is under way, except what is kept. MUST be part of the
   * transaction that is open.
   */
  endOthers(accountId: string, kept: KeptSession): Promise<{ sessions: number; left: SignedOutOf[] }>;
  /** The same of everything; a session that is named stays, without its grants but for one that is named. */
  endAll(accountId: string, kept?: SessionWithoutGrants): Promise<{ sessions: number; left: SignedOutOf[] }>;
}
