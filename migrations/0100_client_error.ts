/** Why clients were refused, by client, reason and hour. */
export const up = `
-- No reference to the client: who asks under an id that is registered no more is refused, too, and wants to know it.
create table client_error (
  -- follows from what is aggregated, so that all processes count in the same row
  id text collate "C" constraint client_error_pkey primary key,
  -- null: no registered client
  client_id text collate "C",
  code text collate "C" not null,
  endpoint text collate "C" not null,
  -- the OAuth error that was answered
  error text collate "C" not null,
  collective boolean not null,
  facts jsonb not null,
  times bigint not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- the last few, newest first
  samples jsonb not null
);
create index client_error_by_time on client_error (first_seen_at, id);
create index client_error_by_client on client_error (client_id, first_seen_at, id);
create index client_error_by_code on client_error (code, first_seen_at, id);
create index client_error_by_request on client_error using gin (samples jsonb_path_ops);
`;

export const down = `
drop table client_error;
`;
