/**
 * Codes, pushed requests and access tokens lie in four tables that are emptied whole, one after the other, when all that is
 * in them has expired; used identifiers have a narrow table; and an account knows since when its sessions have ended.
 */
export const up = `
create table short_lived_artifact (
  -- of the half hour in which it expires: every fourth shares a table
  slot smallint not null,
  model text collate "C" not null,
  id_hash bytea not null,
  payload jsonb not null,
  grant_id text collate "C",
  account_id text collate "C",
  client_id text collate "C",
  expires_at timestamptz not null,
  consumed_at timestamptz,
  constraint short_lived_artifact_pkey primary key (id_hash, slot)
) partition by list (slot);
create table short_lived_artifact_0 partition of short_lived_artifact for values in (0);
create table short_lived_artifact_1 partition of short_lived_artifact for values in (1);
create table short_lived_artifact_2 partition of short_lived_artifact for values in (2);
create table short_lived_artifact_3 partition of short_lived_artifact for values in (3);
create index short_lived_artifact_by_grant on short_lived_artifact (grant_id) where grant_id is not null;
create index short_lived_artifact_by_account on short_lived_artifact (account_id) where account_id is not null;
create index short_lived_artifact_by_client on short_lived_artifact (client_id) where client_id is not null;

create table used_identifier (
  id_hash bytea constraint used_identifier_pkey primary key,
  expires_at timestamptz not null
);
create index used_identifier_by_expiry on used_identifier (expires_at);

alter table account
  -- nothing that was proven before counts any more
  add column sessions_ended_at timestamptz;

-- A uid is that of one session, whatever its cookie is now.
drop index oidc_artifact_by_uid;
create unique index oidc_artifact_by_uid on oidc_artifact (model, uid_hash) where uid_hash is not null;
`;

export const down = `
drop index oidc_artifact_by_uid;
create index oidc_artifact_by_uid on oidc_artifact (model, uid_hash) where uid_hash is not null;
alter table account drop column sessions_ended_at;
drop table used_identifier, short_lived_artifact;
`;
