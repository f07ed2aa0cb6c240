/** Keys of the step before hashing that came with an export, for the passwords that came with it. */
export const up = `
create table brought_password_key (
  id text collate "C" constraint brought_password_key_pkey primary key,
  -- AES-256-GCM under an encryption key named in the envelope
  key_encrypted text not null,
  brought_at timestamptz not null
);
`;

/** Whoever has not signed in since the import cannot sign in by password any more. */
export const down = `
drop table brought_password_key;
`;
