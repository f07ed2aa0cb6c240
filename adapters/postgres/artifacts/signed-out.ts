import type { SignedOutOf } from '../../../server/sessions/session-store.ts';

/** What a session has done for clients, by their id; the engine's `authorizations`. */
export type Clients = Record<string, { sid?: string; grantId?: string; persistsLogout?: boolean }>;

/** Those that somebody was signed in to: one that has only asked has no grant. */
export const signedInTo = (clients: Clients | null): [string, Clients[string]][] =>
  Object.entries(clients ?? {}).filter(([, { grantId }]) => grantId !== undefined);

/**
 * Every client that is to be told that somebody is signed out.
 *
 * @param sessions what those that have ended had done for clients
 * @param granted clients of grants that have ended, whose session may have ended long before
 */
export function leftBehind(sessions: readonly (Clients | null)[], granted: readonly string[]): SignedOutOf[] {
  const left = sessions.flatMap((clients) =>
    signedInTo(clients).map(([clientId, { sid }]) => ({ clientId, sid: sid ?? null })),
  );
  const told = new Set(left.map(({ clientId }) => clientId));
  const others = [...new Set(granted)].filter((clientId) => !told.has(clientId));
  return [...left, ...others.map((clientId) => ({ clientId, sid: null }))];
}
