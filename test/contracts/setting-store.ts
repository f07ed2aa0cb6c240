import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../adapters/postgres/connection/database.ts';
import type { AuditLog } from '../../server/audit/event.ts';
import { makeChangeSettings } from '../../server/settings/change-settings.ts';
import type { Overrides, SettingRules, SettingStore, ShownSetting } from '../../server/settings/settings.ts';
import { someTime } from './builders.ts';

export interface SettingStoreUnderTest {
  settings: SettingStore;
  audit: AuditLog;
  database: Database;
}

/** The promises of SettingStore, and what the use case decides on it when several come at once. */
export function describeSettingStore(name: string, open: () => SettingStoreUnderTest): void {
  describe(`${name}: settings of the running server`, () => {
    let under: SettingStoreUnderTest;
    beforeAll(() => {
      under = open();
    });

    const markOf = async (): Promise<unknown> =>
      (await under.database.current()('change_mark').where({ topic: 'setting' }).first('mark'))?.mark;

    it('keeps the latest value of each, until it is taken back, and leaves a mark each time', async () => {
      const before = await markOf();
      await under.settings.write('ONE', '1', someTime, 'me');
      await under.settings.write('TWO', '2', someTime, null);
      await under.settings.write('ONE', '10', someTime, null);
      expect([...(await under.settings.all())]).toEqual([
        ['ONE', '10'],
        ['TWO', '2'],
      ]);
      const after = await markOf();
      expect(after).not.toBe(before);
      await under.settings.write('ONE', undefined, someTime, 'me');
      await under.settings.write('TWO', undefined, someTime, 'me');
      await under.settings.write('TWO', undefined, someTime, 'me');
      expect([...(await under.settings.all())]).toEqual([]);
      expect(await markOf()).not.toBe(after);
    });

    it('lets none of two changes through that are valid alone, but not together', async () => {
      const shown = (setting: string): ShownSetting => ({
        name: setting,
        variable: setting,
        section: 'test',
        doc: '',
        value: null,
        default: null,
        source: 'unset',
        isSecret: false,
        isRuntime: true,
      });
      const settingRules: SettingRules = {
        describe: () => ['LEFT', 'RIGHT'].map(shown),
        faultsIn: (overrides: Overrides) =>
          overrides.size > 1 ? [{ field: 'LEFT', message: 'Not both.' }] : [],
      };
      const { settings, audit, database } = under;
      const clock = { now: () => someTime };
      const { inTransaction } = database;
      const change = makeChangeSettings({ settings, settingRules, audit, inTransaction, clock });
      const outcomes = await Promise.all(
        ['LEFT', 'RIGHT'].map((one) => change({ changes: new Map([[one, '1']]), by: { kind: 'system' } })),
      );
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['changed', 'refused']);
      expect((await settings.all()).size).toBe(1);
    });
  });
}
