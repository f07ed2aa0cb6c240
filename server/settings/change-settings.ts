import type { Actor, AuditLog } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { FieldFault } from '../errors.ts';
import type { InTransaction } from '../transaction.ts';
import type { Overrides, SettingRules, SettingStore } from './settings.ts';

export interface ChangeSettingsDeps {
  settings: Pick<SettingStore, 'hold' | 'write'>;
  settingRules: SettingRules;
  audit: AuditLog;
  inTransaction: InTransaction;
  clock: Clock;
}

export type ChangeSettingsOutcome =
  | { kind: 'changed'; overrides: Overrides }
  | { kind: 'refused'; fields: FieldFault[] };

/**
 * Changes settings of the running server, all or none: those that may be, to values that are valid together with all others.
 * null takes a change back, to what the environment or the default says.
 */
export const makeChangeSettings =
  (deps: ChangeSettingsDeps) =>
  (input: { changes: ReadonlyMap<string, string | null>; by: Actor }): Promise<ChangeSettingsOutcome> =>
    deps.inTransaction(async () => {
      const { changes, by } = input;
      const before = await deps.settings.hold();
      const known = new Map(deps.settingRules.describe(before).map((setting) => [setting.name, setting]));
      const fields = [...changes].flatMap(([name, value]) => faultIn(known.get(name), name, value));
      if (fields.length > 0) return { kind: 'refused', fields };
      const after = new Map(before);
      for (const [name, value] of changes) {
        if (value === null) after.delete(name);
        else after.set(name, value);
      }
      const faults = deps.settingRules.faultsIn(after);
      if (faults.length > 0) return { kind: 'refused', fields: faults };
      for (const name of changes.keys()) {
        const [old, fresh] = [before.get(name), after.get(name)];
        if (old === fresh) continue;
        await deps.settings.write(name, fresh, deps.clock.now(), by.id ?? null);
        const change = { before: { value: old ?? null }, after: { value: fresh ?? null } };
        await deps.audit.append({ type: 'setting.changed', name, change }, by);
      }
      return { kind: 'changed', overrides: after };
    });

export type ChangeSettings = ReturnType<typeof makeChangeSettings>;

/** What is wrong with a change whatever the value is. To take back one that counts for nothing is always allowed. */
function faultIn(
  setting: { isRuntime: boolean; source: string; variable: string } | undefined,
  field: string,
  value: string | null,
): FieldFault[] {
  if (setting === undefined) return [{ field, message: 'There is no such setting.' }];
  if (value === null) return [];
  const { variable } = setting;
  if (!setting.isRuntime)
    return [
      { field, message: `It cannot be changed while the server runs. Set ${variable} and start again.` },
    ];
  if (setting.source === 'environment' || setting.source === 'file')
    return [
      {
        field,
        message: `${variable} is set in the environment, which is stronger. Take it away there first.`,
      },
    ];
  return [];
}
