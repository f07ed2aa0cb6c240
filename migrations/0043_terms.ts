/** Which version of the terms of this service people have accepted, and when. */
export const up = `
create table terms_acceptance (
  account_id text collate "C" not null constraint terms_acceptance_account references account on delete cascade,
  version text collate "C" not null,
  accepted_at timestamptz not null,
  constraint terms_acceptance_pkey primary key (account_id, version)
);
-- what was accepted with the form; becomes an acceptance of the account
alter table sign_up add column terms_version text;
`;

export const down = `
alter table sign_up drop column terms_version;
drop table terms_acceptance;
`;
