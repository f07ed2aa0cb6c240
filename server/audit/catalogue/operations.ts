import { z } from 'zod';
import { accountId, change, clientId, notice, reason, text, warning } from './fields.ts';

const message = {
  messageId: text('T9vX4kq0bWm3sE7yLr2HcA', 'The delivery in the outbox.'),
  kind: text('password_reset', 'What was to be delivered.'),
  accountId: accountId.optional(),
};

const attribute = text('employee_number', 'The name of the attribute.');

const resourceServer = {
  resourceServerId: text('k1Xf8Zq0pR3nU6tY9wB2eQ', 'The resource server, as the admin API names it.'),
  resource: text('https://orders.example', 'Its audience.'),
};
const secretId = text('c3RvcmVkIGhlcmUgb25seQ', 'The secret, as lists of secrets name it.');

const job = {
  jobId: text('nA0fYx2wTq6mJc8R1sLkVg', 'The job, as the admin API names it.'),
  collection: text('users', 'Of which collection its operations are.'),
};

/** Clients, keys, settings, deliveries and copies of the data. */
export const operationsEvents = {
  'job.created': notice(
    'Many operations were asked for as one job; each is an event of its own when it is run.',
    {
      ...job,
      operations: z.int().meta({ examples: [250], description: 'How many.' }),
      dryRun: z.literal(true).optional(),
    },
  ),
  'job.cancelled': notice('A job was stopped before its end.', job),
  'client.created': notice('A client was registered.', {
    clientId,
    change: change({}, { client_name: 'Shop', redirect_uris: ['https://shop.example/cb'] }),
  }),
  'client.updated': notice('The registration of a client was changed.', {
    clientId,
    change: change({ client_name: 'Shop' }, { client_name: 'The shop' }),
  }),
  'client.deleted': notice('A client is gone, with everything that it held.', {
    clientId,
    change: change({ client_name: 'Shop' }, {}),
  }),
  'client.secret.created': notice('A client has one more secret.', {
    clientId,
    secretId,
    change: change({}, { description: 'Blue', expires_at: null }),
  }),
  'client.secret.changed': notice('A secret of a client has another end, or another name.', {
    clientId,
    secretId,
    change: change({ expires_at: null }, { expires_at: '2026-11-25T22:56:59.000Z' }),
  }),
  'client.secret.deleted': notice('A secret of a client was deleted.', {
    clientId,
    secretId,
    change: change({ description: 'Blue', expires_at: null }, {}),
  }),
  'client.secret.guessed': warning('Too many wrong secrets in the name of a client: it has to wait.', {
    clientId,
  }),
  'resource_server.created': notice('A resource server was made: an API that takes access tokens.', {
    ...resourceServer,
    change: change({}, { name: 'Orders', access_token_ttl: 600 }),
  }),
  'resource_server.updated': notice('A resource server was changed, or its scopes.', {
    ...resourceServer,
    change: change({ access_token_ttl: 600 }, { access_token_ttl: 60 }),
  }),
  'resource_server.deleted': notice('A resource server is gone; its tokens have ended.', {
    ...resourceServer,
    change: change({ name: 'Orders' }, {}),
  }),
  'attribute.defined': notice('An attribute of people was defined.', {
    attribute,
    change: change({}, { type: 'text', personAccess: 'read' }),
  }),
  'attribute.changed': notice('The definition of an attribute of people was changed.', {
    attribute,
    change: change({ personAccess: 'read' }, { personAccess: 'write' }),
  }),
  'attribute.deleted': notice('An attribute of people is gone, and its values with it.', { attribute }),
  'admin.refused': notice('A request to the admin API was refused.', {
    reason: reason('insufficient_scope'),
    route: text('POST /api/admin/v1/clients'),
  }),
  'admin.bootstrapped': warning('The first administrator was made.', {
    accountId,
    how: z.enum(['setting', 'link']),
  }),
  'setting.changed': warning('An operator changed a setting of the running server, or took that back.', {
    name: text('SIGN_UP'),
    change: change({ value: null }, { value: 'open' }),
  }),
  'key.created': notice('A signing key was made.', { kid: text('vW2Jt0oQe5A'), alg: text('RS256') }),
  'outbox.retried': notice('An operator had a dead delivery tried again.', message),
  'outbox.discarded': notice('An operator threw a delivery away.', message),
  'outbox.given_up': warning('A delivery was given up: it is dead, or of no use any more.', {
    ...message,
    state: z.enum(['dead', 'expired']),
    attempts: z.int().meta({ examples: [20] }),
  }),
  'audit.exported': notice('Events were taken out of the audit log. That it is looked at is no event.', {
    filter: z
      .record(z.string(), z.string())
      .meta({ examples: [{ type: 'user.*' }], description: 'What was asked for, without addresses.' }),
    after: z.int().meta({ examples: [0], description: 'The sequence number before the first.' }),
    until: z.int().meta({ examples: [5120], description: 'Where the log ended then.' }),
  }),
  'config.changed': notice('A server has started with other settings than the one before it.', {
    change: change({ GATEHOUSE_LOCKOUT_SOFT_AFTER: '5' }, { GATEHOUSE_LOCKOUT_SOFT_AFTER: '10' }),
  }),
  'schema.migrated': notice('The schema of the database has changed.', {
    applied: z.array(z.int()).meta({ examples: [[95, 96]] }),
    undone: z.array(z.int()).meta({ examples: [[]] }),
  }),
  'audit.cut': notice('Months of the audit log whose time was over were dropped.', {
    before: text('2025-10-01T00:00:00.000Z', 'Everything from before this moment.'),
    sequence: z.int().meta({ examples: [48_213] }),
  }),
  'database.backed_up': notice('The database was copied into a backup.', { withSecrets: z.boolean() }),
  'database.restored': warning('The database was filled from a backup.', {
    madeAt: text('2026-11-24T22:56:59.000Z', 'When the backup was made.'),
    sessionsEnded: z.boolean(),
  }),
  'database.moved': notice('The database was moved to another server.', {
    to: text('postgres://db.internal/gatehouse'),
  }),
  'people.exported': notice('People, clients and what belongs to them were written into a file.', {}),
  'people.imported': notice('They were taken over from the file of another server.', {
    madeAt: text('2026-11-24T22:56:59.000Z', 'When the file was made.'),
  }),
};
