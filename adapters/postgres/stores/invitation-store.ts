import { foldLoginName } from '../../../server/accounts/account.ts';
import type { Invitation, InvitationStore } from '../../../server/accounts/invitations/invitation.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';
import { attemptWrite } from './constraints.ts';
import { pageAfter, toPage } from './paging.ts';

interface InvitationRow {
  id: string;
  email: string;
  roles: string[];
  client_id: string | null;
  created_at: Date;
  expires_at: Date;
  accepted_at: Date | null;
  revoked_at: Date | null;
  account_id: string | null;
}

const columns = [
  'id',
  'email',
  'roles',
  'client_id',
  'created_at',
  'expires_at',
  'accepted_at',
  'revoked_at',
  'account_id',
];

export function makeInvitationStore(database: Database): InvitationStore {
  return {
    insert: (invitation) =>
      attemptWrite(database, ['client_not_found'], async (db) => {
        const { id, email, roles, clientId, createdAt, expiresAt } = invitation;
        await db('invitation').insert({
          id,
          email,
          folded_email: foldLoginName(email),
          roles,
          client_id: clientId,
          created_at: createdAt,
          expires_at: expiresAt,
        });
        return { kind: 'written' } as const;
      }),

    async find(id) {
      const row: InvitationRow | undefined = await database
        .current()('invitation')
        .where({ id })
        .first(...columns);
      return row && toInvitation(row);
    },

    async list({ after, limit }) {
      const select = database
        .current()('invitation')
        .select(...columns);
      pageAfter(select, after, limit);
      const rows: InvitationRow[] = await select;
      return toPage(rows.map(toInvitation), limit);
    },

    async accept(id, accountId, now) {
      const rows = await runSql<InvitationRow>(
        database,
        `update invitation set accepted_at = ?, account_id = ?
         where id = ? and accepted_at is null and revoked_at is null and expires_at > ?
         returning ${columns.join(', ')}`,
        [now, accountId, id, now],
      );
      return rows[0] && toInvitation(rows[0]);
    },

    async revoke(id, now) {
      const rows = await runSql(
        database,
        `update invitation set revoked_at = ? where id = ? and accepted_at is null and revoked_at is null returning 1`,
        [now, id],
      );
      return rows.length === 1;
    },
  };
}

function toInvitation(row: InvitationRow): Invitation {
  return {
    id: row.id,
    email: row.email,
    roles: row.roles,
    clientId: row.client_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    acceptedAt: row.accepted_at,
    revokedAt: row.revoked_at,
    accountId: row.account_id,
  };
}
