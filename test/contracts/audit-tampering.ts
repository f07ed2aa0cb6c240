/** What somebody does at a database prompt, and what verification says of it. `SEQ` stands for a place in the middle. */
export interface Tampering {
  title: string;
  sql: string[];
  found: object[];
}

const eventAt = (sequence: string): string => `(select event_id from audit_chain where seq = ${sequence})`;
export const middle = `id = ${eventAt('5')}`;
const changed = [{ kind: 'changed', sequence: 5 }];

const columns: readonly [column: string, value: string][] = [
  ['occurred_at', `occurred_at + interval '1 microsecond'`],
  ['type', `'signin.succeeded'`],
  ['actor_kind', `'system'`],
  ['actor_id', `'somebody else'`],
  ['actor_client_id', `'another app'`],
  ['client_id', `'another app'`],
  ['account_id', `'somebody else'`],
  ['ip', `'203.0.113.99'`],
  ['user_agent', 'null'],
  ['request_id', `'another'`],
  ['session_id', `'another'`],
  ['on_behalf_of', `'another'`],
  ['data', `data || '{"reason": "another"}'`],
  ['data', `data - 'change'`],
  ['salt', `decode(repeat('11', 16), 'hex')`],
  ['personal_hash', `decode(repeat('11', 32), 'hex')`],
  ['seal', `decode(repeat('11', 32), 'hex')`],
  ['seal', 'null'],
];

export const contents = `occurred_at, type, actor_kind, actor_id, actor_client_id, client_id, account_id, ip, user_agent, request_id, session_id,
  on_behalf_of, data, salt, personal_hash, seal_key, seal`;

