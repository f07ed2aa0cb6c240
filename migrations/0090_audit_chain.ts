/**
 * The audit log shows tampering: each row is sealed when it is written, one process after the other gives the rows their place
 * in a chain, and months lie in partitions of their own. Rows that are there already are chained first, without seals.
 */
export const up = `
alter table audit_event rename to earlier_event;
alter table earlier_event rename constraint audit_event_pkey to earlier_event_pkey;
alter sequence audit_event_id_seq rename to earlier_event_id_seq;
drop index audit_event_by_time, audit_event_by_account, audit_event_by_actor;

create table audit_event (
  id bigint generated always as identity,
  -- by the database's clock, when the transaction began: the months are those of this time
  recorded_at timestamptz not null default now(),
  -- by the clock of the process
  occurred_at timestamptz not null,
  type text not null,
  actor_kind text not null,
  actor_id text,
  actor_client_id text,
  client_id text,
  account_id text,
  ip text,
  user_agent text,
  request_id text,
  data jsonb not null,
  -- goes together with the personal part: ip, user_agent and the member change of data
  salt bytea,
  personal_hash bytea,
  seal_key text,
  seal bytea,
  constraint audit_event_pkey primary key (id, recorded_at)
) partition by range (recorded_at);
create table audit_event_rest partition of audit_event default;
create index audit_event_by_time on audit_event (occurred_at);
create index audit_event_by_account on audit_event (account_id, id) where account_id is not null;
create index audit_event_by_actor on audit_event (actor_id, id) where actor_kind = 'account';

-- What has no place in the chain yet: with the event, or not at all.
create table audit_queue (
  event_id bigint constraint audit_queue_pkey primary key,
  recorded_at timestamptz not null
);

create table audit_chain (
  seq bigint not null,
  chained_at timestamptz not null,
  event_id bigint not null,
  recorded_at timestamptz not null,
  seal bytea,
  key_id text not null,
  mac bytea not null,
  constraint audit_chain_pkey primary key (seq, chained_at)
) partition by range (chained_at);
create table audit_chain_rest partition of audit_chain default;
create index audit_chain_by_event on audit_chain (event_id);

create table audit_head (
  only_one boolean default true constraint audit_head_pkey primary key constraint audit_head_only_one check (only_one),
  chain_id uuid not null,
  seq bigint not null,
  mac bytea not null,
  chained_at timestamptz not null,
  checkpoint_seq bigint not null,
  checkpoint_at timestamptz not null,
  unsealed bigint not null,
  key_id text,
  proof bytea
);

create table audit_checkpoint (
  seq bigint constraint audit_checkpoint_pkey primary key,
  made_at timestamptz not null,
  token text not null
);

-- Months that were dropped, and with which link they ended.
create table audit_cut (
  before timestamptz constraint audit_cut_pkey primary key,
  seq bigint not null,
  token text not null
);

insert into audit_event (id, recorded_at, occurred_at, type, actor_kind, actor_id, actor_client_id, client_id, account_id, ip,
  user_agent, request_id, data) overriding system value
select id, occurred_at, occurred_at, type, actor_kind, actor_id, actor_client_id, client_id, account_id, ip, user_agent, request_id, data
from earlier_event;
drop table earlier_event;
select setval(pg_get_serial_sequence('audit_event', 'id'), (select max(id) from audit_event))
where exists (select from audit_event);
insert into audit_queue (event_id, recorded_at) select id, recorded_at from audit_event;
insert into audit_head (chain_id, seq, mac, chained_at, checkpoint_seq, checkpoint_at, unsealed)
select gen_random_uuid(), 0, decode(repeat('00', 32), 'hex'), '1970-01-01T00:00Z', 0, '1970-01-01T00:00Z', count(*) from audit_event;

-- Against mistakes. Whoever owns the tables can take it away, and verification tells what they have done then.
create function guard_audit() returns trigger language plpgsql set search_path from current as $$
begin
  if coalesce(current_setting('gatehouse.audit', true), '') <> 'open' then
    raise exception 'the audit log is only appended to' using errcode = 'insufficient_privilege';
  end if;
  if tg_op = 'DELETE' then return old; end if;
  if tg_op = 'UPDATE' then return new; end if;
  return null;
end
$$;
create trigger audit_event_guard before update or delete on audit_event for each row execute function guard_audit();
create trigger audit_event_truncate_guard before truncate on audit_event for each statement execute function guard_audit();
create trigger audit_chain_guard before update or delete on audit_chain for each row execute function guard_audit();
create trigger audit_chain_truncate_guard before truncate on audit_chain for each statement execute function guard_audit();

-- These three run with the rights of the owner, so that a role that may only append has no others.
create function erase_audit_personal(erased text) returns void language plpgsql security definer
  set search_path from current as $$
begin
  perform set_config('gatehouse.audit', 'open', true);
  update audit_event set data = data - 'change', ip = null, user_agent = null, salt = null
  where id in (
    select id from audit_event where account_id = erased
    union all select id from audit_event where actor_kind = 'account' and actor_id = erased
  );
  perform set_config('gatehouse.audit', '', true);
end
$$;

create function make_audit_months(ahead integer) returns integer language plpgsql security definer
  set search_path from current set timezone = 'UTC' as $$
declare
  base text;
  key text;
  month timestamptz;
  part text;
  grantee text;
  made integer := 0;
begin
  perform set_config('gatehouse.audit', 'open', true);
  foreach base in array array['audit_event', 'audit_chain'] loop
    key := case base when 'audit_event' then 'recorded_at' else 'chained_at' end;
    for month in execute format(
      'select date_trunc(''month'', now()) + n * interval ''1 month'' from generate_series(0, %s) n
       union select distinct date_trunc(''month'', %I) from %I_rest order by 1', ahead, key, base)
    loop
      part := base || to_char(month, '_YYYY_MM');
      continue when to_regclass(part) is not null;
      execute format('create table %I (like %I including all excluding identity)', part, base);
      execute format('with moved as (delete from %I_rest where %I >= %L and %I < %L returning *) insert into %I select * from moved',
        base, key, month, key, month + interval '1 month', part);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', base, part, month, month + interval '1 month');
      -- What default privileges have given away; the way to a partition is its table.
      for grantee in select distinct case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end
        from pg_class c, aclexplode(c.relacl) acl where c.oid = part::regclass and acl.grantee <> c.relowner
      loop
        execute format('revoke all on %I from %s', part, grantee);
      end loop;
      made := made + 1;
    end loop;
  end loop;
  perform set_config('gatehouse.audit', '', true);
  return made;
end
$$;

create function drop_audit_months(before timestamptz) returns integer language plpgsql security definer
  set search_path from current set timezone = 'UTC' as $$
declare
  part text;
  dropped integer := 0;
begin
  if before > date_trunc('month', now()) - interval '2 months' then
    raise exception 'months that are this young are kept' using errcode = 'insufficient_privilege';
  end if;
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('audit_event'::regclass, 'audit_chain'::regclass) and c.relname ~ '_\\d{4}_\\d{2}$'
      and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
    order by 1
  loop
    execute format('drop table %I', part);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$$;
revoke execute on function erase_audit_personal(text), make_audit_months(integer), drop_audit_months(timestamptz) from public;
do $$
begin
  -- Whoever may call them must not be able to put tables of their own in the place of these.
  execute format('alter function erase_audit_personal(text) set search_path = %I, pg_temp', current_schema());
  execute format('alter function make_audit_months(integer) set search_path = %I, pg_temp', current_schema());
  execute format('alter function drop_audit_months(timestamptz) set search_path = %I, pg_temp', current_schema());
end
$$;

select make_audit_months(2);
`;

