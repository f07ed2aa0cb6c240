/** Answers of the admin API that are given again to who repeats a request with the same Idempotency-Key. */
export const up = `
create table kept_answer (
  -- SHA-256 of who asks, what, and the key
  request_hash bytea constraint kept_answer_pkey primary key,
  -- null only while the request is being worked at, which nobody else sees
  answer_encrypted text collate "C",
  expires_at timestamptz not null
);
create index kept_answer_expires_at on kept_answer (expires_at);
`;

/** Requests that are repeated after that are done a second time. */
export const down = `
drop table kept_answer;
`;
