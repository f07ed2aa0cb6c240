/** A message that an operator has thrown away; and what is finished is forgotten after a while. */
export const up = `
alter table outbox_message drop constraint outbox_message_state_known;
alter table outbox_message add constraint outbox_message_state_known
  check (state in ('waiting', 'delivered', 'dead', 'expired', 'discarded'));
`;

export const down = `
update outbox_message set state = 'expired' where state = 'discarded';
alter table outbox_message drop constraint outbox_message_state_known;
alter table outbox_message add constraint outbox_message_state_known
  check (state in ('waiting', 'delivered', 'dead', 'expired'));
`;
