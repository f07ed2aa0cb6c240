import type { SettingStore } from '../../../server/settings/settings.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

/** @param changed called after each write */
export function makeSettingStore(database: Database, changed: () => void): SettingStore {
  const all = async (): Promise<Map<string, string>> => {
    const rows = await runSql<{ name: string; value: string }>(
      database,
      'select name, value from runtime_setting order by name',
      [],
    );
    return new Map(rows.map(({ name, value }) => [name, value]));
  };
  return {
    all,

    async hold() {
      await runSql(database, 'lock table runtime_setting in share row exclusive mode', []);
      return all();
    },

    async write(name, value, at, by) {
      try {
        if (value === undefined) await runSql(database, 'delete from runtime_setting where name = ?', [name]);
        else
          await runSql(
            database,
            `insert into runtime_setting (name, value, changed_at, changed_by) values (?, ?, ?, ?)
             on conflict on constraint runtime_setting_pkey do update
               set value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
            [name, value, at, by],
          );
      } finally {
        changed();
      }
    },
  };
}
