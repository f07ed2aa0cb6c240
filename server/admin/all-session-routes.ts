import { z } from 'zod';
import type { AccountStore } from '../accounts/store.ts';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { sessionView, showSession } from '../http/api/session-view.ts';
import type { EndSession } from '../sessions/end-sessions.ts';
import type { AllSessions, AnyonesSession } from '../sessions/everybody.ts';
import type { DescribeSession } from '../sessions/list-sessions.ts';
import { endedView, endRanked } from './many-ends.ts';
import type { Rank } from './rank.ts';

export interface AllSessionRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  rank: Pick<Rank, 'overUser'>;
  allSessions: AllSessions;
  describeSession: DescribeSession;
  endSession: EndSession;
  cursors: Cursors;
}

const oneSession = z.strictObject({ sid: z.string().regex(/^[0-9a-f]{32}$/) });
export const user = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,128}$/)
  .optional()
  .meta({ description: 'Those of this user.' });
export const client = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .optional();
const sessionClient = client.meta({ description: 'Those in which somebody is signed in to this client.' });

const anyonesView = z
  .strictObject({ sub: z.string(), ...sessionView.omit({ current: true }).shape })
  .meta({ id: 'Session' });

/** `sessions` of the admin API: the browser sessions of everybody. */
export function makeAllSessionRoutes(deps: AllSessionRouteDeps): Route[] {
  return [listSessions(deps), endSessions(deps), readSession(deps), endSession(deps)];
}

const listSessions = (deps: AllSessionRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/sessions',
    operationId: 'listSessions',
    scope: 'sessions:read',
    summary: 'The sessions of all users, oldest first; by client in the order of its users',
    params: noParameters,
    query: z.strictObject({
      ...pageQuery,
      user,
      client: sessionClient,
      since: z
        .string()
        .regex(/^\d{1,12}$/)
        .transform((text) => new Date(Number(text) * 1000))
        .optional()
        .meta({
          type: 'integer',
          description: 'Seconds since 1970: those that were begun then or later.',
        }),
    }),
    body: noBody,
    success: {
      status: 200,
      description: 'A page of sessions; it may hold fewer than the limit although another one follows',
      schema: pageOf(anyonesView),
    },
    errors: ['invalid_cursor'],
    async handle({ query: { limit, after, user: accountId, client: clientId, since } }) {
      // A place in one order is none in the other.
      const list = clientId !== undefined && accountId === undefined ? 'sessions of client' : 'sessions';
      const found = await readPage(
        deps.cursors,
        list,
        after,
        (place) => deps.allSessions.page({ limit, after: place, accountId, clientId, since }),
        (session) => show(deps, session),
      );
      return { status: 200, body: { ...found, items: await Promise.all(found.items) } };
    },
  });

const endSessions = (deps: AllSessionRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/sessions',
    operationId: 'endSessions',
    scope: 'sessions:write',
    summary: 'End all sessions of a user, or all in which somebody is signed in to a client',
    params: noParameters,
    query: z.strictObject({ user, client: sessionClient }).refine(isFiltered, oneFilter),
    body: noBody,
    success: { status: 200, description: 'How many have ended', schema: endedView },
    errors: [],
    async handle({ query: { user: accountId, client: clientId }, caller, by }) {
      async function* found() {
        for await (const session of everySession(deps, { accountId, clientId }))
          yield {
            accountId: session.accountId,
            end: async () =>
              (await deps.endSession({ accountId: session.accountId, id: session.id, by })).kind === 'ended',
          };
      }
      return { status: 200, body: await endRanked(deps, caller, found()) };
    },
  });

const readSession = (deps: AllSessionRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/sessions/{sid}',
    operationId: 'readSession',
    scope: 'sessions:read',
    summary: 'One session',
    params: oneSession,
    missing: 'session_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The session', schema: anyonesView },
    errors: ['session_not_found'],
    handle: async ({ params }) => ({ status: 200, body: await show(deps, await find(deps, params.sid)) }),
  });

const endSession = (deps: AllSessionRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/sessions/{sid}',
    operationId: 'endSession',
    scope: 'sessions:write',
    summary: 'End a session, with everything that apps got in it',
    params: oneSession,
    missing: 'session_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'The session has ended' },
    errors: ['session_not_found'],
    async handle({ params, caller, by }) {
      const { accountId, id } = await find(deps, params.sid);
      const account = await deps.accounts.find(accountId);
      if (account !== undefined) await deps.rank.overUser(caller, account);
      const outcome = await deps.endSession({ accountId, id, by });
      if (outcome.kind === 'missing') throw new AppError('session_not_found');
      return { status: 204 };
    },
  });

/** Nobody ends everything by leaving a parameter out. */
export function isFiltered(query: { user?: string | undefined; client?: string | undefined }): boolean {
  return query.user !== undefined || query.client !== undefined;
}
export const oneFilter = { path: ['user'], message: 'Give user or client, or both.' };

async function* everySession(
  { allSessions }: AllSessionRouteDeps,
  filters: { accountId: string | undefined; clientId: string | undefined },
): AsyncGenerator<AnyonesSession> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await allSessions.page({ ...filters, limit: 100, after });
    yield* items;
    if (next === null) return;
    after = next;
  }
}

async function find({ allSessions }: AllSessionRouteDeps, id: string): Promise<AnyonesSession> {
  const session = await allSessions.find(id);
  if (session === undefined) throw new AppError('session_not_found');
  return session;
}

async function show(
  { describeSession }: AllSessionRouteDeps,
  session: AnyonesSession,
): Promise<z.output<typeof anyonesView>> {
  const { current: _, ...shown } = showSession(await describeSession(session));
  return { sub: session.accountId, ...shown };
}
