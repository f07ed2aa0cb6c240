/** A second address at which the owner of an account is told what happens to it. */
export const up = `
create table notification_address (
  account_id text collate "C" constraint notification_address_pkey primary key
    constraint notification_address_account references account on delete cascade,
  address text not null,
  verified_at timestamptz not null
);
`;

export const down = `
drop table notification_address;
`;
