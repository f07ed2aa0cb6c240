/** What the audit log knows of settings and schema, so that it can tell at a start what has changed since. One row. */
export const up = `
create table audit_known_start (
  only_one boolean default true constraint audit_known_start_pkey primary key
    constraint audit_known_start_only_one check (only_one),
  settings jsonb not null,
  -- hashes of secret settings; null before the first start
  secrets_encrypted text,
  migrations integer[] not null
);
insert into audit_known_start (settings, migrations) values ('{}', '{}');
`;

/** The next start tells all settings as new. */
export const down = `
drop table audit_known_start;
`;
