/** How far those outside have come who get the audit log. */
export const up = `
create table audit_sink (
  name text constraint audit_sink_pkey primary key,
  -- sequence number of the last event that it has, and of the last one before it was set up
  position bigint not null,
  since bigint not null,
  fence bigint not null default 0,
  shipped_at timestamptz,
  failures integer not null default 0,
  failed_at timestamptz,
  last_error text
);
`;

/** Loses how far they have come: they get nothing that happened before the next start. */
export const down = `
drop table audit_sink;
`;
