/** Resource servers that operators make: APIs that take our access tokens, their scopes, and the clients that may ask for them. */
export const up = `
create table resource_server (
  id text collate "C" constraint resource_server_pkey primary key,
  resource text collate "C" not null constraint resource_server_resource unique,
  name text not null,
  -- name, folded
  search_name text collate "C" not null,
  access_token_format text not null constraint resource_server_format_known check (access_token_format in ('jwt', 'opaque')),
  access_token_ttl integer not null,
  -- otherwise those of resource_server_client
  every_client boolean not null,
  scope_policy text not null constraint resource_server_policy_known check (scope_policy in ('narrow', 'refuse')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1,
  -- gone for everybody; the row keeps its resource from being used again until the consents are gone, too
  deleted_at timestamptz
);
create index resource_server_page on resource_server (created_at, id);
create index resource_server_by_search_name on resource_server (search_name);
create index resource_server_by_folded_resource on resource_server (lower(resource));
create index resource_server_deleted on resource_server (deleted_at) where deleted_at is not null;

create table resource_server_scope (
  resource_server_id text collate "C" not null constraint resource_server_scope_server references resource_server on delete cascade,
  name text collate "C" not null,
  position integer not null,
  description text not null,
  restricted boolean not null,
  constraint resource_server_scope_pkey primary key (resource_server_id, name)
);

create table resource_server_client (
  resource_server_id text collate "C" not null constraint resource_server_client_server references resource_server on delete cascade,
  client_id text collate "C" not null constraint resource_server_client_client references client on delete cascade,
  constraint resource_server_client_pkey primary key (resource_server_id, client_id)
);
create index resource_server_client_by_client on resource_server_client (client_id);

-- Who agreed to something about a resource server; most people have agreed to nothing of that kind.
create index consent_by_resource on consent using gin ((agreed -> 'resources')) where agreed -> 'resources' <> '{}'::jsonb;

-- Every change of scopes and clients changes the row of their resource server with them, but for a client that is deleted.
insert into change_mark (topic, mark) values ('resource_server', gen_random_uuid());
create constraint trigger resource_server_changed after update or delete on resource_server
  deferrable initially deferred for each row execute function leave_change_mark('resource_server');
create constraint trigger resource_server_client_changed after delete on resource_server_client
  deferrable initially deferred for each row execute function leave_change_mark('resource_server');
`;

/** Resource servers are lost, and no token can be got for them any more. */
export const down = `
delete from change_mark where topic = 'resource_server';
drop index consent_by_resource;
drop table resource_server_client, resource_server_scope, resource_server;
`;
