import { createHash } from 'node:crypto';
import pg from 'pg';

/** How much of everything; whatever is not named follows from the accounts. */
export interface Amount {
  accounts: number;
  clients: number;
}

/**
 * Rows that one account has left with the engine: what somebody leaves who uses two apps every day. Used refresh tokens stay
 * until they expire, so that a second use is noticed.
 */
const perAccount = { sessions: 1, grants: 2, usedRefreshTokens: 10, refreshTokens: 2, shortLived: 5 };

/** Of the access tokens of an account, the one that is alive for half an hour at least. */
const lasting = 4;

/** A token of the account of this number, alive when everything was just made. */
export const accessTokenOf = (account: number): string => `access-${account}-${lasting}`;

/** A refresh token of the account of this number that was not used yet, and the public client that it was issued to. */
export function refreshTokenOf(account: number, clients: number): { token: string; clientId: string } {
  const seed = `client ${account % clients}`;
  return {
    token: `refresh-${account}-${perAccount.usedRefreshTokens}`,
    clientId: createHash('sha256').update(seed).digest('base64url').slice(0, 22),
  };
}

/** Rows of the engine, in all tables. */
export const artifactsOf = ({ accounts }: Pick<Amount, 'accounts'>): number =>
  accounts * Object.values(perAccount).reduce((sum, count) => sum + count, 0);

/** Accounts of one statement: long enough to be fast, short enough to tell how far it is. */
const batch = 50_000;

/**
 * Fills a database that has its schema with accounts, clients, consents, audit events and what the engine leaves: as wide as
 * the real ones, each hash, id and expiry another one. Clients are public ones and tokens are made from numbers, so that a
 * measurement can use them from all over the tables.
 *
 * @param told after each part of the work
 */
export async function makeManyRows(
  url: string,
  { accounts, clients }: Amount,
  told: (accounts: number) => void = () => {},
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`set synchronous_commit = off; set maintenance_work_mem = '256MB'; ${functions}`);
    const indexes = await takeIndexesAway(client);
    await client.query(clientRows, [clients]);
    await client.query(
      `insert into role (name, description, created_at) select 'role ' || n, 'Made.', now() from generate_series(0, 99) n`,
    );
    await client.query(ofRoles);
    await client.query(resourceServerRows, [clients]);
    for (let first = 1; first <= accounts; first += batch) {
      const last = Math.min(accounts, first + batch - 1);
      for (const statement of ofAccounts) await client.query(statement(first, last, clients));
      told(last);
    }
    // Last, so that they are alive for a while when all is done.
    for (let first = 1; first <= accounts; first += batch)
      await client.query(shortLivedRows(first, Math.min(accounts, first + batch - 1), clients));
    await client.query(chainRows);
    for (const definition of indexes) await client.query(definition);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/**
 * Indexes that only look-ups need, as a restored backup gets them: it takes half the time to make them afterwards. Those of
 * constraints stay.
 *
 * @returns the statements that make them again
 */
async function takeIndexesAway(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(`
    select c.oid::regclass::text as name, pg_get_indexdef(c.oid) as definition
    from pg_class c join pg_index i on i.indexrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and not c.relispartition
      and not exists (select 1 from pg_constraint where conindid = c.oid)`);
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '));
}

/** Ids as the server makes them, from a seed: 16 or 32 bytes in base64url. */
const functions = `
  create function pg_temp.id43(seed text) returns text language sql immutable parallel safe as
    $$ select translate(rtrim(encode(sha256(convert_to(seed, 'UTF8')), 'base64'), '='), '+/', '-_') $$;
  create function pg_temp.id22(seed text) returns text language sql immutable parallel safe as
    $$ select left(pg_temp.id43(seed), 22) $$;
  create function pg_temp.hash(id text) returns bytea language sql immutable parallel safe as
    $$ select sha256(convert_to(id, 'UTF8')) $$;
  create function pg_temp.seconds() returns bigint language sql stable parallel safe as
    $$ select floor(extract(epoch from now()))::bigint $$;
  create function pg_temp.client_of(n bigint, clients bigint) returns text language sql immutable parallel safe as
    $$ select pg_temp.id22('client ' || n % clients) $$`;

