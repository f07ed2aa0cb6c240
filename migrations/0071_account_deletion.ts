/** Accounts whose owners have asked for their deletion and may still think better of it. */
export const up = `
create table account_deletion (
  account_id text collate "C" constraint account_deletion_pkey primary key
    constraint account_deletion_account references account on delete cascade,
  asked_at timestamptz not null,
  due_at timestamptz not null
);
create index account_deletion_due on account_deletion (due_at);
create index audit_event_by_actor on audit_event (actor_id, id) where actor_kind = 'account';
`;

export const down = `
drop index audit_event_by_actor;
drop table account_deletion;
`;
