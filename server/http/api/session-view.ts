import { z } from 'zod';
import type { ListedApp } from '../../sessions/list-apps.ts';
import type { ListedSession } from '../../sessions/list-sessions.ts';
import { pageOf } from './list-query.ts';

const moment = z.int().meta({ description: 'Seconds since 1970.' });

const appView = z.strictObject({ client_id: z.string(), client_name: z.string() });

/** A browser session as APIs show it. */
export const sessionView = z.strictObject({
  id: z.string(),
  current: z.boolean().meta({ description: 'Whether your token belongs to it.' }),
  device: z.strictObject({
    browser: z.string().nullable(),
    system: z.string().nullable(),
    kind: z.enum(['computer', 'phone', 'tablet']).nullable(),
  }),
  ip: z.string().nullable(),
  place: z
    .strictObject({ city: z.string().nullable(), country: z.string().nullable() })
    .nullable()
    .meta({ description: 'Only where the server has a database of places.' }),
  first_seen_at: moment.nullable(),
  last_seen_at: moment.nullable().meta({ description: 'Seconds since 1970, to the minute.' }),
  signed_in_at: moment.nullable(),
  amr: z.array(z.string()).meta({ description: 'How the person signed in (RFC 8176).' }),
  acr: z.string().nullable(),
  expires_at: moment.meta({ description: 'Seconds since 1970; later if it is used again before.' }),
  apps: z.array(appView),
});

export const sessionsView = pageOf(sessionView);

/** An app as APIs show what it may do for a person. */
export const grantView = z.strictObject({
  id: z.string().meta({ description: 'The client_id.' }),
  client_id: z.string(),
  client_name: z.string(),
  scopes: z.array(z.string()),
  claims: z.array(z.string()),
  resources: z
    .record(z.string(), z.array(z.string()))
    .meta({ description: 'Scopes of resource servers, by audience.' }),
  since: moment,
  last_used_at: moment
    .nullable()
    .meta({ description: 'When it got tokens last: seconds since 1970, to the hour.' }),
  consented: z.boolean().meta({ description: 'false: an app of the operator, about which nobody is asked.' }),
  signed_in: z.boolean().meta({ description: 'Whether it holds something with which it could act now.' }),
});

export const grantsView = pageOf(grantView);

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);
const orNull = (time: Date | null): number | null => (time === null ? null : seconds(time));

export function showSession(session: ListedSession): z.output<typeof sessionView> {
  return {
    id: session.id,
    current: session.isCurrent,
    device: session.device,
    ip: session.ip,
    place: session.place,
    first_seen_at: orNull(session.firstSeenAt),
    last_seen_at: orNull(session.lastSeenAt),
    signed_in_at: orNull(session.signedInAt),
    amr: session.amr,
    acr: session.acr,
    expires_at: seconds(session.expiresAt),
    apps: session.apps.map(({ clientId, name }) => ({ client_id: clientId, client_name: name })),
  };
}

export function showGrant(app: ListedApp): z.output<typeof grantView> {
  return {
    id: app.clientId,
    client_id: app.clientId,
    client_name: app.name,
    scopes: app.agreed.openid,
    claims: app.agreed.claims,
    resources: app.agreed.resources,
    since: seconds(app.since),
    last_used_at: orNull(app.lastUsedAt),
    consented: app.isConsented,
    signed_in: app.isSignedIn,
  };
}
