import { z } from 'zod';
import type { PresentAttributes } from '../accounts/attributes/definition.ts';
import type { ExportSection } from '../accounts/export/export-account.ts';
import type { ExportSource } from '../accounts/export/export-source.ts';
import type { NotificationAddressStore } from '../accounts/notification-addresses.ts';
import type { AccountStore } from '../accounts/store.ts';
import { grantView, sessionView, showGrant, showSession } from '../http/api/session-view.ts';
import type { ListApps } from '../sessions/list-apps.ts';
import type { ListSessions } from '../sessions/list-sessions.ts';
import { profileView, showProfile } from './profile-view.ts';

export interface ExportSectionDeps {
  accounts: Pick<AccountStore, 'find'>;
  presentAttributes: PresentAttributes;
  addresses: Pick<NotificationAddressStore, 'find'>;
  exportSource: ExportSource;
  listSessions: ListSessions;
  listApps: ListApps;
}

const moment = z.int().meta({ description: 'Seconds since 1970.' });
const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);

/** Everything that a person gets of their account, in the order of the file. */
export function makeExportSections(deps: ExportSectionDeps): ExportSection[] {
  const { accounts, presentAttributes, addresses, exportSource, listSessions, listApps } = deps;
  return [
    {
      name: 'profile',
      schema: profileView.nullable(),
      read: {
        kind: 'whole',
        async of(accountId) {
          const account = await accounts.find(accountId);
          return account === undefined ? null : showProfile(account, await presentAttributes());
        },
      },
    },
    {
      name: 'notification_email',
      schema: z.string().nullable(),
      read: { kind: 'whole', of: async (accountId) => (await addresses.find(accountId)) ?? null },
    },
    {
      name: 'identities',
      schema: z.array(z.strictObject({ kind: z.enum(['email', 'username']), name: z.string() })),
      read: {
        kind: 'whole',
        async of(accountId) {
          const account = await accounts.find(accountId);
          return [
            ...(account?.email ? [{ kind: 'email', name: account.email }] : []),
            ...(account?.username ? [{ kind: 'username', name: account.username }] : []),
          ];
        },
      },
    },
    {
      name: 'factors',
      schema: z.array(z.strictObject({ type: z.string(), since: moment })),
      read: {
        kind: 'whole',
        of: async (accountId) =>
          (await exportSource.factors(accountId)).map(({ type, since }) => ({ type, since: seconds(since) })),
      },
    },
    {
      name: 'sessions',
      schema: z.array(sessionView),
      read: {
        kind: 'whole',
        of: async (accountId) => (await listSessions({ accountId, current: undefined })).map(showSession),
      },
    },
    {
      name: 'consents',
      schema: z.array(grantView),
      read: { kind: 'whole', of: async (accountId) => (await listApps(accountId)).map(showGrant) },
    },
    activity(exportSource),
    mails(exportSource),
  ];
}

const activity = (source: ExportSource): ExportSection => ({
  name: 'activity',
  schema: z.array(
    z.strictObject({
      type: z.string(),
      at: moment,
      ip: z.string().nullable(),
      user_agent: z.string().nullable(),
      client_id: z.string().nullable(),
      details: z.record(z.string(), z.unknown()),
    }),
  ),
  read: {
    kind: 'pages',
    async *of(accountId) {
      for await (const page of source.events(accountId))
        yield page.map(({ at, userAgent, clientId, ...event }) => ({
          ...event,
          at: seconds(at),
          user_agent: userAgent,
          client_id: clientId,
        }));
    },
  },
});

const mails = (source: ExportSource): ExportSection => ({
  name: 'mails',
  schema: z.array(z.strictObject({ kind: z.string(), state: z.string(), at: moment })),
  read: {
    kind: 'pages',
    async *of(accountId) {
      for await (const page of source.mails(accountId))
        yield page.map(({ at, ...mail }) => ({ ...mail, at: seconds(at) }));
    },
  },
});

/** The schema of the whole file: of its head, and of each section. */
export function exportSchema(sections: readonly ExportSection[]) {
  const named = sections.map(({ name, schema }): [string, z.ZodType] => [name, schema]);
  return z.strictObject({
    $schema: z.string().meta({ format: 'uri' }),
    exported_at: moment,
    ...Object.fromEntries(named),
  });
}
