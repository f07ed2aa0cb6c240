import { z } from 'zod';
import { activityKinds } from '../audit/activity.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { noBody, noParameters, type Route } from '../http/api/route.ts';
import type { Activity, ListActivity } from '../sessions/list-activity.ts';
import type { DefinePersonRoute } from './person-route.ts';

export interface ActivityRouteDeps {
  listActivity: ListActivity;
  cursors: Cursors;
}

const moment = z.int().meta({ description: 'Seconds since 1970.' });

const activityView = z.strictObject({
  kind: z.enum(activityKinds),
  at: moment.meta({ description: 'The last time, in seconds since 1970.' }),
  from: moment.meta({ description: 'The first time of several, in seconds since 1970.' }),
  count: z.int().meta({ description: 'How many in a row; failures are told together.' }),
  by: z
    .enum(['you', 'unknown', 'other'])
    .meta({ description: 'other: an operator or a program; unknown: somebody who did not prove to be you.' }),
  app: z.strictObject({ client_id: z.string(), client_name: z.string() }).nullable(),
  ip: z.string().nullable(),
  place: z.strictObject({ city: z.string().nullable(), country: z.string().nullable() }).nullable(),
  device: z.strictObject({
    browser: z.string().nullable(),
    system: z.string().nullable(),
    kind: z.enum(['computer', 'phone', 'tablet']).nullable(),
  }),
});

/** `activity` of the account API: what happened to an account, from the audit log. */
export function makeActivityRoutes(
  define: DefinePersonRoute,
  { listActivity, cursors }: ActivityRouteDeps,
): Route[] {
  return [
    define({
      method: 'GET',
      path: '/activity',
      operationId: 'listActivity',
      scope: 'account:read',
      summary: 'What happened to your account, newest first',
      params: noParameters,
      query: z.strictObject(pageQuery),
      body: noBody,
      success: { status: 200, description: 'A page of it', schema: pageOf(activityView) },
      errors: ['invalid_cursor'],
      async handle({ query: { after, limit }, accountId }) {
        const page = (before: string | undefined) => listActivity({ accountId, before, limit });
        return { status: 200, body: await readPage(cursors, 'activity', after, page, showActivity) };
      },
    }),
  ];
}

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);

const showActivity = ({ kind, at, from, count, by, app, ip, place, device }: Activity) => ({
  kind,
  at: seconds(at),
  from: seconds(from),
  count,
  by,
  app: app === null ? null : { client_id: app.clientId, client_name: app.name },
  ip,
  place,
  device,
});
