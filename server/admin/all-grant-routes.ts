import { z } from 'zod';
import type { AccountStore } from '../accounts/store.ts';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import { grantView, showGrant } from '../http/api/session-view.ts';
import type { AllGrants, AnyonesApp } from '../sessions/everybody.ts';
import type { WithdrawConsent } from '../sessions/withdraw-consent.ts';
import { client, isFiltered, oneFilter, user } from './all-session-routes.ts';
import { endedView, endRanked } from './many-ends.ts';
import type { Rank } from './rank.ts';

export interface AllGrantRouteDeps {
  accounts: Pick<AccountStore, 'find'>;
  rank: Pick<Rank, 'overUser'>;
  allGrants: AllGrants;
  withdrawConsent: WithdrawConsent;
  /** The name of a client that is there. */
  nameOf(clientId: string): Promise<string | undefined>;
  cursors: Cursors;
}

const oneGrant = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,600}$/) });
const grantClient = client.meta({ description: 'Those of this client.' });

const anyonesView = z
  .strictObject({
    ...grantView.shape,
    id: z.string().meta({ description: 'Stands for the client and the user, and stays the same.' }),
    sub: z.string(),
  })
  .meta({ id: 'Grant' });

/** `grants` of the admin API: what clients may see and do for whom. */
export function makeAllGrantRoutes(deps: AllGrantRouteDeps): Route[] {
  return [listGrants(deps), withdrawGrants(deps), readGrant(deps), withdrawGrant(deps)];
}

const listGrants = (deps: AllGrantRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/grants',
    operationId: 'listGrants',
    scope: 'sessions:read',
    summary: 'What clients may see and do for users, by client and user',
    params: noParameters,
    query: z.strictObject({ ...pageQuery, user, client: grantClient }),
    body: noBody,
    success: { status: 200, description: 'A page of grants', schema: pageOf(anyonesView) },
    errors: ['invalid_cursor'],
    async handle({ query: { limit, after, user: accountId, client: clientId } }) {
      const found = await readPage(
        deps.cursors,
        'grants',
        after,
        (place) => deps.allGrants.page({ limit, after: place, accountId, clientId }),
        (app) => show(deps, app),
      );
      return { status: 200, body: { ...found, items: await Promise.all(found.items) } };
    },
  });

const withdrawGrants = (deps: AllGrantRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/grants',
    operationId: 'withdrawGrants',
    scope: 'sessions:write',
    summary: 'Take back what all clients may do for a user, or what a client may do for everybody',
    params: noParameters,
    query: z.strictObject({ user, client: grantClient }).refine(isFiltered, oneFilter),
    body: noBody,
    success: { status: 200, description: 'How many were taken back', schema: endedView },
    errors: [],
    async handle({ query: { user: accountId, client: clientId }, caller, by }) {
      async function* found() {
        for await (const app of everyGrant(deps, { accountId, clientId }))
          yield {
            accountId: app.accountId,
            end: async () => (await deps.withdrawConsent({ ...app, by })).kind === 'withdrawn',
          };
      }
      return { status: 200, body: await endRanked(deps, caller, found()) };
    },
  });

const readGrant = (deps: AllGrantRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/grants/{id}',
    operationId: 'readGrant',
    scope: 'sessions:read',
    summary: 'What one client may see and do for one user',
    params: oneGrant,
    missing: 'grant_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The grant', schema: anyonesView },
    errors: ['grant_not_found'],
    handle: async ({ params }) => ({ status: 200, body: await show(deps, await find(deps, params.id)) }),
  });

const withdrawGrant = (deps: AllGrantRouteDeps) =>
  defineRoute({
    method: 'DELETE',
    path: '/grants/{id}',
    operationId: 'withdrawGrant',
    scope: 'sessions:write',
    summary: 'Take back what a client may see and do for a user, and end everything that it holds',
    params: oneGrant,
    missing: 'grant_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 204, description: 'The client has nothing any more' },
    errors: ['grant_not_found'],
    async handle({ params, caller, by }) {
      const { accountId, clientId } = await find(deps, params.id);
      const account = await deps.accounts.find(accountId);
      if (account !== undefined) await deps.rank.overUser(caller, account);
      const outcome = await deps.withdrawConsent({ accountId, clientId, by });
      if (outcome.kind === 'missing') throw new AppError('grant_not_found');
      return { status: 204 };
    },
  });

async function* everyGrant(
  { allGrants }: AllGrantRouteDeps,
  filters: { accountId: string | undefined; clientId: string | undefined },
): AsyncGenerator<AnyonesApp> {
  for (let after: string | undefined; ; ) {
    const { items, next } = await allGrants.page({ ...filters, limit: 100, after });
    yield* items;
    if (next === null) return;
    after = next;
  }
}

const idOf = ({ accountId, clientId }: { accountId: string; clientId: string }): string =>
  Buffer.from(`${accountId}\n${clientId}`, 'utf8').toString('base64url');

async function find({ allGrants }: AllGrantRouteDeps, id: string): Promise<AnyonesApp> {
  const [, accountId, clientId] =
    /^([A-Za-z0-9._~-]{1,128})\n([\x21-\x7e]{1,255})$/.exec(Buffer.from(id, 'base64url').toString('utf8')) ??
    [];
  // One spelling only: an id is compared by those who keep it.
  if (accountId === undefined || clientId === undefined || idOf({ accountId, clientId }) !== id)
    throw new AppError('grant_not_found');
  const [app] = (await allGrants.page({ limit: 1, accountId, clientId })).items;
  if (app === undefined) throw new AppError('grant_not_found');
  return app;
}

async function show({ nameOf }: AllGrantRouteDeps, app: AnyonesApp): Promise<z.output<typeof anyonesView>> {
  const name = (await nameOf(app.clientId)) ?? app.clientId;
  return { ...showGrant({ ...app, name }), id: idOf(app), sub: app.accountId };
}
