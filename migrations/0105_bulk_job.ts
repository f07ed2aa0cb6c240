/** Many operations of the admin API that are run one after the other, with a result of each. */
export const up = `
create table bulk_job (
  id text collate "C" constraint bulk_job_pkey primary key,
  collection text collate "C" not null constraint bulk_job_collection_known check (collection in ('users', 'clients')),
  -- who asked: whoever may see it and stop it
  sub text collate "C" not null,
  client_id text collate "C" not null,
  -- what the token said and where it came from; never the token
  caller jsonb not null,
  is_dry_run boolean not null,
  total integer not null,
  done integer not null default 0,
  failed integer not null default 0,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  cancelled_at timestamptz
);
create index bulk_job_waiting on bulk_job (created_at, id) where finished_at is null;
create index bulk_job_by_caller on bulk_job (collection, sub, client_id, created_at, id);
create index bulk_job_by_time on bulk_job (created_at);

create table bulk_row (
  job_id text collate "C" not null constraint bulk_row_job references bulk_job on delete cascade,
  number integer not null,
  -- encrypted, since a password may be in it; null once it was run
  operation_encrypted text,
  status integer,
  object_id text,
  problem jsonb,
  constraint bulk_row_pkey primary key (job_id, number)
);
create index bulk_row_waiting on bulk_row (job_id, number) where status is null;
`;

export const down = `
drop table bulk_row, bulk_job;
`;
