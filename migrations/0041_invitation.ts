/** People whom operators have invited, and what became of it. */
export const up = `
create table invitation (
  id text collate "C" constraint invitation_pkey primary key,
  -- as the operator wrote it
  email text not null,
  -- as it is compared
  folded_email text collate "C" not null,
  -- what the account is to have; a role that is deleted meanwhile is noticed when the account is made
  roles text[] not null,
  -- where the invited person goes on to
  client_id text collate "C" constraint invitation_client references client on delete set null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  account_id text collate "C"
);
create index invitation_page on invitation (created_at, id);
create index invitation_by_client on invitation (client_id) where client_id is not null;
create index invitation_by_email on invitation (folded_email);
`;

export const down = `
drop table invitation;
`;
