import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Cursors } from '../http/api/cursor.ts';
import { pageOf, pageQuery, readPage } from '../http/api/list-query.ts';
import { defineRoute, noBody, noParameters, type Route } from '../http/api/route.ts';
import type { ChangeSettings } from '../settings/change-settings.ts';
import type { SettingRules, SettingStore, ShownSetting } from '../settings/settings.ts';

export interface SettingRouteDeps {
  settings: Pick<SettingStore, 'all'>;
  settingRules: Pick<SettingRules, 'describe'>;
  changeSettings: ChangeSettings;
  cursors: Cursors;
}

const settingName = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);
const oneSetting = z.strictObject({ name: settingName });

const settingView = z
  .strictObject({
    name: z.string(),
    variable: z.string().meta({ description: 'Its name in the environment.' }),
    section: z.string(),
    doc: z.string(),
    value: z.string().nullable().meta({
      description: 'As it would stand in the environment; null when there is none, and of a secret.',
    }),
    default: z.string().nullable(),
    source: z.enum(['environment', 'file', 'default', 'derived', 'unset', 'runtime', 'ignored']).meta({
      description:
        'Where the value comes from. `runtime`: changed here. `ignored`: changed here, but it does not fit to the other settings any more and does not count.',
    }),
    secret: z.boolean(),
    runtime: z.boolean().meta({ description: 'Whether it can be changed here, while the server runs.' }),
  })
  .meta({ id: 'Setting' });

const changesBody = z.record(settingName, z.string().min(1).max(2000).nullable()).meta({
  id: 'SettingChanges',
  description:
    'Settings by name, as they would stand in the environment; null takes a change back. What the environment says is stronger.',
  examples: [{ SIGN_UP: 'domains', SIGN_UP_DOMAINS: 'example.com' }],
});

/** `settings` of the admin API: how this server is set, and what can be changed of it while it runs. */
export function makeSettingRoutes(deps: SettingRouteDeps): Route[] {
  return [listSettings(deps), readSetting(deps), patchSettings(deps)];
}

const listSettings = (deps: SettingRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/settings',
    operationId: 'listSettings',
    scope: 'config:read',
    summary: 'All settings in the order of the manual: value, default, and where the value comes from',
    params: noParameters,
    query: z.strictObject({
      ...pageQuery,
      runtime: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'Those that can be changed while the server runs, or those that cannot.' }),
    }),
    body: noBody,
    success: { status: 200, description: 'A page of settings, without secrets', schema: pageOf(settingView) },
    errors: ['invalid_cursor'],
    async handle({ query: { limit, after, runtime } }) {
      const all = await describe(deps);
      const asked =
        runtime === undefined ? all : all.filter(({ isRuntime }) => isRuntime === (runtime === 'true'));
      const page = async (place: string | undefined) => {
        const start = place === undefined ? 0 : asked.findIndex(({ name }) => name === place) + 1;
        const items = asked.slice(start, start + limit);
        return { items, next: start + limit < asked.length ? (items.at(-1)?.name ?? null) : null };
      };
      return { status: 200, body: await readPage(deps.cursors, 'settings', after, page, showSetting) };
    },
  });

const readSetting = (deps: SettingRouteDeps) =>
  defineRoute({
    method: 'GET',
    path: '/settings/{name}',
    operationId: 'readSetting',
    scope: 'config:read',
    summary: 'One setting',
    params: oneSetting,
    missing: 'setting_not_found',
    query: noParameters,
    body: noBody,
    success: { status: 200, description: 'The setting', schema: settingView },
    errors: ['setting_not_found'],
    async handle({ params }) {
      const found = (await describe(deps)).find(({ name }) => name === params.name);
      if (found === undefined) throw new AppError('setting_not_found');
      return { status: 200, body: showSetting(found) };
    },
  });

const patchSettings = (deps: SettingRouteDeps) =>
  defineRoute({
    method: 'PATCH',
    path: '/settings',
    operationId: 'patchSettings',
    scope: 'config:write',
    summary: 'Change settings while the server runs, all or none; every process has them within a second',
    params: noParameters,
    query: noParameters,
    body: { schema: changesBody, mediaTypes: ['application/merge-patch+json', 'application/json'] },
    success: {
      status: 200,
      description: 'The settings that were named, as they are now',
      schema: z.strictObject({ items: z.array(settingView) }),
    },
    errors: [],
    async handle({ body, by }) {
      const outcome = await deps.changeSettings({ changes: new Map(Object.entries(body)), by });
      if (outcome.kind === 'refused') throw new AppError('invalid_input', { fields: outcome.fields });
      const named = deps.settingRules
        .describe(outcome.overrides)
        .filter(({ name }) => Object.hasOwn(body, name));
      return { status: 200, body: { items: named.map(showSetting) } };
    },
  });

const describe = async ({ settings, settingRules }: SettingRouteDeps): Promise<ShownSetting[]> =>
  settingRules.describe(await settings.all());

function showSetting({ isSecret, isRuntime, ...setting }: ShownSetting): z.output<typeof settingView> {
  return { ...setting, secret: isSecret, runtime: isRuntime };
}
