/** Why a user is disabled and since when, when a password was made and used last, and deliveries by their state. */
export const up = `
alter table account
  add column disabled_at timestamptz,
  -- in the words of the operator
  add column disabled_reason text;

alter table password_credential
  -- unknown of those that were there before
  add column created_at timestamptz,
  -- to the minute
  add column last_used_at timestamptz;

create index outbox_message_by_state on outbox_message (state, created_at, id);
create index outbox_message_by_kind on outbox_message (kind, created_at, id);

-- Settings that an operator has changed while the server runs; what the environment says is stronger.
create table runtime_setting (
  name text collate "C" constraint runtime_setting_pkey primary key,
  value text not null,
  changed_at timestamptz not null,
  changed_by text
);
insert into change_mark (topic, mark) values ('setting', gen_random_uuid());
create constraint trigger runtime_setting_changed after insert or update or delete on runtime_setting
  deferrable initially deferred for each row execute function leave_change_mark('setting');
`;

export const down = `
drop table runtime_setting;
delete from change_mark where topic = 'setting';
drop index outbox_message_by_kind, outbox_message_by_state;
alter table password_credential drop column last_used_at, drop column created_at;
alter table account drop column disabled_reason, drop column disabled_at;
`;
