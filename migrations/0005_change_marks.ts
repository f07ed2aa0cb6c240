/**
 * Marks by which every process sees that something which it keeps in memory has been changed, by whomever: another process,
 * a command, an older version, somebody at a database prompt.
 */
export const up = `
create table change_mark (
  topic text collate "C" constraint change_mark_pkey primary key,
  mark uuid not null
);
insert into change_mark (topic, mark) values ('client', gen_random_uuid());

-- The mark is for those who look, the notice for those who listen; both with the commit, or not at all.
create function leave_change_mark() returns trigger language plpgsql set search_path from current as $$
begin
  update change_mark set mark = gen_random_uuid() where topic = tg_argv[0];
  perform pg_notify('gatehouse_change', tg_argv[0]);
  return null;
end
$$;

-- Deferred to the commit: until then nobody has to wait for the row of the mark. A client that is new is in no memory.
create constraint trigger client_changed after update or delete on client
  deferrable initially deferred for each row execute function leave_change_mark('client');
create constraint trigger client_secret_changed after insert or delete or update of client_id, hash, expires_at on client_secret
  deferrable initially deferred for each row execute function leave_change_mark('client');
`;

export const down = `
drop trigger client_secret_changed on client_secret;
drop trigger client_changed on client;
drop function leave_change_mark();
drop table change_mark;
`;
