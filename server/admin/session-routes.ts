import { z } from 'zod';
import type { AccountStore } from '../accounts/store.ts';
import { AppError } from '../errors.ts';
import type { Caller } from '../http/api/caller.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { grantsView, sessionsView, showGrant, showSession } from '../http/api/session-view.ts';
import type { EndAllSessions, EndSession } from '../sessions/end-sessions.ts';
import type { ListApps } from '../sessions/list-apps.ts';
import type { ListSessions } from '../sessions/list-sessions.ts';
import type { WithdrawConsent } from '../sessions/withdraw-consent.ts';
import type { Rank } from './rank.ts';

export interface UserSessionRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  listSessions: ListSessions;
  endSession: EndSession;
  endAllSessions: EndAllSessions;
  listApps: ListApps;
  withdrawConsent: WithdrawConsent;
  rank: Rank;
}

const id = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/);
const oneUser = z.strictObject({ id });
const oneSession = z.strictObject({ id, sid: z.string().regex(/^[0-9a-f]{32}$/) });
const oneGrant = z.strictObject({ id, client: z.string().regex(/^[\x21-\x7e]{1,255}$/) });

/** What all of these have in common. */
const common = { missing: 'user_not_found', query: noParameters, body: noBody } as const;

/** `users/{id}/sessions` and `users/{id}/grants` of the admin API. */
export function makeUserSessionRoutes(deps: UserSessionRouteDeps): Route[] {
  return [
    listSessions(deps),
    endSession(deps),
    endAllSessions(deps),
    listGrants(deps),
    withdrawGrant(deps),
    withdrawGrants(deps),
  ];
}

const listSessions = (deps: UserSessionRouteDeps) =>
  defineRoute({
    ...common,
    method: 'GET',
    path: '/users/{id}/sessions',
    operationId: 'listUserSessions',
    scope: 'sessions:read',
    summary: 'The sessions of a user, the one used last first; at most 200',
    params: oneUser,
    success: { status: 200, description: 'The sessions', schema: sessionsView },
    errors: ['user_not_found'],
    async handle({ params }) {
      await requireUser(deps, params.id);
      const found = await deps.listSessions({ accountId: params.id, current: undefined });
      return { status: 200, body: { items: found.map(showSession), next: null } };
    },
  });

const endSession = (deps: UserSessionRouteDeps) =>
  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/users/{id}/sessions/{sid}',
    operationId: 'endUserSession',
    scope: 'sessions:write',
    summary: 'End a session of a user, with everything that apps got in it',
    params: oneSession,
    missing: 'session_not_found',
    success: { status: 204, description: 'The session has ended' },
    errors: ['user_not_found', 'session_not_found'],
    async handle({ params, caller, by }) {
      await requireUser(deps, params.id, caller);
      const outcome = await deps.endSession({ accountId: params.id, id: params.sid, by });
      if (outcome.kind === 'missing') throw new AppError('session_not_found');
      return { status: 204 };
    },
  });

const endAllSessions = (deps: UserSessionRouteDeps) =>
  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/users/{id}/sessions',
    operationId: 'endUserSessions',
    scope: 'sessions:write',
    summary: 'Sign a user out everywhere: every session, and everything that apps hold',
    params: oneUser,
    success: { status: 204, description: 'They have ended' },
    errors: ['user_not_found'],
    async handle({ params, caller, by }) {
      await requireUser(deps, params.id, caller);
      await deps.endAllSessions({ accountId: params.id, by });
      return { status: 204 };
    },
  });

const listGrants = (deps: UserSessionRouteDeps) =>
  defineRoute({
    ...common,
    method: 'GET',
    path: '/users/{id}/grants',
    operationId: 'listUserGrants',
    scope: 'sessions:read',
    summary: 'What apps may see and do for a user',
    params: oneUser,
    success: { status: 200, description: 'The apps, by name', schema: grantsView },
    errors: ['user_not_found'],
    async handle({ params }) {
      await requireUser(deps, params.id);
      return { status: 200, body: { items: (await deps.listApps(params.id)).map(showGrant), next: null } };
    },
  });

const withdrawGrant = (deps: UserSessionRouteDeps) =>
  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/users/{id}/grants/{client}',
    operationId: 'withdrawUserGrant',
    scope: 'sessions:write',
    summary: 'Take back what an app may see and do for a user, and end everything that it holds',
    params: oneGrant,
    missing: 'grant_not_found',
    success: { status: 204, description: 'The app has nothing any more' },
    errors: ['user_not_found', 'grant_not_found'],
    async handle({ params, caller, by }) {
      await requireUser(deps, params.id, caller);
      const outcome = await deps.withdrawConsent({ accountId: params.id, clientId: params.client, by });
      if (outcome.kind === 'missing') throw new AppError('grant_not_found');
      return { status: 204 };
    },
  });

const withdrawGrants = (deps: UserSessionRouteDeps) =>
  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/users/{id}/grants',
    operationId: 'withdrawUserGrants',
    scope: 'sessions:write',
    summary: 'Take back what every app may see and do for a user',
    params: oneUser,
    success: { status: 204, description: 'No app has anything any more' },
    errors: ['user_not_found'],
    async handle({ params, caller, by }) {
      await requireUser(deps, params.id, caller);
      for (const { clientId } of await deps.listApps(params.id))
        await deps.withdrawConsent({ accountId: params.id, clientId, by });
      return { status: 204 };
    },
  });

/** @throws AppError user_not_found; InsufficientScope where a change takes more than the caller has */
async function requireUser(
  { accounts, rank }: UserSessionRouteDeps,
  accountId: string,
  changedBy?: Caller,
): Promise<void> {
  const account = await accounts.find(accountId);
  if (account === undefined) throw new AppError('user_not_found');
  if (changedBy !== undefined) await rank.overUser(changedBy, account);
}
