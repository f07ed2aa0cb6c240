/** Pictures that people have uploaded of themselves. */
export const up = `
create table account_picture (
  account_id text collate "C" constraint account_picture_pkey primary key
    constraint account_picture_account references account on delete cascade,
  -- the part of its address that nobody can guess; another one with each picture
  name text collate "C" not null constraint account_picture_name unique,
  image bytea not null,
  uploaded_at timestamptz not null
);
-- It is compressed already.
alter table account_picture alter column image set storage external;
`;

export const down = `
drop table account_picture;
`;
