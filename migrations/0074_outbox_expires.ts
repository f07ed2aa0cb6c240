/** Finds what waits for a delivery that nobody makes, once it is of no use any more; earlier ones get an end of a day. */
export const up = `
update outbox_message set expires_at = created_at + interval '1 day'
where state = 'waiting' and kind = 'backchannel_logout' and expires_at is null;
create index outbox_message_expiring on outbox_message (expires_at) where state = 'waiting';
`;

export const down = `
drop index outbox_message_expiring;
`;