export const down = `
alter table audit_event rename to later_event;
alter table later_event rename constraint audit_event_pkey to later_event_pkey;
alter sequence audit_event_id_seq rename to later_event_id_seq;
drop index audit_event_by_time, audit_event_by_account, audit_event_by_actor;
drop table audit_queue, audit_chain, audit_head, audit_checkpoint, audit_cut;
drop function drop_audit_months(timestamptz);
drop function make_audit_months(integer);
drop function erase_audit_personal(text);
create table audit_event (
  id bigint generated always as identity constraint audit_event_pkey primary key,
  occurred_at timestamptz not null,
  type text not null,
  actor_kind text not null,
  actor_id text,
  actor_client_id text,
  client_id text,
  account_id text,
  ip text,
  user_agent text,
  request_id text,
  data jsonb not null
);
create index audit_event_by_time on audit_event (occurred_at);
create index audit_event_by_account on audit_event (account_id, id) where account_id is not null;
create index audit_event_by_actor on audit_event (actor_id, id) where actor_kind = 'account';
insert into audit_event (id, occurred_at, type, actor_kind, actor_id, actor_client_id, client_id, account_id, ip, user_agent, request_id,
  data) overriding system value
select id, occurred_at, type, actor_kind, actor_id, actor_client_id, client_id, account_id, ip, user_agent, request_id, data
from later_event;
drop table later_event;
drop function guard_audit();
select setval(pg_get_serial_sequence('audit_event', 'id'), (select max(id) from audit_event))
where exists (select from audit_event);
`;
