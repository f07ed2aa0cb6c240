/** Failed sign-ins, counted before the password is looked at, and the devices on which people have signed in before. */
export const up = `
create table known_device (
  id text collate "C" constraint known_device_pkey primary key,
  account_id text collate "C" not null constraint known_device_account references account on delete cascade,
  -- SHA-256 of what the cookie holds for this account; another one after each sign-in
  token_hash bytea not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  user_agent text,
  constraint known_device_token unique (account_id, token_hash)
);
create index known_device_by_last_seen on known_device (last_seen_at);

create table sign_in_counter (
  -- 'account <id>' for all devices that never signed in to it, 'device <id>' for one that has, 'unknown <number>' for names
  -- that no account has
  subject text collate "C" constraint sign_in_counter_pkey primary key,
  account_id text collate "C" constraint sign_in_counter_account references account on delete cascade,
  -- attempts in a row that were let through and did not succeed, those under way included
  failures integer not null,
  -- attempts that were not let through meanwhile
  refused bigint not null,
  open_at timestamptz not null,
  last_at timestamptz not null,
  -- the last attempt that was let through
  attempt text not null
);
create index sign_in_counter_by_account on sign_in_counter (account_id) where account_id is not null;
create index sign_in_counter_idle on sign_in_counter (last_at) where account_id is null;

-- What network addresses, and all together, have tried without success lately.
create table failed_sign_in (
  attempt text collate "C" constraint failed_sign_in_pkey primary key,
  at timestamptz not null,
  network text collate "C" not null,
  subject text collate "C" not null
);
create index failed_sign_in_by_network on failed_sign_in (network, at);
create index failed_sign_in_by_time on failed_sign_in (at);

-- What operators have been told of, until when it is the same event.
create table sign_in_alarm (
  subject text collate "C" constraint sign_in_alarm_pkey primary key,
  event text not null,
  until timestamptz not null
);
create index sign_in_alarm_by_end on sign_in_alarm (until);
`;

/** Accounts that are locked are open again, and every device is a new one. */
export const down = `
drop table sign_in_alarm, failed_sign_in, sign_in_counter, known_device;
`;
