/** What operators want to know of people beside the standard claims; the values stand in the profiles of the accounts. */
export const up = `
create table user_attribute (
  name text collate "C" constraint user_attribute_pkey primary key,
  -- under which apps get it
  claim text collate "C" constraint user_attribute_claim unique,
  definition jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null,
  -- nobody sees its values any more; the row goes when the last of them is gone
  deleted_at timestamptz
);

insert into change_mark (topic, mark) values ('user_attribute', gen_random_uuid());
create constraint trigger user_attribute_changed after insert or update or delete on user_attribute
  deferrable initially deferred for each row execute function leave_change_mark('user_attribute');

-- Finds the values of what was deleted. Most people have none at all.
create index account_attribute on account using gin ((profile -> 'attributes')) where profile ? 'attributes';
`;

/** The definitions go; the values stay in the profiles, where the version before does not look for them. */
export const down = `
drop index account_attribute;
drop table user_attribute;
delete from change_mark where topic = 'user_attribute';
`;
