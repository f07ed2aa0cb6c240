/** Sign-ups that wait for their address to be confirmed: they own no login name, and become accounts by that alone. */
export const up = `
create table sign_up (
  -- becomes the id of the account
  id text collate "C" constraint sign_up_pkey primary key,
  -- as the person wrote it
  email text not null,
  -- as it is compared
  folded_email text collate "C" not null,
  username text,
  profile jsonb not null,
  password_hash text not null,
  password_key_id text not null,
  -- SHA-256 of the secret that the browser holds
  browser_hash bytea not null,
  -- where it began, and where it leads back to
  interaction text collate "C" not null,
  client_id text collate "C" not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  confirmed_at timestamptz,
  -- another one for the same address was first, or the address has an account by now
  ended_at timestamptz
);
-- The same form sent again by the same browser is the same sign-up.
create unique index sign_up_of_browser on sign_up (browser_hash, folded_email) where confirmed_at is null and ended_at is null;
create index sign_up_by_email on sign_up (folded_email);
create index sign_up_by_expiry on sign_up (expires_at);
`;

export const down = `
drop table sign_up;
`;
