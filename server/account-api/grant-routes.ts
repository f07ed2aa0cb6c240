import { z } from 'zod';
import { AppError } from '../errors.ts';
import { noBody, noParameters, type Route } from '../http/api/route.ts';
import { grantsView, showGrant } from '../http/api/session-view.ts';
import type { ListApps } from '../sessions/list-apps.ts';
import type { WithdrawConsent } from '../sessions/withdraw-consent.ts';
import type { DefinePersonRoute } from './person-route.ts';

export interface GrantRouteDeps {
  listApps: ListApps;
  withdrawConsent: WithdrawConsent;
}

const oneGrant = z.strictObject({ id: z.string().regex(/^[\x21-\x7e]{1,255}$/) });

/** `grants` of the account API: what apps may see and do for a person. */
export function makeGrantRoutes(
  define: DefinePersonRoute,
  { listApps, withdrawConsent }: GrantRouteDeps,
): Route[] {
  return [
    define({
      method: 'GET',
      path: '/grants',
      operationId: 'listGrants',
      scope: 'account:read',
      summary: 'What apps may see and do for you',
      params: noParameters,
      query: noParameters,
      body: noBody,
      success: { status: 200, description: 'The apps, by name', schema: grantsView },
      errors: [],
      async handle({ accountId }) {
        return { status: 200, body: { items: (await listApps(accountId)).map(showGrant), next: null } };
      },
    }),
    define({
      method: 'DELETE',
      path: '/grants/{id}',
      operationId: 'withdrawGrant',
      scope: 'account:security',
      summary: 'Take back what an app may see and do, and end everything that it holds',
      params: oneGrant,
      missing: 'grant_not_found',
      query: noParameters,
      body: noBody,
      success: { status: 204, description: 'The app has nothing any more' },
      errors: ['grant_not_found'],
      async handle({ params, accountId, by }) {
        const outcome = await withdrawConsent({ accountId, clientId: params.id, by });
        if (outcome.kind === 'missing') throw new AppError('grant_not_found');
        return { status: 204 };
      },
    }),
  ];
}
