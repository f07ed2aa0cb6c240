import type { CredentialStore, LoginCandidate } from '../../../server/authn/credential-store.ts';
import type { Clock } from '../../../server/clock.ts';
import type { Database } from '../connection/database.ts';

interface CandidateRow {
  account_id: string;
  status: LoginCandidate['status'];
  hash: string | null;
  key_id: string | null;
  sessions_ended_at: string | null;
}

export function makeCredentialStore(database: Database, clock: Clock): CredentialStore {
  return {
    async findCandidate(foldedLoginName) {
      const row: CandidateRow | undefined = await database
        .current()('login_name')
        .join('account', 'account.id', 'login_name.account_id')
        .leftJoin('password_credential', 'password_credential.account_id', 'account.id')
        .where('login_name.name', foldedLoginName)
        .first(
          'account.id as account_id',
          'account.status',
          'password_credential.hash',
          'password_credential.key_id',
          database.current().raw('account.sessions_ended_at::text as sessions_ended_at'),
        );
      if (row === undefined) return undefined;
      const { account_id: accountId, status, hash, key_id: keyId, sessions_ended_at: sessionsEndedAt } = row;
      const password = hash === null || keyId === null ? undefined : { hash, keyId };
      return { accountId, status, password, sessionsEndedAt };
    },

    async findPassword(accountId) {
      const row: { hash: string; key_id: string } | undefined = await database
        .current()('password_credential')
        .where({ account_id: accountId })
        .first('hash', 'key_id');
      return row && { hash: row.hash, keyId: row.key_id };
    },

    async savePassword(accountId, { hash, keyId }) {
      await database
        .current()('password_credential')
        .insert({ account_id: accountId, hash, key_id: keyId, changed_at: clock.now() })
        .onConflict('account_id')
        .merge(['hash', 'key_id', 'changed_at']);
    },

    // The person has not changed it, so changed_at stays.
    async upgradePassword(accountId, old, fresh) {
      const changed = await database
        .current()('password_credential')
        .where({ account_id: accountId, hash: old.hash, key_id: old.keyId })
        .update({ hash: fresh.hash, key_id: fresh.keyId });
      return changed === 1;
    },
  };
}
