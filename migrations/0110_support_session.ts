/** Operators who act in the place of somebody, for a reason and a time. */
export const up = `
create table support_session (
  -- 128 bits, hexadecimal: it stands in an address
  id text collate "C" constraint support_session_pkey primary key,
  operator_id text collate "C" not null constraint support_session_operator references account on delete cascade,
  account_id text collate "C" not null constraint support_session_account references account on delete cascade,
  reason text not null,
  minutes integer not null,
  asked_at timestamptz not null,
  -- the operator must begin before
  begin_until timestamptz not null,
  begun_at timestamptz,
  ends_at timestamptz,
  -- its one browser has been signed in
  entered_at timestamptz,
  ended_at timestamptz
);
create index support_session_by_account on support_session (account_id, asked_at);
create index support_session_by_operator on support_session (operator_id);
create index support_session_by_time on support_session (asked_at);
`;

export const down = `
drop table support_session;
`;
