/** Access tokens that nobody stores: those that were revoked one by one, and what a service's own hang from. */
export const up = `
alter table client
  -- stands in the tokens that a service gets for itself; another one ends them all
  add column token_ref text not null default gen_random_uuid()::text;

create table revoked_token (
  jti_hash bytea constraint revoked_token_pkey primary key,
  expires_at timestamptz not null
);
create index revoked_token_by_expiry on revoked_token (expires_at);
`;

/** Tokens that were revoked are accepted again until they expire. */
export const down = `
drop table revoked_token;
alter table client drop column token_ref;
`;
