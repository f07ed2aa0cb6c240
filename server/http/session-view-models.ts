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

/** The pages of sessions and apps. */
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
  'account-apps': AccountPageModel & {
    withdraw: FormTarget;
    apps: AppCard[];
    done: MessageKey | null;
  };
}