export const tamperings: readonly Tampering[] = [
  ...columns.map(([column, value]) => ({
    title: `${column} set to ${value}`,
    sql: [`update audit_event set ${column} = ${value} where ${middle}`],
    found: changed,
  })),
  {
    title: 'the time by the database set to another',
    sql: [`update audit_event set recorded_at = recorded_at - interval '1 second' where ${middle}`],
    found: [...changed, { kind: 'unlinked', sequence: null, other: 4 }],
  },
  ...[1, 5, 9].map((sequence) => ({
    title: `the row of ${sequence} deleted`,
    sql: [`delete from audit_event where id = ${eventAt(String(sequence))}`],
    found: [{ kind: 'deleted', sequence }],
  })),
  {
    title: 'the contents of two rows swapped',
    sql: [
      `update audit_event e set (${contents}) = (select ${contents} from audit_event o
         where o.id = case e.id when ${eventAt('3')} then ${eventAt('7')} else ${eventAt('3')} end)
       where e.id in (${eventAt('3')}, ${eventAt('7')})`,
    ],
    found: [
      { kind: 'swapped', sequence: 3, other: 7 },
      { kind: 'swapped', sequence: 7, other: 3 },
    ],
  },
  {
    title: 'a row put in',
    sql: [
      `insert into audit_event (occurred_at, type, actor_kind, data) values (now(), 'signout', 'system', '{}')`,
    ],
    found: [{ kind: 'inserted', sequence: null, other: 9 }],
  },
  {
    title: 'a copy of a row put in',
    sql: [`insert into audit_event (${contents}) select ${contents} from audit_event where ${middle}`],
    found: [{ kind: 'unlinked', sequence: null, other: 9 }],
  },
  {
    title: 'a place taken away',
    sql: ['delete from audit_chain where seq = 5'],
    found: [
      { kind: 'missing', sequence: 5, until: 5 },
      { kind: 'unlinked', sequence: null, other: 4 },
    ],
  },
  {
    title: 'rows taken away with their places',
    sql: [
      `delete from audit_event where id in (${eventAt('5')}, ${eventAt('6')})`,
      'delete from audit_chain where seq in (5, 6)',
    ],
    found: [{ kind: 'missing', sequence: 5, until: 6 }],
  },
  {
    title: 'the last row taken away with its place',
    sql: [`delete from audit_event where id = ${eventAt('9')}`, 'delete from audit_chain where seq = 9'],
    found: [{ kind: 'missing', sequence: 9, until: 9 }],
  },
  {
    title: 'the last row taken away, and the end moved back',
    sql: [
      `delete from audit_event where id = ${eventAt('9')}`,
      'delete from audit_chain where seq = 9',
      'update audit_head set seq = 8, mac = (select mac from audit_chain where seq = 8)',
    ],
    found: [
      { kind: 'head_changed', sequence: 8 },
      { kind: 'truncated', sequence: 9 },
    ],
  },
  ...[
    ['its hash', `mac = decode(repeat('11', 32), 'hex')`],
    ['its time', `chained_at = chained_at + interval '1 microsecond'`],
    ['its seal', `seal = decode(repeat('11', 32), 'hex')`],
  ].map(([title, assignment]) => ({
    title: `a place with ${title} rewritten`,
    sql: [`update audit_chain set ${assignment} where seq = 5`],
    found: [{ kind: 'link_changed', sequence: 5 }],
  })),
  {
    title: 'a place with its row rewritten',
    sql: ['update audit_chain set event_id = 1000000 where seq = 5'],
    found: [
      { kind: 'link_changed', sequence: 5 },
      { kind: 'unlinked', sequence: null, other: 4 },
    ],
  },
  {
    title: 'a row with a key that nobody knows',
    sql: [`update audit_event set seal_key = 'another' where ${middle}`],
    found: [{ kind: 'unknown_key', sequence: 5 }],
  },
  {
    title: 'a place with a key that nobody knows',
    sql: [`update audit_chain set key_id = 'another' where seq = 5`],
    found: [{ kind: 'unknown_key', sequence: 5 }],
  },
  {
    title: 'two places that name each other’s rows',
    sql: [
      `update audit_chain c set (event_id, recorded_at, seal) = (select event_id, recorded_at, seal from audit_chain o where o.seq = 10 - c.seq)
       where c.seq in (3, 7)`,
    ],
    found: [
      { kind: 'link_changed', sequence: 3 },
      { kind: 'link_changed', sequence: 7 },
    ],
  },
  {
    title: 'a place put in beyond the end',
    sql: [
      `insert into audit_event (occurred_at, type, actor_kind, data) values (now(), 'signout', 'system', '{}')`,
      `insert into audit_chain (seq, chained_at, event_id, recorded_at, seal, key_id, mac)
       select 10, now(), max(id), max(recorded_at), null, 'tests', decode(repeat('11', 32), 'hex') from audit_event`,
    ],
    found: [{ kind: 'appended', sequence: 10 }],
  },
  {
    title: 'the beginning taken away',
    sql: [
      `delete from audit_event where id in (${eventAt('1')}, ${eventAt('2')})`,
      'delete from audit_chain where seq <= 2',
    ],
    found: [{ kind: 'missing', sequence: 1, until: 2 }],
  },
  {
    title: 'the beginning taken away, with a note that nobody has signed',
    sql: [
      `delete from audit_event where id in (${eventAt('1')}, ${eventAt('2')})`,
      'delete from audit_chain where seq <= 2',
      `insert into audit_cut (before, seq, token) values (now(), 2, 'e30.e30.e30')`,
    ],
    found: [
      { kind: 'missing', sequence: 1, until: 2 },
      { kind: 'cut_off', sequence: 2 },
    ],
  },
  {
    title: 'a checkpoint taken away',
    sql: ['delete from audit_checkpoint'],
    found: [{ kind: 'checkpoint_missing', sequence: 9 }],
  },
  {
    title: 'a checkpoint that nobody has signed',
    sql: [`update audit_checkpoint set token = 'e30.e30.e30'`],
    found: [{ kind: 'checkpoint_forged', sequence: 9 }],
  },
  {
    title: 'the personal part of somebody who is there taken away',
    sql: [
      `update audit_event set ip = null, user_agent = null, salt = null, data = data - 'change' where ${middle}`,
    ],
    found: [{ kind: 'personal_removed', sequence: 5 }],
  },
];
