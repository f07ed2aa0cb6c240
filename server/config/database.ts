import { z } from 'zod';
import { parseDatabaseUrl } from '../database-url.ts';
import * as kind from './kinds.ts';
import { section, setting } from './setting.ts';

const databaseUrl = z
  .string()
  .superRefine((text, context) => {
    const parsed = parseDatabaseUrl(text);
    if (parsed.kind === 'refused') context.addIssue({ code: 'custom', message: parsed.why });
  })
  .describe('PostgreSQL URL');

/** The database: which one, and how long anybody waits for it. docs/postgresql.md tells how these belong together. */
export const database = section('Database', {
  dataDir: setting({
    env: 'DATA_DIR',
    schema: kind.path,
    default: './data',
    doc: 'Folder of the embedded database and of the secrets made in evaluation mode. One process at a time.',
  }),
  url: setting({
    env: 'DATABASE_URL',
    schema: databaseUrl,
    secret: true,
    doc: 'An external PostgreSQL. Without it, in evaluation mode only, the embedded one in `GATEHOUSE_DATA_DIR` is used. Several hosts may be named (`one:5432,two:5432`); the first that takes writes is used. A host that is not this machine is spoken to by TLS, its certificate verified, unless `sslmode` says `disable` or `no-verify`.',
    example: 'postgres://gatehouse:PASSWORD@db.example.org/gatehouse?sslmode=verify-full',
  }),
  caFile: setting({
    env: 'DATABASE_CA_FILE',
    schema: kind.path,
    doc: 'PEM file with the authorities whose certificates the database may have, instead of the well-known ones. The same as `sslrootcert` in the URL.',
    example: '/etc/gatehouse/database-ca.crt',
  }),
  allowUnverified: setting({
    env: 'DATABASE_ALLOW_UNVERIFIED',
    schema: kind.boolean,
    default: false,
    doc: 'Unsafe. Lets a production server speak to a database on another machine without TLS, or without verifying whom it speaks to. For networks that encrypt and authenticate by themselves.',
  }),
  pooler: setting({
    env: 'DATABASE_POOLER',
    schema: kind.oneOf('none', 'transaction'),
    default: 'none',
    doc: 'Whether a pooler in transaction mode, such as pgbouncer, stands in front of the database. Nothing is then left on a session; the time limits of the server must be set on the role.',
  }),
  directUrl: setting({
    env: 'DATABASE_DIRECT_URL',
    schema: databaseUrl,
    secret: true,
    doc: 'The same database without the pooler: for migrations, and to hear of changes at once.',
    example: 'postgres://gatehouse:PASSWORD@db.example.org:5432/gatehouse?sslmode=verify-full',
  }),
  poolMax: setting({
    env: 'DATABASE_POOL_MAX',
    schema: kind.wholeNumber(2, 200),
    default: 10,
    doc: 'Connections to an external database that each worker may open for requests. One more looks for changes by others.',
  }),
  queueMax: setting({
    env: 'DATABASE_QUEUE_MAX',
    schema: kind.wholeNumber(1, 10_000),
    default: 200,
    doc: 'Callers of one worker that may wait for a free connection; more are answered with 503 at once.',
  }),
  acquireTimeout: setting({
    env: 'DATABASE_ACQUIRE_TIMEOUT',
    schema: kind.durationBetween('100ms', '1m'),
    default: '2500ms',
    doc: 'How long a request waits for a free connection before it is answered with 503.',
  }),
  connectTimeout: setting({
    env: 'DATABASE_CONNECT_TIMEOUT',
    schema: kind.durationBetween('100ms', '1m'),
    default: '2s',
    doc: 'How long opening a connection may take, all hosts of the URL together.',
  }),
  statementTimeout: setting({
    env: 'DATABASE_STATEMENT_TIMEOUT',
    schema: kind.durationBetween('100ms', '5m'),
    default: '3s',
    doc: 'How long one statement may take. The server is told to give it up then; if it does not even do that, the connection is cut.',
  }),
  requestTimeout: setting({
    env: 'DATABASE_REQUEST_TIMEOUT',
    schema: kind.durationBetween('100ms', '5m'),
    default: '4s',
    doc: 'How long one request may wait for the database, all in all, before it is answered with 503.',
  }),
  idleTransactionTimeout: setting({
    env: 'DATABASE_IDLE_TRANSACTION_TIMEOUT',
    schema: kind.durationBetween('1s', '5m'),
    default: '5s',
    doc: 'After how long the server ends a transaction in which nothing happens, and frees its locks: that of a process that hangs.',
  }),
});
