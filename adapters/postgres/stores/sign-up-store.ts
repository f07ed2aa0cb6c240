import { foldLoginName } from '../../../server/accounts/account.ts';
import type { SignUp, SignUpStore } from '../../../server/accounts/sign-up/sign-up.ts';
import type { Database } from '../connection/database.ts';
import { runSql } from '../connection/run-sql.ts';

interface SignUpRow {
  id: string;
  email: string;
  username: string | null;
  profile: SignUp['profile'];
  password_hash: string;
  password_key_id: string;
  browser_hash: Buffer;
  interaction: string;
  client_id: string;
  terms_version: string | null;
  created_at: Date;
  expires_at: Date;
  confirmed_at: Date | null;
  ended_at: Date | null;
}

const columns =
  'id, email, username, profile, password_hash, password_key_id, browser_hash, interaction, client_id, terms_version, created_at, expires_at, confirmed_at, ended_at';

export function makeSignUpStore(database: Database) {
  return {
    async save(signUp) {
      const { id, email, username, profile, password, browserHash, interaction, clientId } = signUp;
      const rows = await runSql<{ id: string }>(
        database,
        `insert into sign_up (id, email, folded_email, username, profile, password_hash, password_key_id, browser_hash,
           interaction, client_id, terms_version, created_at, expires_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         on conflict (browser_hash, folded_email) where confirmed_at is null and ended_at is null do update
           set email = excluded.email, username = excluded.username, profile = excluded.profile,
             password_hash = excluded.password_hash, password_key_id = excluded.password_key_id,
             interaction = excluded.interaction, client_id = excluded.client_id,
             terms_version = excluded.terms_version, created_at = excluded.created_at,
             expires_at = excluded.expires_at
         returning id`,
        [
          ...[
            id,
            email,
            foldLoginName(email),
            username,
            JSON.stringify(profile),
            password.hash,
            password.keyId,
          ],
          ...[browserHash, interaction, clientId, signUp.termsVersion, signUp.createdAt, signUp.expiresAt],
        ],
      );
      return rows[0]?.id ?? id;
    },

    async find(id) {
      const rows = await runSql<SignUpRow>(database, `select ${columns} from sign_up where id = ?`, [id]);
      return rows[0] && toSignUp(rows[0]);
    },

    async findOfBrowser(browserHash, interaction) {
      const rows = await runSql<SignUpRow>(
        database,
        `select ${columns} from sign_up where browser_hash = ? and interaction = ?
         order by confirmed_at desc nulls last, created_at desc limit 1`,
        [browserHash, interaction],
      );
      return rows[0] && toSignUp(rows[0]);
    },

    async confirm(id, now) {
      const rows = await runSql<SignUpRow>(
        database,
        `with waiting as (
           select folded_email, ${columns} from sign_up
           where id = ? and confirmed_at is null and ended_at is null and expires_at > ?
           for update
         ), confirmed as (
           update sign_up set confirmed_at = ?, password_hash = '' from waiting where sign_up.id = waiting.id
         ), others as (
           update sign_up set ended_at = ?, password_hash = ''
           from waiting
           where sign_up.folded_email = waiting.folded_email and sign_up.id <> waiting.id
             and sign_up.confirmed_at is null and sign_up.ended_at is null
         )
         select ${columns} from waiting`,
        [id, now, now, now],
      );
      return rows[0] && toSignUp(rows[0]);
    },

    async endAll(foldedEmail, now) {
      await runSql(
        database,
        `update sign_up set ended_at = ?, password_hash = ''
         where folded_email = ? and confirmed_at is null and ended_at is null`,
        [now, foldedEmail],
      );
    },

    /** Removes sign-ups a week after they expired: until then their links can say what became of them. Returns how many. */
    async forgetOld(now: Date, most: number): Promise<number> {
      const rows = await runSql(
        database,
        `delete from sign_up where id = any (array(
           select id from sign_up where expires_at < ?::timestamptz - interval '7 days'
           order by expires_at limit ? for update skip locked
         )) returning 1`,
        [now, most],
      );
      return rows.length;
    },
  } satisfies SignUpStore & Record<string, unknown>;
}

function toSignUp(row: SignUpRow): SignUp {
  return {
    id: row.id,
    email: row.email,
    username: row.username,
    profile: row.profile,
    password: { hash: row.password_hash, keyId: row.password_key_id },
    browserHash: row.browser_hash,
    interaction: row.interaction,
    clientId: row.client_id,
    termsVersion: row.terms_version,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    confirmedAt: row.confirmed_at,
    endedAt: row.ended_at,
  };
}