const clientRows = `
  with made as (
    insert into client (id, metadata, search_name, created_at, updated_at)
    select pg_temp.id22('client ' || n), jsonb_build_object('scope', 'openid profile email address phone offline_access roles',
      'profile', 'default', 'client_name', 'App ' || n, 'grant_types', '["authorization_code", "refresh_token"]'::jsonb,
      'require_pkce', true, 'skip_consent', false, 'subject_type', 'public', 'application_type', 'web', 'require_auth_time', false,
      'dpop_bound_access_tokens', false, 'require_pushed_authorization_requests', false, 'post_logout_redirect_uris', '[]'::jsonb,
      'id_token_signed_response_alg', 'RS256',
      'redirect_uris', jsonb_build_array('https://app-' || n || '.example/callback'), 'response_types', '["code"]'::jsonb,
      'introspection_scope', 'own', 'token_endpoint_auth_method', 'none'),
      'app ' || n, now() - n * interval '1 minute', now() - n * interval '1 minute'
    from generate_series(0, $1::int - 1) n
    returning id, created_at
  )
  insert into client_secret (id, client_id, hash, created_at)
  select pg_temp.id22('secret ' || id), id, pg_temp.id43(id), created_at from made`;

/** As many as there are clients: some in each state that the janitor knows. */
const resourceServerRows = `
  with made as (
    insert into resource_server (id, resource, name, search_name, access_token_format, access_token_ttl, every_client, scope_policy,
      created_at, updated_at, deleted_at)
    select pg_temp.id22('api ' || n), 'urn:api:' || n, 'API ' || n, 'api ' || n, 'jwt', 600, false, 'narrow',
      now() - n * interval '1 minute', now(), case when n % 100 = 0 then now() end
    from generate_series(0, $1::int - 1) n
    returning id
  ), scopes as (
    insert into resource_server_scope (resource_server_id, name, position, description, restricted)
    select id, 'scope' || position, position, 'Do something.', position = 0 from made, generate_series(0, 9) position
  )
  insert into resource_server_client (resource_server_id, client_id)
  select made.id, listed.id from made cross join (select id from client order by id limit 3) listed`;

/** What roles allow and contain; and every tenth client has one. */
const ofRoles = `
  insert into role_permission (role_name, resource, scope)
  select 'role ' || n, 'https://api-' || n || '.example', 'scope:' || m from generate_series(0, 99) n, generate_series(1, 20) m;
  insert into role_inclusion (role_name, contained_name)
  select 'role ' || n, 'role ' || n + 1 from generate_series(0, 98) n where n % 5 <> 4;
  insert into client_role (client_id, role_name, granted_at)
  select id, 'role ' || row_number() over () % 100, now() from client where ascii(id) % 10 = 0`;

/** Without seals: nobody verifies these. */
const chainRows = `
  insert into audit_chain (seq, chained_at, event_id, recorded_at, key_id, mac)
  select (select coalesce(max(seq), 0) from audit_chain) + row_number() over (order by id), recorded_at, id, recorded_at, 'made', '\\x00'
  from audit_event where id not in (select event_id from audit_chain)`;

type OfAccounts = (first: number, last: number, clients: number) => string;

const series = (first: number, last: number): string =>
  `generate_series(${first}::bigint, ${last}::bigint) n`;

const account = `pg_temp.id22('account ' || n)`;

