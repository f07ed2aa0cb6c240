/** The answer to a refresh, kept for a moment so that a second tab or a lost answer gets the same again; leases. */
export const up = `
alter table oidc_artifact
  -- AES-256-GCM under a key that only the presented token gives
  add column replay_answer text,
  -- SHA-256 of who asked for what: client, sender key, scope, resource, authorization details
  add column replay_fingerprint bytea,
  -- the refresh token that the answer brought; once that one is used, nobody needs the answer any more
  add column successor_hash bytea;
create index oidc_artifact_replay on oidc_artifact (consumed_at) where replay_answer is not null;

-- Work that one process does for all: who does it, until when, and how often it has changed hands.
create table lease (
  name text collate "C" constraint lease_pkey primary key,
  owner text not null,
  fence bigint not null,
  held_until timestamptz not null
);
`;

export const down = `
drop table lease;
drop index oidc_artifact_replay;
alter table oidc_artifact drop column replay_answer, drop column replay_fingerprint, drop column successor_hash;
`;
