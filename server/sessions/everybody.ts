import type { ConnectedApp } from './connected-apps.ts';
import type { BrowserSession } from './session-store.ts';

/** A session with whose it is. */
export interface AnyonesSession extends BrowserSession {
  accountId: string;
}

/** What a client may do for somebody, with for whom. */
export interface AnyonesApp extends ConnectedApp {
  accountId: string;
}

export interface Page<Item> {
  items: Item[];
  /** Where the next page begins, to be given back as `after`; null when nothing follows. Opaque. */
  next: string | null;
}

export interface SessionQuery {
  limit: number;
  /** `next` of the page before, of a query with the same filters. Any other text is refused as invalid_cursor. */
  after?: string | undefined;
  accountId?: string | undefined;
  /** Those in which the person is signed in to this client. */
  clientId?: string | undefined;
  /** Those that were begun then or later. */
  since?: Date | undefined;
}

/** The browser sessions of all people, for operators. */
export interface AllSessions {
  /**
   * In the order in which they were begun; by client in the order of its people. MUST find them by index, however many there
   * are; a page may hold fewer than `limit` although another one follows.
   */
  page(query: SessionQuery): Promise<Page<AnyonesSession>>;
  /** By the id that lists give. */
  find(id: string): Promise<AnyonesSession | undefined>;
}

export interface GrantQuery {
  limit: number;
  after?: string | undefined;
  accountId?: string | undefined;
  clientId?: string | undefined;
}

/** What clients may do for all people, for operators; without the pages of this server itself. */
export interface AllGrants {
  /** In the order of clients, and for each of them of people. MUST find them by index. */
  page(query: GrantQuery): Promise<Page<AnyonesApp>>;
}