const ofAccounts: readonly OfAccounts[] = [
  (first, last, clients) => `
    insert into client_error (id, client_id, code, endpoint, error, collective, facts, times, first_seen_at, last_seen_at, samples)
    select left(pg_temp.id43('refusal ' || n), 14), pg_temp.client_of(n, ${clients}), case when n % 2 = 0 then 'secret_wrong' else 'code_used' end,
      'token', 'invalid_grant', false, '{}', 1, now() - n * interval '10 seconds', now(),
      jsonb_build_array(jsonb_build_object('at', now(), 'request_id', pg_temp.id22('request ' || n), 'facts', '{}'::jsonb))
    from ${series(first, last)}`,
  (first, last) => `
    insert into account (id, email, email_verified, profile, search_name, status, created_at, updated_at)
    select ${account}, 'person.number.' || n || '@example.org', true,
      jsonb_build_object('name', 'Given' || n % 5000 || ' Family' || n, 'given_name', 'Given' || n % 5000, 'family_name', 'Family' || n,
        'locale', 'en'),
      'given' || n % 5000 || ' family' || n, 'active', now() - n * interval '1 second', now() - n * interval '1 second'
    from ${series(first, last)}`,
  (first, last) => `
    insert into account_role (account_id, role_name, granted_at, expires_at)
    select ${account}, 'role ' || n % 100, now(), case when n % 50 = 0 then now() + n * interval '1 second' end
    from ${series(first, last)} where n % 5 = 0`,
  (first, last) => `
    insert into login_name (name, account_id, kind)
    select 'person.number.' || n || '@example.org', ${account}, 'email' from ${series(first, last)}`,
  (first, last) => `
    insert into login_name (name, account_id, kind)
    select 'person.' || n, ${account}, 'username' from ${series(first, last)} where n % 2 = 0`,
  (first, last) => `
    insert into username_skeleton (skeleton, account_id)
    select 'person.' || n, ${account} from ${series(first, last)} where n % 2 = 0`,
  (first, last) => `
    insert into password_credential (account_id, hash, key_id, changed_at)
    select ${account}, '$argon2id$v=19$m=19456,t=2,p=1$' || pg_temp.id22('salt ' || n) || '$' || pg_temp.id43('hash ' || n),
      '56127983', now() from ${series(first, last)}`,
  (first, last, clients) => `
    insert into consent (account_id, client_id, agreed, granted_at, updated_at)
    select ${account}, pg_temp.client_of(n + app, ${clients}),
      jsonb_build_object('openid', '["email", "openid", "profile"]'::jsonb, 'claims', '[]'::jsonb, 'resources',
        case when n % 10 = 0 then jsonb_build_object('urn:api:' || n % ${clients}, '["read"]'::jsonb) else '{}' end), now(), now()
    from ${series(first, last)}, generate_series(0, ${perAccount.grants - 1}) app`,
  (first, last, clients) => `
    insert into audit_event (occurred_at, type, actor_kind, actor_id, client_id, account_id, ip, user_agent, request_id, data)
    select now() - random() * interval '90 days', 'signin.succeeded', 'anonymous', null, pg_temp.client_of(n, ${clients}),
      ${account}, '203.0.113.' || n % 256, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      pg_temp.id22('request ' || n || ' ' || time), '{"amr": ["pwd"]}'
    from ${series(first, last)}, generate_series(1, 2) time`,
  (first, last, clients) => `
    insert into oidc_artifact (model, id_hash, payload, account_id, uid_hash, expires_at)
    select 'Session', pg_temp.hash('session ' || n), jsonb_build_object('acr', 'urn:gatehouse:acr:1fa', 'amr', '["pwd"]'::jsonb,
      'iat', pg_temp.seconds(), 'uid', pg_temp.id43('uid ' || n), 'loginTs', pg_temp.seconds(), 'authorizations', jsonb_build_object(
        pg_temp.client_of(n, ${clients}), jsonb_build_object('sid', pg_temp.id43('sid ' || n), 'grantId', pg_temp.id43('grant ' || n || ' 0')),
        pg_temp.client_of(n + 1, ${clients}), jsonb_build_object('sid', pg_temp.id43('sid1 ' || n), 'grantId', pg_temp.id43('grant ' || n || ' 1')))),
      ${account}, pg_temp.hash(pg_temp.id43('uid ' || n)), now() + (random() - 0.01) * interval '1 day'
    from ${series(first, last)}`,
  (first, last) => `
    insert into session_detail (uid_hash, account_id, ip, user_agent, first_seen_at, last_seen_at)
    select pg_temp.hash(pg_temp.id43('uid ' || n)), ${account}, '203.0.113.' || n % 250,
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', now() - interval '1 hour',
      now() - random() * interval '1 day' from ${series(first, last)}`,
  (first, last, clients) => `
    insert into oidc_artifact (model, id_hash, payload, account_id, client_id, expires_at)
    select 'Grant', pg_temp.hash(pg_temp.id43('grant ' || n || ' ' || app)),
      jsonb_build_object('iat', pg_temp.seconds(), 'openid', '{"scope": "openid profile email"}'::jsonb), ${account}, pg_temp.client_of(n + app, ${clients}),
      now() + (random() + 0.1) * interval '90 days'
    from ${series(first, last)}, generate_series(0, ${perAccount.grants - 1}) app`,
  (first, last, clients) => `
    insert into oidc_artifact (model, id_hash, payload, grant_id, account_id, client_id, expires_at, consumed_at, successor_hash)
    select 'RefreshToken', pg_temp.hash('refresh-' || n || '-' || turn), jsonb_build_object('acr', 'urn:gatehouse:acr:1fa',
        'amr', '["pwd"]'::jsonb, 'gty', 'authorization_code refresh_token', 'iat', pg_temp.seconds(), 'iiat', pg_temp.seconds(),
        'scope', 'openid profile email', 'authTime', pg_temp.seconds(), 'rotations', turn / 2, 'sessionUid', pg_temp.id43('uid ' || n)),
      pg_temp.id43('grant ' || n || ' ' || turn % 2), ${account}, pg_temp.client_of(n + turn % 2, ${clients}),
      now() + (random() + case when turn < ${perAccount.usedRefreshTokens} then -0.01 else 0.1 end) * interval '14 days',
      case when turn < ${perAccount.usedRefreshTokens} then now() - random() * interval '14 days' end,
      case when turn < ${perAccount.usedRefreshTokens} then pg_temp.hash('refresh-' || n || '-' || turn + 2) end
    from ${series(first, last)}, generate_series(0, ${perAccount.usedRefreshTokens + perAccount.refreshTokens - 1}) turn`,
  (first, last) => `
    insert into used_identifier (id_hash, expires_at)
    select pg_temp.hash('used ' || n), now() + (random() - 0.1) * interval '5 minutes' from ${series(first, last)}`,
  (first, last) => `
    insert into revoked_token (jti_hash, expires_at)
    select pg_temp.hash('revoked ' || n), now() + (random() - 0.1) * interval '10 minutes' from ${series(first, last)}`,
  (first, last) => `
    insert into one_time_link (token_hash, purpose, subject_id, address, data, created_at, expires_at)
    select pg_temp.hash('link ' || n), 'reset_password', ${account}, 'person.number.' || n || '@example.org', '{}', now(),
      now() + (random() - 0.5) * interval '1 day' from ${series(first, last)}`,
  (first, last) => `
    insert into outbox_message (id, kind, account_id, state, created_at, due_at, attempts, finished_at)
    select pg_temp.id22('message ' || n), 'password_changed', ${account}, case when n % 20 = 0 then 'waiting' else 'delivered' end,
      now() - random() * interval '7 days', now() + (random() - 0.9) * interval '7 days', 1,
      case when n % 20 = 0 then null else now() - random() * interval '7 days' end from ${series(first, last)}`,
  (first, last) => `
    insert into sign_up (id, email, folded_email, profile, password_hash, password_key_id, browser_hash, interaction, client_id,
      created_at, expires_at, confirmed_at)
    select pg_temp.id22('sign-up ' || n), 'new.' || n || '@example.org', 'new.' || n || '@example.org', '{}', '$argon2id$', '56127983',
      pg_temp.hash('browser ' || n), pg_temp.id22('interaction ' || n), 'app', now(), now() + (random() - 0.5) * interval '1 day',
      case when n % 2 = 0 then now() end from ${series(first, last)}`,
  (first, last) => `
    insert into invitation (id, email, folded_email, roles, created_at, expires_at, account_id)
    select pg_temp.id22('invitation ' || n), 'invited.' || n || '@example.org', 'invited.' || n || '@example.org', '{}',
      now() - n * interval '1 second', now() + interval '1 day', ${account} from ${series(first, last)}`,
  (first, last) => `
    insert into notification_address (account_id, address, verified_at)
    select ${account}, 'second.' || n || '@example.org', now() from ${series(first, last)}`,
  (first, last) => `
    insert into account_deletion (account_id, asked_at, due_at)
    select ${account}, now(), now() + random() * interval '30 days' from ${series(first, last)} where n % 10 = 0`,
  (first, last) => `
    insert into account_picture (account_id, name, image, uploaded_at)
    select ${account}, pg_temp.id43('picture ' || n), '\\x00', now() from ${series(first, last)} where n % 10 = 0`,
  (first, last) => `
    insert into support_session (id, operator_id, account_id, reason, minutes, asked_at, begin_until)
    select md5('support ' || n), ${account}, ${account}, 'The export fails, ticket ' || n, 30, now() - n * interval '1 minute',
      now() - n * interval '1 minute' + interval '10 minutes' from ${series(first, last)} where n % 10 = 0`,
  (first, last) => `
    insert into terms_acceptance (account_id, version, accepted_at)
    select ${account}, '2026-01', now() from ${series(first, last)}`,
  (first, last) => `
    insert into bulk_job (id, collection, sub, client_id, caller, is_dry_run, total, done, created_at, started_at, finished_at)
    select pg_temp.id22('job ' || n), 'users', ${account}, 'job-' || n % 10, '{}', false, 1, 1, now() - n * interval '1 second',
      now(), now() from ${series(first, last)} where n % 20 = 0`,
  (first, last) => `
    insert into bulk_row (job_id, number, status)
    select pg_temp.id22('job ' || n), 1, 204 from ${series(first, last)} where n % 20 = 0`,
  (first, last) => `
    insert into kept_answer (request_hash, answer_encrypted, expires_at)
    select pg_temp.hash('request ' || n), 'v1.tests.x', now() + random() * interval '1 day' from ${series(first, last)}`,
  (first, last) => `
    insert into mail_allowance (key_hash, sent_at, last_at)
    select pg_temp.hash('mail ' || n), array[now()], now() - random() * interval '30 minutes' from ${series(first, last)}`,
  (first, last) => `
    insert into known_device (id, account_id, token_hash, first_seen_at, last_seen_at, user_agent)
    select pg_temp.id22('device ' || n || ' ' || device), ${account}, pg_temp.hash('device ' || n || ' ' || device), now(),
      now() - random() * interval '360 days', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
    from ${series(first, last)}, generate_series(1, 2) device`,
  (first, last) => `
    insert into sign_in_counter (subject, account_id, failures, refused, open_at, last_at, attempt)
    select case when n % 2 = 0 then 'account ' || ${account} else 'unknown number ' || n end, case when n % 2 = 0 then ${account} end,
      1 + n % 4, 0, now(), now() - random() * interval '1 day', pg_temp.id22('attempt ' || n)
    from ${series(first, last)}`,
  (first, last) => `
    insert into failed_sign_in (attempt, at, network, subject)
    select pg_temp.id22('attempt ' || n), now() - random() * interval '10 minutes', '203.0.' || n % 250 || '.' || n % 256,
      'unknown number ' || n from ${series(first, last)}`,
  (first, last) => `
    insert into sign_in_alarm (subject, event, until)
    select 'network ' || n, pg_temp.id22('alarm ' || n), now() + random() * interval '10 minutes' from ${series(first, last)}`,
];

