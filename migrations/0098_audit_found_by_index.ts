/** The audit log is found by person, actor, client, type, address and request, each in the order in which it was recorded. */
export const up = `
drop index audit_event_by_time, audit_event_by_account, audit_event_by_actor;
create index audit_event_by_time on audit_event (recorded_at, id);
create index audit_event_by_account on audit_event (account_id, recorded_at, id) where account_id is not null;
create index audit_event_by_actor on audit_event (actor_id, recorded_at, id) where actor_id is not null;
create index audit_event_by_client on audit_event (client_id, recorded_at, id) where client_id is not null;
create index audit_event_by_type on audit_event (type, recorded_at, id);
create index audit_event_by_ip on audit_event (ip, recorded_at, id) where ip is not null;
create index audit_event_by_request on audit_event (request_id, recorded_at, id) where request_id is not null;
`;

export const down = `
drop index audit_event_by_time, audit_event_by_account, audit_event_by_actor, audit_event_by_client, audit_event_by_type,
  audit_event_by_ip, audit_event_by_request;
create index audit_event_by_time on audit_event (occurred_at);
create index audit_event_by_account on audit_event (account_id, id) where account_id is not null;
create index audit_event_by_actor on audit_event (actor_id, id) where actor_kind = 'account';
`;
