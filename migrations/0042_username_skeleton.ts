/** What user names look like, so that no two look the same; rows of names that were there before are added at the next start. */
export const up = `
create table username_skeleton (
  -- UTS #39; of two names that looked the same before this table was made, the later one has its account's id behind it
  skeleton text collate "C" constraint username_skeleton_pkey primary key,
  account_id text collate "C" not null constraint username_skeleton_one_of_a_kind unique
    constraint username_skeleton_account references account on delete cascade
);
`;

export const down = `
drop table username_skeleton;
`;
