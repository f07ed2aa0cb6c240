import { z } from 'zod';
import { AppError } from '../errors.ts';
import { noBody, noParameters, type Route } from '../http/api/route.ts';
import { sessionsView, showSession } from '../http/api/session-view.ts';
import type { EndAllSessions, EndOtherSessions, EndSession } from '../sessions/end-sessions.ts';
import type { ListSessions } from '../sessions/list-sessions.ts';
import type { DefinePersonRoute } from './person-route.ts';

export interface SessionRouteDeps {
  listSessions: ListSessions;
  endSession: EndSession;
  endOtherSessions: EndOtherSessions;
  endAllSessions: EndAllSessions;
}

const oneSession = z.strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/) });

/** `sessions` of the account API: the browsers in which a person is signed in. */
export function makeSessionRoutes(define: DefinePersonRoute, deps: SessionRouteDeps): Route[] {
  return [list(define, deps), endOne(define, deps), endOthers(define, deps)];
}

const list = (define: DefinePersonRoute, { listSessions }: SessionRouteDeps) =>
  define({
    method: 'GET',
    path: '/sessions',
    operationId: 'listSessions',
    scope: 'account:read',
    summary: 'Your sessions, the one used last first; at most 200',
    params: noParameters,
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The sessions', schema: sessionsView },
    errors: [],
    async handle({ accountId, caller }) {
      const found = await listSessions({ accountId, current: caller.claims.sid });
      return { status: 200, body: { items: found.map(showSession), next: null } };
    },
  });

const endOne = (define: DefinePersonRoute, { endSession }: SessionRouteDeps) =>
  define({
    method: 'DELETE',
    path: '/sessions/{id}',
    operationId: 'endSession',
    scope: 'account:security',
    summary: 'End one of your sessions, with everything that apps got in it',
    params: oneSession,
    missing: 'session_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'The session has ended' },
    errors: ['session_not_found'],
    async handle({ params, accountId, by }) {
      const outcome = await endSession({ accountId, id: params.id, by });
      if (outcome.kind === 'missing') throw new AppError('session_not_found');
      return { status: 204 };
    },
  });

const endOthers = (define: DefinePersonRoute, deps: SessionRouteDeps) =>
  define({
    method: 'DELETE',
    path: '/sessions',
    operationId: 'endSessions',
    scope: 'account:security',
    summary: 'End your other sessions, and sign out of all apps that do not belong to this one',
    params: noParameters,
    query: z.strictObject({
      scope: z
        .enum(['others', 'all'])
        .default('others')
        .meta({ description: 'all: this session too, and with it your token.' }),
    }),
    body: noBody,
    success: { status: 204, description: 'They have ended' },
    errors: [],
    async handle({ query, accountId, caller: { claims }, by }) {
      if (query.scope === 'all') await deps.endAllSessions({ accountId, by });
      else
        await deps.endOtherSessions({ accountId, kept: { uid: claims.sid, grantId: claims.grant_ref }, by });
      return { status: 204 };
    },
  });
