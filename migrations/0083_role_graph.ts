/** What roles allow and which roles they contain; roles of clients; roles that end. */
export const up = `
alter table role
  add column updated_at timestamptz not null default now(),
  add column version integer not null default 1;
update role set updated_at = created_at;

create table role_permission (
  role_name text collate "C" not null constraint role_permission_role references role on delete cascade,
  -- the audience of a resource server, and a scope of it
  resource text collate "C" not null,
  scope text collate "C" not null,
  constraint role_permission_pkey primary key (role_name, resource, scope)
);
create index role_permission_by_scope on role_permission (resource, scope);

create table role_inclusion (
  role_name text collate "C" not null constraint role_inclusion_role references role on delete cascade,
  contained_name text collate "C" not null constraint role_inclusion_contained references role on delete cascade,
  constraint role_inclusion_pkey primary key (role_name, contained_name),
  constraint role_inclusion_other check (role_name <> contained_name)
);
create index role_inclusion_by_contained on role_inclusion (contained_name);

alter table account_role
  -- from then on it is as if the row were not there; the janitor removes it
  add column expires_at timestamptz;
create index account_role_by_expiry on account_role (expires_at) where expires_at is not null;

create table client_role (
  client_id text collate "C" not null constraint client_role_client references client on delete cascade,
  role_name text collate "C" not null constraint client_role_role references role,
  granted_at timestamptz not null,
  expires_at timestamptz,
  constraint client_role_pkey primary key (client_id, role_name)
);
create index client_role_by_role on client_role (role_name);
create index client_role_by_expiry on client_role (expires_at) where expires_at is not null;

-- Every process keeps all roles in memory, and the roles of a client with the client.
insert into change_mark (topic, mark) values ('role', gen_random_uuid());
create constraint trigger role_changed after insert or update or delete on role
  deferrable initially deferred for each row execute function leave_change_mark('role');
create constraint trigger role_permission_changed after insert or update or delete on role_permission
  deferrable initially deferred for each row execute function leave_change_mark('role');
create constraint trigger role_inclusion_changed after insert or update or delete on role_inclusion
  deferrable initially deferred for each row execute function leave_change_mark('role');
create constraint trigger client_role_changed after insert or update or delete on client_role
  deferrable initially deferred for each row execute function leave_change_mark('client');
`;

/** Roles mean nothing any more but their names; roles that would have ended do not. */
export const down = `
drop trigger role_changed on role;
delete from change_mark where topic = 'role';
drop table client_role, role_inclusion, role_permission;
drop index account_role_by_expiry;
alter table account_role drop column expires_at;
alter table role drop column version, drop column updated_at;
`;
