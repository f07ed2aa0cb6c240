import { type Agreed, type ConsentStore, mergeAgreed } from '../../../server/sessions/consent.ts';
import type { Database } from '../connection/database.ts';

interface ConsentRow {
  account_id: string;
  client_id: string;
  agreed: Agreed;
  granted_at: Date;
  updated_at: Date;
}

export function makeConsentStore(database: Database): ConsentStore {
  const table = () => database.current()<ConsentRow>('consent');
  return {
    async find(accountId, clientId) {
      const row = await table()
        .where({ account_id: accountId, client_id: clientId })
        .first('agreed', 'granted_at', 'updated_at');
      if (row === undefined) return undefined;
      return {
        accountId,
        clientId,
        agreed: row.agreed,
        grantedAt: row.granted_at,
        updatedAt: row.updated_at,
      };
    },

    async save(consent) {
      await database.inTransaction(async () => {
        const key = { account_id: consent.accountId, client_id: consent.clientId };
        // Makes the row or, if there is one, locks it; whoever comes second sees what the first one added.
        const [row] = await table()
          .insert({
            ...key,
            agreed: consent.agreed,
            granted_at: consent.grantedAt,
            updated_at: consent.updatedAt,
          })
          .onConflict(['account_id', 'client_id'])
          .merge(['updated_at'])
          .returning('agreed');
        if (row === undefined) throw new Error('neither made nor found');
        await table()
          .where(key)
          .update({ agreed: mergeAgreed(row.agreed, consent.agreed) });
      });
    },

    async delete(accountId, clientId) {
      return (await table().where({ account_id: accountId, client_id: clientId }).delete()) === 1;
    },
  };
}
