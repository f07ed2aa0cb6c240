import type { PictureStore } from '../../../server/accounts/picture/picture.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

export function makePictureStore(database: Database): PictureStore {
  return {
    async save(accountId, { name, image, uploadedAt }) {
      await runSql(
        database,
        `insert into account_picture (account_id, name, image, uploaded_at) values (?, ?, ?, ?)
         on conflict on constraint account_picture_pkey
         do update set name = excluded.name, image = excluded.image, uploaded_at = excluded.uploaded_at`,
        [accountId, name, image, uploadedAt],
      );
    },

    async find(name) {
      const rows = await runSql<{ image: Buffer }>(
        database,
        'select image from account_picture where name = ?',
        [name],
      );
      return rows[0]?.image;
    },

    async remove(accountId) {
      const rows = await runSql(database, 'delete from account_picture where account_id = ? returning 1', [
        accountId,
      ]);
      return rows.length === 1;
    },
  };
}
