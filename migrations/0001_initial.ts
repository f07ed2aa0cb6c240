/** Accounts, credentials, clients, keys, artifacts of the engine, audit log, mailbox. */
export const up = `
create table role (
  name text collate "C" constraint role_pkey primary key,
  description text not null,
  built_in boolean not null default false,
  created_at timestamptz not null
);

create table account (
  id text collate "C" constraint account_pkey primary key,
  email text,
  email_verified boolean not null default false,
  username text,
  profile jsonb not null default '{}',
  -- profile.name, folded
  search_name text collate "C" not null default '',
  status text not null constraint account_status_known check (status in ('active', 'disabled')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create index account_page on account (created_at, id);
create index account_by_search_name on account (search_name);

-- One namespace for e-mail addresses and user names, folded: what a person types to sign in.
create table login_name (
  name text collate "C" constraint login_name_pkey primary key,
  account_id text collate "C" not null constraint login_name_account references account on delete cascade,
  kind text not null constraint login_name_kind_known check (kind in ('email', 'username')),
  constraint login_name_one_of_a_kind unique (account_id, kind)
);

create table account_role (
  account_id text collate "C" not null constraint account_role_account references account on delete cascade,
  role_name text collate "C" not null constraint account_role_role references role,
  granted_at timestamptz not null,
  constraint account_role_pkey primary key (account_id, role_name)
);
create index account_role_by_role on account_role (role_name);

create table password_credential (
  account_id text collate "C" constraint password_credential_pkey primary key
    constraint password_credential_account references account on delete cascade,
  hash text not null,
  key_id text not null,
  changed_at timestamptz not null
);

create table client (
  id text collate "C" constraint client_pkey primary key,
  metadata jsonb not null,
  search_name text collate "C" not null,
  built_in boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create index client_page on client (created_at, id);
create index client_by_search_name on client (search_name);
create index client_by_folded_id on client (lower(id));

create table client_secret (
  id text collate "C" constraint client_secret_pkey primary key,
  client_id text collate "C" not null constraint client_secret_client references client on delete cascade,
  hash text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz
);
create index client_secret_by_client on client_secret (client_id);

create table signing_key (
  kid text collate "C" constraint signing_key_pkey primary key,
  purpose text not null,
  -- JWK, AES-256-GCM under an encryption key named in the envelope
  jwk_encrypted text not null,
  created_at timestamptz not null
);

create table oidc_artifact (
  model text collate "C" not null,
  id_hash bytea not null,
  payload jsonb not null,
  grant_id text collate "C",
  account_id text collate "C",
  client_id text collate "C",
  uid_hash bytea,
  user_code_hash bytea,
  expires_at timestamptz,
  consumed_at timestamptz,
  constraint oidc_artifact_pkey primary key (model, id_hash)
);
create index oidc_artifact_by_grant on oidc_artifact (grant_id) where grant_id is not null;
create index oidc_artifact_by_account on oidc_artifact (account_id) where account_id is not null;
create index oidc_artifact_by_client on oidc_artifact (client_id) where client_id is not null;
create index oidc_artifact_by_uid on oidc_artifact (model, uid_hash) where uid_hash is not null;
create unique index oidc_artifact_by_user_code on oidc_artifact (model, user_code_hash) where user_code_hash is not null;
create index oidc_artifact_by_expiry on oidc_artifact (expires_at);

-- What an account agreed to, per client: outlives the grants of single sign-ins.
create table consent (
  account_id text collate "C" not null constraint consent_account references account on delete cascade,
  client_id text collate "C" not null constraint consent_client references client on delete cascade,
  -- {"openid": ["profile"], "claims": [], "resources": {"https://api.example": ["read"]}}
  agreed jsonb not null,
  granted_at timestamptz not null,
  updated_at timestamptz not null,
  constraint consent_pkey primary key (account_id, client_id)
);
create index consent_by_client on consent (client_id);

create table audit_event (
  id bigint generated always as identity constraint audit_event_pkey primary key,
  occurred_at timestamptz not null,
  type text not null,
  actor_kind text not null,
  actor_id text,
  actor_client_id text,
  client_id text,
  account_id text,
  ip text,
  user_agent text,
  request_id text,
  data jsonb not null
);
create index audit_event_by_time on audit_event (occurred_at);
create index audit_event_by_account on audit_event (account_id, id) where account_id is not null;

-- The link that makes the first administrator: at most one row, so at most one is live.
create table admin_link (
  only_one boolean default true constraint admin_link_pkey primary key
    constraint admin_link_only_one check (only_one),
  token_hash bytea not null,
  expires_at timestamptz not null
);

create table mailbox_message (
  id bigint generated always as identity constraint mailbox_message_pkey primary key,
  sent_at timestamptz not null,
  recipient text not null,
  subject text not null,
  text_body text not null,
  html_body text not null
);

insert into role (name, description, built_in, created_at)
values ('admin', 'Every permission of the admin API.', true, now());
`;

export const down = `
drop table mailbox_message, admin_link, audit_event, consent, oidc_artifact, signing_key, client_secret, client,
  password_credential, account_role, login_name, account, role;
`;
