/** What is owed to somebody outside, links that are used once, and how much mail an address gets. */
export const up = `
create table outbox_message (
  -- also the identity of a mail: delivered twice, it is the same one
  id text collate "C" constraint outbox_message_pkey primary key,
  kind text not null,
  -- whom it concerns, where that is known
  account_id text collate "C",
  -- AES-256-GCM under an encryption key named in the envelope: it holds links; gone once it is finished
  payload_encrypted text,
  state text not null constraint outbox_message_state_known check (state in ('waiting', 'delivered', 'dead', 'expired')),
  created_at timestamptz not null,
  due_at timestamptz not null,
  -- from then on it is of no use to anybody
  expires_at timestamptz,
  attempts integer not null default 0,
  -- being delivered by one process
  held_until timestamptz,
  finished_at timestamptz,
  last_error text
);
create index outbox_message_due on outbox_message (due_at) where state = 'waiting';
create index outbox_message_finished on outbox_message (finished_at) where finished_at is not null;
create index outbox_message_by_account on outbox_message (account_id) where account_id is not null;
create index outbox_message_page on outbox_message (created_at, id);

-- What a mail lets its reader do once. No reference to the account: a sign-up has none yet.
create table one_time_link (
  token_hash bytea constraint one_time_link_pkey primary key,
  purpose text not null,
  subject_id text collate "C" not null,
  -- where it was sent to
  address text not null,
  data jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- by a newer one, or by a change that it must not survive
  ended_at timestamptz
);
create index one_time_link_by_subject on one_time_link (subject_id, purpose);
create index one_time_link_by_expiry on one_time_link (expires_at);

create table mail_allowance (
  -- SHA-256 of what is counted: an address and a kind of mail
  key_hash bytea constraint mail_allowance_pkey primary key,
  sent_at timestamptz[] not null,
  last_at timestamptz not null
);
create index mail_allowance_by_age on mail_allowance (last_at);
`;

export const down = `
drop table mail_allowance, one_time_link, outbox_message;
`;