/** From half an hour ago to an hour ahead there is something in each of the four tables. */
const shortLivedRows: OfAccounts = (first, last, clients) => `
    insert into short_lived_artifact (slot, model, id_hash, payload, grant_id, account_id, client_id, expires_at, consumed_at)
    select floor(extract(epoch from until) / 1800)::bigint % 4,
      case when turn = 0 then 'AuthorizationCode' else 'AccessToken' end, pg_temp.hash('access-' || n || '-' || turn),
      jsonb_build_object('gty', 'authorization_code', 'iat', pg_temp.seconds(), 'scope', 'openid profile email',
        'sessionUid', pg_temp.id43('uid ' || n)) || case when turn = 0 then jsonb_build_object('acr', 'urn:gatehouse:acr:1fa',
        'amr', '["pwd"]'::jsonb, 'nonce', pg_temp.id43('nonce ' || n), 'authTime', pg_temp.seconds(), 'redirectUri', 'https://app.example/callback',
        'codeChallenge', pg_temp.id43('challenge ' || n), 'codeChallengeMethod', 'S256') else '{}' end,
      pg_temp.id43('grant ' || n || ' ' || turn % 2), ${account}, pg_temp.client_of(n + turn % 2, ${clients}), until,
      case when turn = 0 then now() end
    from (
      select n, turn, now() + case when turn = ${lasting} then 30 + random() * 30 else random() * 90 - 30 end * interval '1 minute' as until
      from ${series(first, last)}, generate_series(0, ${perAccount.shortLived - 1}) turn
    ) made`;
