/** Passwords that another system has hashed, those that their owner must replace, and imports that can be gone on with. */
export const up = `
alter table password_credential
  alter column key_id drop not null,
  -- of a hash from elsewhere, which has no keyed step
  add column scheme text,
  -- milliseconds that one check takes
  add column work integer,
  -- the password is right and lets nobody in: a new one is to be set by mail
  add column must_reset boolean not null default false,
  add constraint password_credential_own_or_foreign
    check ((key_id is null) = (scheme is not null) and (scheme is null) = (work is null));
create index password_credential_foreign on password_credential (work) where scheme is not null;

insert into change_mark (topic, mark) values ('foreign_password', gen_random_uuid());

create table user_import (
  -- SHA-256 of the file and of how it is read
  id text collate "C" constraint user_import_pkey primary key,
  format text not null,
  -- rows of the file that are through
  position bigint not null,
  imported bigint not null,
  skipped bigint not null,
  refused bigint not null,
  -- of the imported, those who must set a new password
  must_reset bigint not null,
  -- how long the report was then
  report_bytes bigint not null,
  began_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz
);
`;

/** Whoever has not signed in since the import has no password any more. */
export const down = `
drop table user_import;
delete from change_mark where topic = 'foreign_password';
delete from password_credential where scheme is not null;
alter table password_credential
  drop constraint password_credential_own_or_foreign,
  drop column must_reset, drop column work, drop column scheme,
  alter column key_id set not null;
`;
