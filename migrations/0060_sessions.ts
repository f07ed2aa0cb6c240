/** What people see of their sessions, and when what they agreed to was used last. */
export const up = `
-- Beside the session itself, whose row the engine writes: from where it was used, and since when. Removed with everything of
-- its account, and when no session can be that old any more. No reference to the account: who ends one locks the account
-- first and then its sessions, and whoever keeps a session would do it the other way round.
create table session_detail (
  -- SHA-256 of the engine's uid, as in oidc_artifact
  uid_hash bytea constraint session_detail_pkey primary key,
  account_id text collate "C" not null,
  ip text,
  user_agent text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null
);
create index session_detail_by_account on session_detail (account_id);
create index session_detail_by_last_seen on session_detail (last_seen_at);

alter table consent
  -- noted once an hour at most
  add column last_used_at timestamptz;
`;

export const down = `
alter table consent drop column last_used_at;
drop table session_detail;
`;
