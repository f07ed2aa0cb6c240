import type { AccountPageModel, FormTarget, ScopeGroup } from './view-models.ts';
import type { MessageKey, Words } from './words.ts';

/** A session as its person sees it. Times are ISO 8601. */
export interface SessionCard {
  id: string;
  isCurrent: boolean;
  device: Words;
  ip: string | null;
  place: Words | null;
  firstSeen: string | null;
  lastSeen: string | null;
  signedIn: string | null;
  how: MessageKey;
  apps: string[];
}

/** An app and what it may see and do. Times are ISO 8601. */
export interface AppCard {
  id: string;
  name: string;
  scopes: ScopeGroup[];
  since: string;
  lastUsed: string | null;
  isConsented: boolean;
  isSignedIn: boolean;
}

/** One thing that happened, or several of one kind. Times are ISO 8601. */
export interface ActivityCard {
  what: Words;
  at: string;
  from: string;
  count: number;
  app: string | null;
  ip: string | null;
  place: Words | null;
  device: Words | null;
  isOfOthers: boolean;
}

/** The pages of sessions, apps and activity, and where somebody begins. */
export interface SessionViewModels {
  'account-sessions': AccountPageModel & {
    current: SessionCard | null;
    others: SessionCard[];
    end: FormTarget;
    endOthers: FormTarget;
    endAll: FormTarget;
    signOut: string;
    /** What was done just before. */
    done: MessageKey | null;
  };
  'account-activity': AccountPageModel & {
    items: ActivityCard[];
    /** Where the next page is. */
    older: string | null;
    /** Where the first page is, if this is not it. */
    newest: string | null;
  };
  'account-apps': AccountPageModel & {
    withdraw: FormTarget;
    apps: AppCard[];
    done: MessageKey | null;
  };
  account: AccountPageModel & {
    issuer: string;
    clientId: string;
    redirectUri: string;
    afterSignOut: string;
    signOut: string;
  };
}
