import type { Database } from '../../adapters/postgres/connection/database.ts';
import { makeSessionStore } from '../../adapters/postgres/stores/session-store.ts';
import { makeSupportSessionStore } from '../../adapters/postgres/stores/support-session-store.ts';
import { adminAudience } from '../clients/resource-servers.ts';
import { type AskForSupportDeps, makeAskForSupport } from '../sessions/support/ask-for-support.ts';
import {
  type BeginSupportDeps,
  makeBeginSupport,
  makeFindSupport,
} from '../sessions/support/begin-support.ts';
import { type EndSupportDeps, makeEndSupport } from '../sessions/support/end-support.ts';
import { makeEnterSupport } from '../sessions/support/enter-support.ts';

type Own = 'supportSessions' | 'adminAudience' | 'sessions';

export type SupportDeps = Omit<AskForSupportDeps & BeginSupportDeps & EndSupportDeps, Own> & {
  /** Seconds that a support session may last at most; 0 is never. */
  limit: number;
};

/** How operators act in the place of people: openly, for a reason and a time. */
export function makeSupport(database: Database, deps: SupportDeps) {
  const supportSessions = makeSupportSessionStore(database);
  const audience = adminAudience(deps.issuer);
  const parts = { ...deps, supportSessions, sessions: makeSessionStore(database), adminAudience: audience };
  return {
    supportSessions,
    supportLimit: deps.limit,
    askForSupport: makeAskForSupport(parts),
    findSupport: makeFindSupport(parts),
    beginSupport: makeBeginSupport(parts),
    enterSupport: makeEnterSupport(parts),
    endSupport: makeEndSupport(parts),
  };
}
