/** What operators look for over everybody: sessions in their order and by their public id, and what clients hold of people. */
export const up = `
-- Sessions that were begun before anybody noted it are in no list otherwise.
insert into session_detail (uid_hash, account_id, first_seen_at, last_seen_at)
select uid_hash, account_id, now(), now() from oidc_artifact
where model = 'Session' and uid_hash is not null and account_id is not null
on conflict do nothing;
create index session_detail_by_beginning on session_detail (first_seen_at, uid_hash);
create index session_detail_by_public_id on session_detail (left(encode(sha256(uid_hash), 'hex'), 32));

create index oidc_artifact_grant_by_client on oidc_artifact (client_id, account_id) where model = 'Grant';
drop index consent_by_client;
create index consent_by_client on consent (client_id, account_id);
`;

export const down = `
drop index consent_by_client;
create index consent_by_client on consent (client_id);
drop index oidc_artifact_grant_by_client, session_detail_by_public_id, session_detail_by_beginning;
`;
